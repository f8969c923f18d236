// From reset to main, and faults.
#include <stdint.h>
#include "py/mphal.h"
#include "host.h"
#include "interrupts.h"
#include "registers.h"

#define EXIT_FAULT 99

// Its address is a number: the bytes of flash, a power of two.
extern char FLASH_BYTES;
extern uint32_t image_data_source, image_data_start, image_data_end, image_bss_start, image_bss_end, image_stack_top;
int main(void);

// The emulator's flash is memory like any other: a write to it must be a fault, as on a chip.
static void protect_flash(void) {
    MPU_REGION = 0;
    MPU_BASE = 0;
    MPU_ATTRIBUTES = MPU_READ_ONLY_CACHED(31 - __builtin_clz((uint32_t)&FLASH_BYTES));
    MPU_CONTROL = MPU_ENABLE_ELSE_AS_WITHOUT;
    __asm volatile ("dsb\n isb");
}

void image_start(void) {
    // Hard-float code faults at its first instruction otherwise.
    SCB_CPACR |= CPACR_FPU_FULL_ACCESS;
    __asm volatile ("dsb\n isb");
    const uint32_t *source = &image_data_source;
    for (uint32_t *target = &image_data_start; target < &image_data_end;) {
        *target++ = *source++;
    }
    for (uint32_t *target = &image_bss_start; target < &image_bss_end;) {
        *target++ = 0;
    }
    protect_flash();
    UART(0)->divider = UART_LEAST_DIVIDER;
    UART(0)->control = UART_TRANSMIT_ENABLE;
    host_exit(main());
}

__attribute__((naked, noreturn)) void image_reset(void) {
    __asm volatile ("ldr r0, =image_stack_top\n mov sp, r0\n bl image_start\n");
}

static void print_word(const char *name, uint32_t word) {
    mp_hal_stdout_tx_strn(name, 3);
    for (int shift = 28; shift >= 0; shift -= 4) {
        mp_hal_stdout_tx_strn(&"0123456789abcdef"[word >> shift & 15], 1);
    }
}

// `frame` is what the processor stacked at the exception: r0-r3, r12, lr, pc, xpsr.
__attribute__((used)) void image_report_fault(const uint32_t *frame) {
    mp_hal_stdout_tx_strn("fault", 5);
    print_word(" pc", frame[6]);
    print_word(" lr", frame[5]);
    print_word(" fs", SCB_CFSR);
    mp_hal_stdout_tx_strn("\n", 1);
    host_exit(EXIT_FAULT);
}

__attribute__((naked)) void image_fault(void) {
    __asm volatile ("mov r0, sp\n b image_report_fault");
}

#define FAULT (uint32_t)&image_fault
__attribute__((section(".isr_vector"), used)) const uint32_t image_vectors[] = {
    (uint32_t)&image_stack_top, (uint32_t)&image_reset, FAULT, FAULT, FAULT, FAULT, FAULT, 0,
    0, 0, 0, FAULT, FAULT, 0, FAULT, FAULT,
    INTERRUPT_VECTORS
};
