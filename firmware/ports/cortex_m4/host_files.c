// Files of the emulator's host: the built-in `open`, and imports from its folders.
#include <string.h>
#include "py/builtin.h"
#include "py/lexer.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "host.h"

// Mode numbers of SYS_OPEN, those of ISO C's fopen.
#define MODE_READ_BINARY 1
#define MODE_WRITE_BINARY 5
// Reason code of SYS_EXIT_EXTENDED that makes the second word the exit code.
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

static const mp_obj_type_t host_file_type;

typedef struct {
    mp_obj_base_t base;
    int handle;
} host_file_t;

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

static int host_open(const char *name, int mode) {
    const struct { const char *name; uint32_t mode, length; } words = {name, mode, strlen(name)};
    return host_call(HOST_OPEN, &words);
}

static void host_close(int handle) {
    const uint32_t words[1] = {handle};
    host_call(HOST_CLOSE, words);
}

// SYS_READ and SYS_WRITE give how many bytes were not moved; a failure leaves all of them.
static size_t host_move(int operation, int handle, const void *bytes, size_t count) {
    const struct { int handle; const void *bytes; uint32_t count; } words = {handle, bytes, count};
    uint32_t left = host_call(operation, &words);
    return left <= count ? count - left : 0;
}

static mp_uint_t host_file_move(int operation, mp_obj_t self_in, const void *bytes, mp_uint_t count, int *errcode) {
    host_file_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->handle < 0) {
        *errcode = MP_EBADF;
        return MP_STREAM_ERROR;
    }
    return host_move(operation, self->handle, bytes, count);
}

static mp_uint_t host_file_read(mp_obj_t self, void *bytes, mp_uint_t count, int *errcode) {
    return host_file_move(HOST_READ, self, bytes, count, errcode);
}

static mp_uint_t host_file_write(mp_obj_t self, const void *bytes, mp_uint_t count, int *errcode) {
    mp_uint_t moved = host_file_move(HOST_WRITE, self, bytes, count, errcode);
    if (moved == 0 && count != 0) {
        *errcode = MP_EIO;
        return MP_STREAM_ERROR;
    }
    return moved;
}

static mp_uint_t host_file_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t argument, int *errcode) {
    host_file_t *self = MP_OBJ_TO_PTR(self_in);
    if (request == MP_STREAM_CLOSE) {
        if (self->handle >= 0) {
            host_close(self->handle);
            self->handle = -1;
        }
        return 0;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}

static const mp_rom_map_elem_t host_file_table[] = {
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&mp_stream_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&mp_stream_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj) },
    { MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&mp_stream___exit___obj) },
};
static MP_DEFINE_CONST_DICT(host_file_dict, host_file_table);

static const mp_stream_p_t host_file_stream = {
    .read = host_file_read,
    .write = host_file_write,
    .ioctl = host_file_ioctl,
};

static MP_DEFINE_CONST_OBJ_TYPE(
    host_file_type, MP_QSTR_FileIO, MP_TYPE_FLAG_NONE, protocol, &host_file_stream, locals_dict, &host_file_dict
    );

// open(name, "rb" or "wb"): a file of bytes, nothing else.
static mp_obj_t builtin_open(size_t count, const mp_obj_t *arguments, mp_map_t *keywords) {
    const char *mode = count > 1 ? mp_obj_str_get_str(arguments[1]) : "";
    bool is_write = strcmp(mode, "wb") == 0;
    if (!is_write && strcmp(mode, "rb") != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("mode wanted: rb or wb"));
    }
    // The object first: when there is no room for it, no handle is lost.
    host_file_t *file = mp_obj_malloc_with_finaliser(host_file_t, &host_file_type);
    file->handle = -1;
    file->handle = host_open(mp_obj_str_get_str(arguments[0]), is_write ? MODE_WRITE_BINARY : MODE_READ_BINARY);
    if (file->handle < 0) {
        mp_raise_OSError_with_filename(host_call(HOST_ERRNO, NULL), mp_obj_str_get_str(arguments[0]));
    }
    return MP_OBJ_FROM_PTR(file);
}
MP_DEFINE_CONST_FUN_OBJ_KW(mp_builtin_open_obj, 1, builtin_open);

// Imports.

static bool host_has(const char *path) {
    int handle = host_open(path, MODE_READ_BINARY);
    if (handle < 0) {
        return false;
    }
    host_close(handle);
    return true;
}

mp_import_stat_t mp_import_stat(const char *path) {
    if (!host_has(path)) {
        return MP_IMPORT_STAT_NO_EXIST;
    }
    // The host opens a folder as it does a file, but has nothing below a file.
    vstr_t below;
    vstr_init(&below, strlen(path) + 3);
    vstr_add_str(&below, path);
    vstr_add_str(&below, "/.");
    bool is_folder = host_has(vstr_null_terminated_str(&below));
    vstr_clear(&below);
    return is_folder ? MP_IMPORT_STAT_DIR : MP_IMPORT_STAT_FILE;
}

static mp_uint_t reader_byte(void *data) {
    uint8_t byte;
    return host_move(HOST_READ, (int)(intptr_t)data, &byte, 1) == 1 ? byte : MP_READER_EOF;
}

static void reader_close(void *data) {
    host_close((int)(intptr_t)data);
}

mp_lexer_t *mp_lexer_new_from_file(qstr filename) {
    int handle = host_open(qstr_str(filename), MODE_READ_BINARY);
    if (handle < 0) {
        mp_raise_OSError_with_filename(host_call(HOST_ERRNO, NULL), qstr_str(filename));
    }
    mp_reader_t reader = {(void *)(intptr_t)handle, reader_byte, reader_close};
    return mp_lexer_new(filename, reader);
}
