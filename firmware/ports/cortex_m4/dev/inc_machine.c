// The port's part of the module `machine`; extmod/modmachine.c includes it.
#include "dev/bus.h"
#include "dev/conductor.h"
#include "dev/pins.h"
#include "registers.h"

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_I2C), MP_ROM_PTR(&machine_i2c_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type) },

static void mp_machine_idle(void) {
    mp_event_wait_ms(1);
}

NORETURN static void mp_machine_reset(void) {
    SCB_AIRCR = AIRCR_KEY_AND_RESET;
    for (;;) {
    }
}

static mp_int_t mp_machine_reset_cause(void) {
    return 0;
}

static mp_obj_t mp_machine_unique_id(void) {
    return mp_obj_new_bytes(conductor_unique_id, sizeof(conductor_unique_id));
}

static mp_obj_t mp_machine_get_freq(void) {
    return mp_obj_new_int(CLOCK_HZ);
}

static void mp_machine_set_freq(size_t count, const mp_obj_t *arguments) {
    mp_raise_NotImplementedError(NULL);
}

static void mp_machine_lightsleep(size_t count, const mp_obj_t *arguments) {
    if (count == 0) {
        mp_event_wait_indefinite();
    } else {
        mp_hal_delay_ms(mp_obj_get_int(arguments[0]));
    }
}

NORETURN static void mp_machine_deepsleep(size_t count, const mp_obj_t *arguments) {
    mp_machine_lightsleep(count, arguments);
    mp_machine_reset();
}
