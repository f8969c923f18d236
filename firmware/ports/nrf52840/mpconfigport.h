// MicroPython's zephyr port with what the firmware needs: CONFIG_MICROPY_CONFIGFILE is to name this file by its whole
// path (ports/zephyr/CMakeLists.txt includes what it names in angle brackets). Never built.

// Framebuf, select, hashlib, errno and binascii.crc32 are extra features (py/mpconfig.h); the port's level is lower.
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "ports/zephyr/mpconfigport.h"

// Viper and native code for Thumb, which the port leaves out; as in ports/stm32/mpconfigport.h.
#define MICROPY_EMIT_THUMB (1)
#define MICROPY_EMIT_INLINE_THUMB (0)
#define MICROPY_MAKE_POINTER_CALLABLE(p) ((void *)((mp_uint_t)(p) | 1))
