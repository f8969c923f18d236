// machine.I2C: MicroPython's own class, each transfer of which is one exchange with the conductor.
#include "py/runtime.h"
#include "extmod/modmachine.h"
#include "bus.h"
#include "conductor.h"

static const mp_obj_base_t bus = {&machine_i2c_type};

static mp_obj_t bus_make_new(const mp_obj_type_t *type, size_t count, size_t keyword_count, const mp_obj_t *arguments) {
    // Pins and rate are the conductor's: there is one bus, and it is taken as one of 400 kHz.
    mp_arg_check_num(count, keyword_count, 1, MP_OBJ_FUN_ARGS_MAX, true);
    return MP_OBJ_FROM_PTR(&bus);
}

static int bus_transfer(mp_obj_base_t *self, uint16_t address, size_t count, mp_machine_i2c_buf_t *parts,
    unsigned int flags) {
    if (!(flags & MP_MACHINE_I2C_FLAG_READ)) {
        return conductor_exchange(CONDUCTOR_BUS_WRITE, 0, address, 0, parts, count, NULL, 0);
    }
    size_t written = flags & MP_MACHINE_I2C_FLAG_WRITE1 ? 1 : 0;
    // The classes above read into one buffer.
    mp_machine_i2c_buf_t *into = &parts[written];
    int operation = written ? CONDUCTOR_BUS_WRITE_READ : CONDUCTOR_BUS_READ;
    return conductor_exchange(operation, 0, address, into->len, parts, written, into->buf, into->len);
}

static const mp_machine_i2c_p_t bus_protocol = {
    .transfer_supports_write1 = true,
    .transfer = bus_transfer,
};

MP_DEFINE_CONST_OBJ_TYPE(
    machine_i2c_type, MP_QSTR_I2C, MP_TYPE_FLAG_NONE, make_new, bus_make_new, protocol, &bus_protocol,
    locals_dict, &mp_machine_i2c_locals_dict
    );
