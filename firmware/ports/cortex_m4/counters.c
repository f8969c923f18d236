// The module `counters`: instructions, allocation and stack of the firmware, without what the simulation takes.
//
// With QEMU's `-icount shift=8` one instruction is 256 ns of the emulator's time, and the board's first timer (a CMSDK
// APB timer at 25 MHz) counts down 6.4 times in it, so a reading gives the count to the instruction.
#include <string.h>
#include "py/binary.h"
#include "py/gc.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "counters.h"
#include "registers.h"

// 40 ns a tick, 256 ns an instruction.
#define TICK_NS 40u
#define INSTRUCTION_NS 256u

// Below the sign of a small integer.
#define COUNT_MASK 0x3fffffffu
#define STACK_PAINT 0xa5a5a5a5u
// Calls until every cache that a call goes through has its entry.
#define CALIBRATION_ROUNDS 4

#define MOST_TASKS 16

// The payload of `COST`, as docs/conductor.md has it.
typedef struct {
    char name[24];
    uint32_t budget, steps, instructions, most_instructions, allocated_bytes;
} task_cost_t;

typedef struct {
    uint32_t instructions, collecting_instructions, collections, allocated_bytes;
    uint32_t most_used_bytes, alive_bytes, most_alive_bytes, most_stack_bytes;
    task_cost_t tasks[MOST_TASKS];
} report_t;

extern uint32_t image_stack_limit, image_stack_top;

static bool is_on, is_paused;
static uint32_t resumed_at, bracket_instructions;
static uint32_t untaken_instructions, all_instructions;
static uint32_t collecting_instructions, collections;
static uint32_t collection_began_at, used_before_collection;
static uint32_t freed_bytes, most_used_bytes, alive_bytes, most_alive_bytes;

static report_t report;
static size_t task_count;
static task_cost_t *stepping;
static uint32_t instructions_before, allocated_before;
// Not of the heap, which is what is measured.
static mp_obj_array_t report_bytes = {{&mp_type_bytearray}, BYTEARRAY_TYPECODE, 0, 0, &report};

bool counters_are_on(void) {
    return is_on;
}

static uint32_t instructions_since(uint32_t then) {
    uint64_t ticks = then - TIMER->value;
    return (ticks * TICK_NS + INSTRUCTION_NS / 2) / INSTRUCTION_NS;
}

static uint32_t used_bytes(void) {
    gc_info_t info;
    gc_info(&info);
    return info.used;
}

static void count_until_now(uint32_t left_out) {
    if (!is_paused) {
        uint32_t spent = instructions_since(resumed_at);
        spent = spent > left_out ? spent - left_out : 0;
        all_instructions += spent;
        untaken_instructions += spent;
    }
}

void counters_before_collection(void) {
    // The look at the heap is not the firmware's: what it takes is left out of both counts.
    count_until_now(0);
    used_before_collection = used_bytes();
    most_used_bytes = MAX(most_used_bytes, used_before_collection);
    collection_began_at = TIMER->value;
}

void counters_after_collection(void) {
    if (!is_paused) {
        uint32_t spent = instructions_since(collection_began_at);
        collecting_instructions += spent;
        untaken_instructions += spent;
        ++collections;
    }
    alive_bytes = used_bytes();
    most_alive_bytes = MAX(most_alive_bytes, alive_bytes);
    freed_bytes += used_before_collection - alive_bytes;
    resumed_at = TIMER->value;
}

void counters_paint_stack(void) {
    uint32_t here;
    for (uint32_t *word = &image_stack_limit; word < &here; ++word) {
        *(volatile uint32_t *)word = STACK_PAINT;
    }
}

static uint32_t most_stack_bytes(void) {
    const uint32_t *word = &image_stack_limit;
    while (word < &image_stack_top && *word == STACK_PAINT) {
        ++word;
    }
    return (const char *)&image_stack_top - (const char *)word;
}

// pause(): what runs until `resume` is the simulation's.
static mp_obj_t counters_pause(void) {
    if (is_on) {
        count_until_now(bracket_instructions);
    }
    is_paused = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_pause_obj, counters_pause);

// resume(): what runs from here on is the firmware's.
static mp_obj_t counters_resume(void) {
    is_paused = false;
    resumed_at = TIMER->value;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_resume_obj, counters_resume);

// take(): instructions until the last pause that were not taken before, those of collections too.
static mp_obj_t counters_take(void) {
    uint32_t taken = MIN(untaken_instructions, COUNT_MASK);
    untaken_instructions = 0;
    return MP_OBJ_NEW_SMALL_INT(taken);
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_take_obj, counters_take);

// computed(): instructions until the last pause modulo 2^30, those of collections left out.
static mp_obj_t counters_computed(void) {
    return MP_OBJ_NEW_SMALL_INT(all_instructions & COUNT_MASK);
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_computed_obj, counters_computed);

