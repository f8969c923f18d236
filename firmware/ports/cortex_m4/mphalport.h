// What the interpreter asks of the hardware, beyond py/mphal.h.
#pragma once
#include "shared/runtime/interrupt_char.h"
