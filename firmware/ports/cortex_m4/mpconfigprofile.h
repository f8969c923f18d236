// Of the profile `product`: the frozen firmware and nothing beside it.
#pragma once

// `open` and imports are those of host_files.c; there is no REPL, and nothing to read from the console.
#define MICROPY_VFS (0)
#define MICROPY_HELPER_REPL (0)
#define MICROPY_PY_BUILTINS_INPUT (0)

// These are frozen: they ask the conductor.
#define MICROPY_PY_MACHINE (0)
#define MICROPY_PY_TIME (0)
#define MICROPY_PY_SELECT (0)
#define MICROPY_PY_OS (0)
#define MICROPY_PY_ASYNCIO (0)

// Names of modules in flash are looked up by flash_objects.c, which calls this in the end.
#define MICROPY_WRAP_MP_LOAD_GLOBAL(name) plain_##name
