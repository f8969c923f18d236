// Starts the board: files, then boot.py and main.py, then the prompt; a soft reset does it again.
#include "py/builtin.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"
#include "clock.h"
#include "conductor.h"
#include "flash.h"
#include "memory.h"
#include "pins.h"
#include "uart.h"

static void run_main(const char *board) {
    if (mp_import_stat("main.py") == MP_IMPORT_STAT_FILE) {
        pyexec_file("main.py");
    } else if (board != NULL) {
        mp_obj_list_append(mp_sys_argv, MP_OBJ_NEW_QSTR(MP_QSTR_));
        mp_obj_list_append(mp_sys_argv, mp_obj_new_str_from_cstr(board));
        pyexec_frozen_module("_main.py", true);
    }
}

static void run_prompt(void) {
    int is_left = 0;
    while (!is_left) {
        is_left = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
    }
}

int main(void) {
    size_t heap_bytes;
    char *arguments = memory_arguments(&heap_bytes);
    if (arguments == NULL) {
        return MEMORY_EXIT_USAGE;
    }
    clock_start();
    uart_start();
    pins_forget();
    const char *board = conductor_open(arguments);
    for (;;) {
        memory_start(heap_bytes);
        flash_forget_code();
        mp_init();
        pyexec_frozen_module("_boot.py", false);
        int result = pyexec_file_if_exists("boot.py");
        // A host that took the raw prompt before a soft reset wants no program to run after it.
        if (!(result & PYEXEC_FORCED_EXIT) && pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL) {
            run_main(board);
        }
        if (!(result & PYEXEC_FORCED_EXIT)) {
            run_prompt();
        }
        mp_printf(&mp_plat_print, "MPY: soft reboot\n");
        pins_forget();
        gc_sweep_all();
        mp_deinit();
    }
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}
