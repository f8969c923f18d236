// MicroPython's configuration for the image: what its profiles share. What stands at its level's default is not named.
#include <alloca.h>
#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// The core: native code, integers without limit, single floats.
#define MICROPY_EMIT_THUMB (1)
#define MICROPY_EMIT_INLINE_THUMB (0)
#define MICROPY_MAKE_POINTER_CALLABLE(p) ((void *)((mp_uint_t)(p) | 1))
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_ENABLE_GC (1)
#define MICROPY_ENABLE_FINALISER (1)
// Tells the core in `sys.implementation._mpy`.
#define MICROPY_PERSISTENT_CODE_LOAD (1)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_KBD_EXCEPTION (1)
#define MICROPY_ENABLE_EXTERNAL_IMPORT (1)
#define MICROPY_PY_SYS_PLATFORM "cortex_m4"

// Same numbers on every run.
#define MICROPY_PY_RANDOM_SEED_INIT_FUNC (1)

#define MICROPY_HW_BOARD_NAME "QEMU mps2-an386"
#define MICROPY_HW_MCU_NAME "Cortex-M4F"

typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
typedef long mp_off_t;
#define MP_SSIZE_MAX (0x7fffffff)
// newlib's headers declare no log2f that libm of the source has.
#define MP_NEED_LOG2 (1)
#define MP_STATE_PORT MP_STATE_VM

#if IMAGE_HAS_PROMPT
#include "dev/mpconfigprofile.h"
#else
#include "mpconfigprofile.h"
#endif
