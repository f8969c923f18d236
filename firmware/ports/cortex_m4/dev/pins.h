// Pins, whose levels the conductor tells with each reply.
#pragma once
#include <stdint.h>
#include "py/obj.h"

extern const mp_obj_type_t machine_pin_type;

// Takes the levels, and which inputs have changed since the last reply; handlers run later, between two byte codes.
void pins_take(uint32_t levels, uint32_t changed);

// Asks the conductor for them, between two byte codes; may be called from an interrupt.
void pins_ask(void);

// Forgets every handler, before a program begins.
void pins_forget(void);
