// The emulator's host, by Arm's semihosting. Operations and their words are as QEMU 7.2 takes them (tried there).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "py/obj.h"

enum {
    HOST_OPEN = 0x01,
    HOST_CLOSE = 0x02,
    HOST_WRITE = 0x05,
    HOST_READ = 0x06,
    HOST_ERRNO = 0x13,
    HOST_GET_CMDLINE = 0x15,
    HOST_EXIT_EXTENDED = 0x20,
};

// Mode numbers of HOST_OPEN, those of ISO C's fopen: of bytes.
enum {
    HOST_MODE_READ = 1,
    HOST_MODE_WRITE = 5,
};

// One call; what it gives and which words it takes is the operation's own.
int host_call(int operation, const void *words);

// Ends the emulator with this exit code.
NORETURN void host_exit(int code);

// The words of the command line, the image's name first; gives the length, which is at most `room - 1`.
size_t host_command_line(char *line, size_t room);

// A file of the host; gives its handle, below 0 when it cannot be opened (HOST_ERRNO says why).
int host_open(const char *name, int mode);
void host_close(int handle);

// Give how many bytes were moved.
size_t host_read(int handle, void *bytes, size_t room);
size_t host_write(int handle, const void *bytes, size_t count);
