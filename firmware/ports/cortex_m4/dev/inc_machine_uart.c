// The port's part of machine.UART, which is the frames' UART and no other; extmod/machine_uart.c includes it.
#include "py/mperrno.h"
#include "py/mphal.h"
#include "dev/uart.h"

#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS

struct _machine_uart_obj_t {
    mp_obj_base_t base;
};
static const machine_uart_obj_t frames_uart = {{&machine_uart_type}};

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self, mp_print_kind_t kind) {
    mp_printf(print, "UART(%u)", UART_FRAMES);
}

static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t count, const mp_obj_t *positional,
    mp_map_t *keywords) {
    // The emulator sends at once, whatever the rate; its buffer is as long as it is.
    static const mp_arg_t allowed[] = {
        { MP_QSTR_baudrate, MP_ARG_INT, {.u_int = 115200} },
        { MP_QSTR_tx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_rx, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_rxbuf, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0} },
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(count, positional, keywords, MP_ARRAY_SIZE(allowed), allowed, values);
}

static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type, size_t count, size_t keyword_count,
    const mp_obj_t *arguments) {
    mp_arg_check_num(count, keyword_count, 1, MP_OBJ_FUN_ARGS_MAX, true);
    if (mp_obj_get_int(arguments[0]) != UART_FRAMES) {
        mp_raise_ValueError(MP_ERROR_TEXT("UART wanted: 1"));
    }
    mp_map_t keywords;
    mp_map_init_fixed_table(&keywords, keyword_count, arguments + count);
    mp_machine_uart_init_helper((machine_uart_obj_t *)&frames_uart, count - 1, arguments + 1, &keywords);
    return MP_OBJ_FROM_PTR(&frames_uart);
}

static void mp_machine_uart_deinit(machine_uart_obj_t *self) {
}

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self) {
    return uart_waiting(UART_FRAMES);
}

static bool mp_machine_uart_txdone(machine_uart_obj_t *self) {
    return uart_can_send(UART_FRAMES);
}

static mp_uint_t mp_machine_uart_read(mp_obj_t self, void *bytes, mp_uint_t room, int *errcode) {
    size_t count = uart_read(UART_FRAMES, bytes, room);
    if (count == 0 && room != 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return count;
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self, const void *bytes, mp_uint_t count, int *errcode) {
    size_t sent = uart_send(UART_FRAMES, bytes, count);
    if (sent == 0 && count != 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return sent;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t flags, int *errcode) {
    if (request != MP_STREAM_POLL) {
        *errcode = MP_EINVAL;
        return MP_STREAM_ERROR;
    }
    mp_uint_t ready = 0;
    if (flags & MP_STREAM_POLL_RD && uart_waiting(UART_FRAMES)) {
        ready |= MP_STREAM_POLL_RD;
    }
    if (flags & MP_STREAM_POLL_WR && uart_can_send(UART_FRAMES)) {
        ready |= MP_STREAM_POLL_WR;
    }
    return ready;
}
