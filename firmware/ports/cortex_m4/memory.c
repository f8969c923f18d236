#include <string.h>
#include "py/gc.h"
#include "py/mphal.h"
#include "py/mpprint.h"
#include "py/stackctrl.h"
#include "host.h"
#include "memory.h"

#define LINE_BYTES 512
// Left below the stack's limit for C code that does not check it.
#define STACK_MARGIN_BYTES 1024
#define EXIT_LOST 98

extern uint32_t image_bss_end, image_stack_limit, image_stack_top;

char *memory_arguments(size_t *heap_bytes) {
    static char line[LINE_BYTES];
    host_command_line(line, sizeof(line));
    char *word = strchr(line, ' ');
    size_t bytes = 0;
    if (word != NULL) {
        for (++word; *word >= '0' && *word <= '9'; ++word) {
            bytes = bytes * 10 + (*word - '0');
        }
    }
    *heap_bytes = bytes;
    if (bytes == 0 || bytes > (size_t)((char *)&image_stack_limit - (char *)&image_bss_end)) {
        mp_printf(&mp_plat_print, "wanted a heap that fits and arguments, got: %s\n", line);
        return NULL;
    }
    return word;
}

void memory_start(size_t heap_bytes) {
    mp_stack_set_top(&image_stack_top);
    mp_stack_set_limit((char *)&image_stack_top - (char *)&image_stack_limit - STACK_MARGIN_BYTES);
    gc_init(&image_bss_end, (char *)&image_bss_end + heap_bytes);
}

void nlr_jump_fail(void *value) {
    mp_printf(&mp_plat_print, "an exception that nothing catches\n");
    host_exit(EXIT_LOST);
}
