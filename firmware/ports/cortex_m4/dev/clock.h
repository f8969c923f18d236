// Time since reset, and waiting for it.
#pragma once
#include <stdint.h>

void clock_start(void);

// An interrupt that the interpreter may be waiting for has been: the wait under way, or the next, ends at once.
void clock_end_wait(void);

// Microseconds since reset.
uint64_t clock_us(void);
