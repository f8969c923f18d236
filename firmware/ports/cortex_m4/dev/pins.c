// machine.Pin: pins are numbers that the conductor knows.
#include "py/runtime.h"
#include "conductor.h"
#include "pins.h"

#define PIN_COUNT 16
#define ALL_HIGH ((1u << PIN_COUNT) - 1)
// Number, mode, pull.
#define MOST_POSITIONAL 3

enum { PIN_IN = 0, PIN_OUT = 1 };
enum { PULL_UP = 1, PULL_DOWN = 2 };
enum { EDGE_RISING = 1, EDGE_FALLING = 2 };

typedef struct {
    mp_obj_base_t base;
    uint8_t id, edges;
    // As the handler saw it last.
    bool was_high;
} pin_t;

static pin_t pins[PIN_COUNT];
static uint32_t levels_now = ALL_HIGH, changed_inputs;
static mp_sched_node_t ask_node, call_node;

static bool is_high(const pin_t *pin) {
    return levels_now >> pin->id & 1;
}

static void call_handler(pin_t *pin) {
    bool was_high = pin->was_high;
    pin->was_high = is_high(pin);
    // A level that is as before went there and back.
    unsigned seen = EDGE_RISING | EDGE_FALLING;
    if (was_high != pin->was_high) {
        seen = pin->was_high ? EDGE_RISING : EDGE_FALLING;
    }
    mp_obj_t handler = MP_STATE_PORT(pin_handlers)[pin->id];
    if (seen & pin->edges && handler != MP_OBJ_NULL) {
        mp_call_function_1_protected(handler, MP_OBJ_FROM_PTR(pin));
    }
}

static void call_handlers(mp_sched_node_t *node) {
    uint32_t changed = changed_inputs;
    changed_inputs = 0;
    for (int id = 0; id < PIN_COUNT; ++id) {
        if (changed >> id & 1) {
            call_handler(&pins[id]);
        }
    }
}

static void ask(mp_sched_node_t *node) {
    conductor_exchange(CONDUCTOR_PINS, 0, 0, 0, NULL, 0, NULL, 0);
}

void pins_take(uint32_t levels, uint32_t changed) {
    levels_now = levels;
    changed_inputs |= changed;
    if (changed) {
        mp_sched_schedule_node(&call_node, call_handlers);
    }
}

void pins_ask(void) {
    mp_sched_schedule_node(&ask_node, ask);
}

void pins_forget(void) {
    for (int id = 0; id < PIN_COUNT; ++id) {
        MP_STATE_PORT(pin_handlers)[id] = MP_OBJ_NULL;
    }
}

static void set_level(const pin_t *pin, mp_obj_t level) {
    conductor_exchange(CONDUCTOR_PIN_WRITE, pin->id, 0, mp_obj_is_true(level), NULL, 0, NULL, 0);
}

static mp_obj_t pin_init(size_t count, const mp_obj_t *positional, mp_map_t *keywords) {
    enum { ARG_mode, ARG_pull, ARG_value };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_mode, MP_ARG_INT, {.u_int = -1} },
        { MP_QSTR_pull, MP_ARG_INT, {.u_int = -1} },
        { MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL} },
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(count - 1, positional + 1, keywords, MP_ARRAY_SIZE(allowed), allowed, values);
    pin_t *pin = MP_OBJ_TO_PTR(positional[0]);
    if (values[ARG_mode].u_int >= 0) {
        bool is_output = values[ARG_mode].u_int == PIN_OUT;
        conductor_exchange(CONDUCTOR_PIN_MODE, pin->id, 0, is_output, NULL, 0, NULL, 0);
    }
    if (values[ARG_value].u_obj != MP_OBJ_NULL) {
        set_level(pin, values[ARG_value].u_obj);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_init_obj, 1, pin_init);

static mp_obj_t pin_make_new(const mp_obj_type_t *type, size_t count, size_t keyword_count, const mp_obj_t *arguments) {
    mp_arg_check_num(count, keyword_count, 1, MOST_POSITIONAL, true);
    mp_int_t id = mp_obj_get_int(arguments[0]);
    if (id < 0 || id >= PIN_COUNT) {
        mp_raise_ValueError(MP_ERROR_TEXT("pin wanted: 0 to 15"));
    }
    pin_t *pin = &pins[id];
    pin->base.type = type;
    pin->id = id;
    mp_obj_t initial[MOST_POSITIONAL] = {MP_OBJ_FROM_PTR(pin)};
    for (size_t index = 1; index < count; ++index) {
        initial[index] = arguments[index];
    }
    mp_map_t keywords;
    mp_map_init_fixed_table(&keywords, keyword_count, arguments + count);
    pin_init(count, initial, &keywords);
    return MP_OBJ_FROM_PTR(pin);
}

static mp_obj_t pin_call(mp_obj_t self, size_t count, size_t keyword_count, const mp_obj_t *arguments) {
    mp_arg_check_num(count, keyword_count, 0, 1, false);
    pin_t *pin = MP_OBJ_TO_PTR(self);
    if (count == 0) {
        return MP_OBJ_NEW_SMALL_INT(is_high(pin));
    }
    set_level(pin, arguments[0]);
    return mp_const_none;
}

static mp_obj_t pin_value(size_t count, const mp_obj_t *arguments) {
    return pin_call(arguments[0], count - 1, 0, arguments + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_irq(size_t count, const mp_obj_t *positional, mp_map_t *keywords) {
    enum { ARG_handler, ARG_trigger };
    static const mp_arg_t allowed[] = {
        { MP_QSTR_handler, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_trigger, MP_ARG_INT, {.u_int = EDGE_RISING | EDGE_FALLING} },
    };
    mp_arg_val_t values[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(count - 1, positional + 1, keywords, MP_ARRAY_SIZE(allowed), allowed, values);
    pin_t *pin = MP_OBJ_TO_PTR(positional[0]);
    mp_obj_t handler = values[ARG_handler].u_obj;
    pin->edges = values[ARG_trigger].u_int;
    pin->was_high = is_high(pin);
    MP_STATE_PORT(pin_handlers)[pin->id] = handler == mp_const_none ? MP_OBJ_NULL : handler;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_irq_obj, 1, pin_irq);

static const mp_rom_map_elem_t pin_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pin_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&pin_value_obj) },
    { MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&pin_irq_obj) },
    { MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(PIN_IN) },
    { MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(PIN_OUT) },
    { MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(PULL_UP) },
    { MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(PULL_DOWN) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(EDGE_RISING) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(EDGE_FALLING) },
};
static MP_DEFINE_CONST_DICT(pin_dict, pin_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE, make_new, pin_make_new, call, pin_call, locals_dict, &pin_dict
    );

MP_REGISTER_ROOT_POINTER(mp_obj_t pin_handlers[16]);
