// MicroPython's configuration for the image. What stands at its level's default is not named.
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
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_KBD_EXCEPTION (1)

// `open` and imports are those of host_files.c; there is no REPL, and nothing to read from the console.
#define MICROPY_VFS (0)
#define MICROPY_HELPER_REPL (0)
#define MICROPY_ENABLE_EXTERNAL_IMPORT (1)
#define MICROPY_PY_SYS_PLATFORM "cortex_m4"
#define MICROPY_PY_BUILTINS_INPUT (0)

// These are frozen: they ask the conductor.
#define MICROPY_PY_MACHINE (0)
#define MICROPY_PY_TIME (0)
#define MICROPY_PY_SELECT (0)
#define MICROPY_PY_OS (0)
#define MICROPY_PY_ASYNCIO (0)

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
