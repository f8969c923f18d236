// What the image counts of itself: instructions, the collector's work, the stack.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Whether instructions are counted, which takes an emulator whose time is that of its instructions.
bool counters_are_on(void);

// Around a collection: what it takes is counted apart from what the firmware computes.
void counters_before_collection(void);
void counters_after_collection(void);

// Fills the stack below the caller, to find later how far it went.
void counters_paint_stack(void);
