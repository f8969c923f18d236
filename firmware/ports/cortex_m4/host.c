// Calls of the emulator's host, by Arm's semihosting.
#include <string.h>
#include "host.h"

// Reason code of SYS_EXIT_EXTENDED that makes the second word the exit code.
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

int host_call(int operation, const void *words) {
    register int result __asm__("r0") = operation;
    register const void *block __asm__("r1") = words;
    __asm volatile ("bkpt 0xab" : "+r" (result) : "r" (block) : "memory");
    return result;
}

NORETURN void host_exit(int code) {
    const uint32_t words[2] = {ADP_STOPPED_APPLICATION_EXIT, code};
    host_call(HOST_EXIT_EXTENDED, words);
    for (;;) {
    }
}

size_t host_command_line(char *line, size_t room) {
    struct { char *line; uint32_t length; } words = {line, room};
    if (host_call(HOST_GET_CMDLINE, &words) != 0) {
        return 0;
    }
    return words.length;
}

int host_open(const char *name, int mode) {
    const struct { const char *name; uint32_t mode, length; } words = {name, mode, strlen(name)};
    return host_call(HOST_OPEN, &words);
}

void host_close(int handle) {
    const uint32_t words[1] = {handle};
    host_call(HOST_CLOSE, words);
}

// The host gives how many bytes were not moved; a failure leaves all of them.
static size_t moved(uint32_t left, size_t count) {
    return left <= count ? count - left : 0;
}

size_t host_read(int handle, void *bytes, size_t room) {
    const struct { int handle; void *bytes; uint32_t room; } words = {handle, bytes, room};
    return moved(host_call(HOST_READ, &words), room);
}

size_t host_write(int handle, const void *bytes, size_t count) {
    const struct { int handle; const void *bytes; uint32_t count; } words = {handle, bytes, count};
    return moved(host_call(HOST_WRITE, &words), count);
}
