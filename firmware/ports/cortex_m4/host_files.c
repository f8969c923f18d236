// Files of the emulator's host: the built-in `open`, and imports from its folders.
#include <string.h>
#include "py/builtin.h"
#include "py/lexer.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "host.h"

static const mp_obj_type_t host_file_type;

typedef struct {
    mp_obj_base_t base;
    int handle;
} host_file_t;

static bool is_open(const host_file_t *self, int *errcode) {
    if (self->handle < 0) {
        *errcode = MP_EBADF;
    }
    return self->handle >= 0;
}

static mp_uint_t host_file_read(mp_obj_t self_in, void *bytes, mp_uint_t count, int *errcode) {
    host_file_t *self = MP_OBJ_TO_PTR(self_in);
    return is_open(self, errcode) ? host_read(self->handle, bytes, count) : MP_STREAM_ERROR;
}

static mp_uint_t host_file_write(mp_obj_t self_in, const void *bytes, mp_uint_t count, int *errcode) {
    host_file_t *self = MP_OBJ_TO_PTR(self_in);
    if (!is_open(self, errcode)) {
        return MP_STREAM_ERROR;
    }
    mp_uint_t moved = host_write(self->handle, bytes, count);
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
    file->handle = host_open(mp_obj_str_get_str(arguments[0]), is_write ? HOST_MODE_WRITE : HOST_MODE_READ);
    if (file->handle < 0) {
        mp_raise_OSError_with_filename(host_call(HOST_ERRNO, NULL), mp_obj_str_get_str(arguments[0]));
    }
    return MP_OBJ_FROM_PTR(file);
}
MP_DEFINE_CONST_FUN_OBJ_KW(mp_builtin_open_obj, 1, builtin_open);

// Imports.

static bool host_has(const char *path) {
    int handle = host_open(path, HOST_MODE_READ);
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
    return host_read((int)(intptr_t)data, &byte, 1) == 1 ? byte : MP_READER_EOF;
}

static void reader_close(void *data) {
    host_close((int)(intptr_t)data);
}

mp_lexer_t *mp_lexer_new_from_file(qstr filename) {
    int handle = host_open(qstr_str(filename), HOST_MODE_READ);
    if (handle < 0) {
        mp_raise_OSError_with_filename(host_call(HOST_ERRNO, NULL), qstr_str(filename));
    }
    mp_reader_t reader = {(void *)(intptr_t)handle, reader_byte, reader_close};
    return mp_lexer_new(filename, reader);
}
