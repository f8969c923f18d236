// Of the profile `dev`: a prompt, file systems, and the hardware's own modules.
#pragma once

#define MICROPY_SCHEDULER_STATIC_NODES (1)

#define MICROPY_VFS (1)
#define MICROPY_VFS_ROM (1)
#define MICROPY_VFS_ROM_IOCTL (1)
#define MICROPY_READER_VFS (1)

// Native code lies in flash, as ports/esp8266 can have it, and takes no heap.
#include <stddef.h>
void *flash_commit_code(void *code, size_t count, void *relocation);
#define MP_PLAT_COMMIT_EXEC(code, count, relocation) flash_commit_code(code, count, relocation)

#define MICROPY_PY_TIME (1)
#define MICROPY_PY_OS_UNAME (1)
#define MICROPY_PY_OS_URANDOM (1)
#define MICROPY_PY_OS_INCLUDEFILE "dev/inc_os.c"

#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "dev/inc_machine.c"
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_SIGNAL (0)
#define MICROPY_PY_MACHINE_I2C (1)
#define MICROPY_PY_MACHINE_I2C_TRANSFER_WRITE1 (1)
#define MICROPY_PY_MACHINE_UART (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE "dev/inc_machine_uart.c"

void clock_wait_ms(int32_t timeout_ms);
#define MICROPY_INTERNAL_WFE(TIMEOUT_MS) clock_wait_ms(TIMEOUT_MS)

static inline uint32_t interrupts_off(void) {
    uint32_t state;
    __asm volatile ("mrs %0, primask\n cpsid i" : "=r" (state) : : "memory");
    return state;
}
static inline void interrupts_restore(uint32_t state) {
    __asm volatile ("msr primask, %0" : : "r" (state) : "memory");
}
#define MICROPY_BEGIN_ATOMIC_SECTION() interrupts_off()
#define MICROPY_END_ATOMIC_SECTION(state) interrupts_restore(state)
#define mp_hal_quiet_timing_enter() interrupts_off()
#define mp_hal_quiet_timing_exit(state) interrupts_restore(state)
