// Registers of mps2-an386, as far as they are used.
// Addresses, bits and numbers: unconfirmed against Arm's manuals; tried on QEMU 7.2, where they hold.
#pragma once
#include <stdint.h>

// Coprocessor access control: CP10 and CP11 are the FPU.
#define SCB_CPACR (*(volatile uint32_t *)0xE000ED88)
#define CPACR_FPU_FULL_ACCESS (0xFu << 20)
// Configurable fault status.
#define SCB_CFSR (*(volatile uint32_t *)0xE000ED28)
// Application interrupt and reset control: taken with its key only.
#define SCB_AIRCR (*(volatile uint32_t *)0xE000ED0C)
#define AIRCR_KEY_AND_RESET (0x05FAu << 16 | 1u << 2)
// Memory protection: regions from a base on, of a power of two of bytes. Unconfirmed: tried on QEMU only.
#define MPU_CONTROL (*(volatile uint32_t *)0xE000ED94)
#define MPU_REGION (*(volatile uint32_t *)0xE000ED98)
#define MPU_BASE (*(volatile uint32_t *)0xE000ED9C)
#define MPU_ATTRIBUTES (*(volatile uint32_t *)0xE000EDA0)
#define MPU_ENABLE_ELSE_AS_WITHOUT (1u | 1u << 2)
#define MPU_READ_ONLY_CACHED(bits) (6u << 24 | 1u << 17 | ((bits) - 1) << 1 | 1u)
#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100)

// CMSDK APB UARTs.
typedef struct {
    volatile uint32_t data, state, control, interrupt, divider;
} uart_t;
#define UART(number) ((uart_t *)(0x40004000 + 0x1000 * (number)))
#define UART_TRANSMIT_FULL 1u
#define UART_RECEIVE_FULL 2u
#define UART_TRANSMIT_ENABLE 1u
#define UART_RECEIVE_ENABLE 2u
#define UART_RECEIVE_INTERRUPT_ENABLE 8u
#define UART_RECEIVE_INTERRUPT 2u
// Below it a UART does not send. The emulator sends at once, whatever it is.
#define UART_LEAST_DIVIDER 16u

// A CMSDK APB timer: counts down from `reload` to 0 at the clock's rate, over and over.
typedef struct {
    volatile uint32_t control, value, reload, interrupt;
} timer_t;
#define TIMER ((timer_t *)0x40000000)
#define TIMER_ENABLE 1u
#define TIMER_INTERRUPT_ENABLE 8u

// The first half of a CMSDK dual timer, which can stop at 0.
typedef struct {
    volatile uint32_t load, value, control, clear_interrupt;
} dual_timer_t;
#define DUAL_TIMER ((dual_timer_t *)0x40002000)
#define DUAL_TIMER_ENABLE 0x80u
#define DUAL_TIMER_INTERRUPT_ENABLE 0x20u
#define DUAL_TIMER_32_BITS 2u
#define DUAL_TIMER_ONE_SHOT 1u

// Rate of the processor and of the timers.
#define CLOCK_HZ 25000000u

// Numbers of interrupts.
#define INTERRUPT_UART0_RECEIVE 0
#define INTERRUPT_UART1_RECEIVE 2
#define INTERRUPT_UART2_RECEIVE 4
#define INTERRUPT_TIMER 8
#define INTERRUPT_DUAL_TIMER 10
