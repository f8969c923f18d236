// The port's part of the module `os`; extmod/modos.c includes it.
#include "py/mperrno.h"
#include "host.h"

static mp_obj_t mp_os_urandom(mp_obj_t count_in) {
    mp_int_t count = mp_obj_get_int(count_in);
    vstr_t bytes;
    vstr_init_len(&bytes, count);
    int handle = host_open("/dev/urandom", HOST_MODE_READ);
    size_t moved = handle < 0 ? 0 : host_read(handle, bytes.buf, count);
    host_close(handle);
    if (moved != (size_t)count) {
        mp_raise_OSError(MP_EIO);
    }
    return mp_obj_new_bytes_from_vstr(&bytes);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mp_os_urandom_obj, mp_os_urandom);