// allocated(): bytes taken from the heap modulo 2^30; what was given back without a collection is left out.
static mp_obj_t counters_allocated(void) {
    return MP_OBJ_NEW_SMALL_INT((used_bytes() + freed_bytes) & COUNT_MASK);
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_allocated_obj, counters_allocated);

static uint32_t allocated_bytes(void) {
    return used_bytes() + freed_bytes;
}

// enter(name, budget): a step of this task begins.
static mp_obj_t counters_enter(mp_obj_t name_in, mp_obj_t budget) {
    const char *name = mp_obj_str_get_str(name_in);
    size_t number = 0;
    while (number < task_count && strncmp(report.tasks[number].name, name, sizeof(stepping->name)) != 0) {
        ++number;
    }
    if (number == MOST_TASKS) {
        mp_raise_ValueError(MP_ERROR_TEXT("too many tasks"));
    }
    stepping = &report.tasks[number];
    if (number == task_count) {
        ++task_count;
        strncpy(stepping->name, name, sizeof(stepping->name));
        stepping->budget = mp_obj_get_int(budget);
    }
    instructions_before = all_instructions;
    allocated_before = allocated_bytes();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(counters_enter_obj, counters_enter);

// leave(): the step ends.
static mp_obj_t counters_leave(void) {
    uint32_t instructions = all_instructions - instructions_before;
    ++stepping->steps;
    stepping->instructions += instructions;
    stepping->most_instructions = MAX(stepping->most_instructions, instructions);
    stepping->allocated_bytes += allocated_bytes() - allocated_before;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_leave_obj, counters_leave);

// report(): what there is to tell.
static mp_obj_t counters_report(void) {
    report.instructions = all_instructions;
    report.collecting_instructions = collecting_instructions;
    report.collections = collections;
    report.allocated_bytes = allocated_bytes();
    report.most_used_bytes = MAX(most_used_bytes, used_bytes());
    report.alive_bytes = alive_bytes;
    report.most_alive_bytes = most_alive_bytes;
    report.most_stack_bytes = most_stack_bytes();
    report_bytes.len = offsetof(report_t, tasks) + task_count * sizeof(task_cost_t);
    return MP_OBJ_FROM_PTR(&report_bytes);
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_report_obj, counters_report);

// forget(): it was told; what each task took and the highest marks begin anew.
static mp_obj_t counters_forget(void) {
    for (task_cost_t *task = report.tasks; task < report.tasks + task_count; ++task) {
        task->steps = task->instructions = task->most_instructions = task->allocated_bytes = 0;
    }
    most_used_bytes = most_alive_bytes = 0;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(counters_forget_obj, counters_forget);

// start(bracket): count from now on; `bracket()` is what a resume and the pause after it take by themselves.
static mp_obj_t counters_start(mp_obj_t bracket) {
    TIMER->reload = TIMER->value = UINT32_MAX;
    TIMER->control = TIMER_ENABLE;
    is_on = true;
    bracket_instructions = 0;
    for (int round = 0; round < CALIBRATION_ROUNDS; ++round) {
        untaken_instructions = 0;
        mp_call_function_0(bracket);
    }
    bracket_instructions = untaken_instructions;
    untaken_instructions = all_instructions = 0;
    return MP_OBJ_NEW_SMALL_INT(bracket_instructions);
}
static MP_DEFINE_CONST_FUN_OBJ_1(counters_start_obj, counters_start);

static const mp_rom_map_elem_t counters_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_counters) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&counters_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_pause), MP_ROM_PTR(&counters_pause_obj) },
    { MP_ROM_QSTR(MP_QSTR_resume), MP_ROM_PTR(&counters_resume_obj) },
    { MP_ROM_QSTR(MP_QSTR_take), MP_ROM_PTR(&counters_take_obj) },
    { MP_ROM_QSTR(MP_QSTR_computed), MP_ROM_PTR(&counters_computed_obj) },
    { MP_ROM_QSTR(MP_QSTR_allocated), MP_ROM_PTR(&counters_allocated_obj) },
    { MP_ROM_QSTR(MP_QSTR_enter), MP_ROM_PTR(&counters_enter_obj) },
    { MP_ROM_QSTR(MP_QSTR_leave), MP_ROM_PTR(&counters_leave_obj) },
    { MP_ROM_QSTR(MP_QSTR_report), MP_ROM_PTR(&counters_report_obj) },
    { MP_ROM_QSTR(MP_QSTR_forget), MP_ROM_PTR(&counters_forget_obj) },
};
static MP_DEFINE_CONST_DICT(counters_dict, counters_table);

const mp_obj_module_t counters_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&counters_dict,
};
MP_REGISTER_MODULE(MP_QSTR_counters, counters_module);
