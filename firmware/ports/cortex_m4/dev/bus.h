// machine.I2C.
#pragma once
#include "py/obj.h"

extern const mp_obj_type_t machine_i2c_type;
