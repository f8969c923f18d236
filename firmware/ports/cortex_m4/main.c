// Starts the interpreter: heap and arguments as the command line says, then the frozen module `boot`.
#include <stdlib.h>
#include <string.h>
#include "py/builtin.h"
#include "py/gc.h"
#include "py/runtime.h"
#include "py/stackctrl.h"
#include "py/stream.h"
#include "shared/runtime/gchelper.h"
#include "counters.h"
#include "host.h"

#define LINE_BYTES 512
// Left below the stack's limit for C code that does not check it.
#define STACK_MARGIN_BYTES 1024
#define EXIT_USAGE 97
#define EXIT_LOST 98

extern uint32_t image_bss_end, image_stack_limit, image_stack_top;

// Of `image HEAP_BYTES ARGUMENT...`: the heap, 0 when it does not fit; `*arguments` is what is behind it.
static size_t parse_heap(char *line, char **arguments) {
    char *word = strchr(line, ' ');
    size_t bytes = 0;
    if (word != NULL) {
        for (++word; *word >= '0' && *word <= '9'; ++word) {
            bytes = bytes * 10 + (*word - '0');
        }
        *arguments = word;
    }
    return bytes <= (size_t)((char *)&image_stack_limit - (char *)&image_bss_end) ? bytes : 0;
}

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
    static char line[LINE_BYTES];
    char *arguments = NULL;
    host_command_line(line, sizeof(line));
    size_t heap_bytes = parse_heap(line, &arguments);
    if (heap_bytes == 0) {
        mp_printf(&mp_plat_print, "wanted a heap that fits and arguments for boot.py, got: %s\n", line);
        return EXIT_USAGE;
    }
    counters_paint_stack();
    mp_stack_set_top(&image_stack_top);
    mp_stack_set_limit((char *)&image_stack_top - (char *)&image_stack_limit - STACK_MARGIN_BYTES);
    gc_init(&image_bss_end, (char *)&image_bss_end + heap_bytes);
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

void nlr_jump_fail(void *value) {
    mp_printf(&mp_plat_print, "an exception that nothing catches\n");
    host_exit(EXIT_LOST);
}
