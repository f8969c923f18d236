// Starts the interpreter: heap and arguments as the command line says, then the frozen module `boot`.
#include <string.h>
#include "py/builtin.h"
#include "py/gc.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/runtime/gchelper.h"
#include "counters.h"
#include "memory.h"
#include "registers.h"

static void fill_argv(char *arguments) {
    mp_obj_list_append(mp_sys_argv, MP_OBJ_NEW_QSTR(MP_QSTR_boot));
    while (*arguments == ' ') {
        char *word = arguments + 1;
        arguments = word + strcspn(word, " ");
        mp_obj_list_append(mp_sys_argv, mp_obj_new_str(word, arguments - word));
    }
}

static int run(char *arguments) {
    nlr_buf_t jump;
    if (nlr_push(&jump) == 0) {
        fill_argv(arguments);
        mp_import_name(MP_QSTR_boot, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
        nlr_pop();
        return 0;
    }
    mp_obj_t error = MP_OBJ_FROM_PTR(jump.ret_val);
    if (mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(error)), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        mp_obj_t code = mp_obj_exception_get_value(error);
        return code == mp_const_none ? 0 : mp_obj_get_int(code);
    }
    mp_obj_print_exception(&mp_plat_print, error);
    return 1;
}

int main(void) {
    size_t heap_bytes;
    char *arguments = memory_arguments(&heap_bytes);
    if (arguments == NULL) {
        return MEMORY_EXIT_USAGE;
    }
    counters_paint_stack();
    memory_start(heap_bytes);
    mp_init();
    return run(arguments);
}

void gc_collect(void) {
    bool is_counted = counters_are_on();
    if (is_counted) {
        counters_before_collection();
    }
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
    if (is_counted) {
        counters_after_collection();
    }
}

int mp_hal_stdin_rx_chr(void) {
    mp_raise_type(&mp_type_EOFError);
}

uintptr_t mp_hal_stdio_poll(uintptr_t flags) {
    return flags & MP_STREAM_POLL_WR;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    for (size_t index = 0; index < length; ++index) {
        while (UART(0)->state & UART_TRANSMIT_FULL) {
        }
        UART(0)->data = text[index];
    }
    return length;
}
