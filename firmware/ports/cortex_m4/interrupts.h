// What stands behind the processor's own entries in the table of vectors.
#pragma once
#include "py/mpconfig.h"

#if IMAGE_HAS_PROMPT

#include "registers.h"
void uart_interrupt_0(void);
void uart_interrupt_1(void);
void uart_interrupt_2(void);
void clock_interrupt(void);
void clock_alarm_interrupt(void);

#define INTERRUPT_VECTORS \
    [16 + INTERRUPT_UART0_RECEIVE] = (uint32_t)&uart_interrupt_0, \
    [16 + INTERRUPT_UART1_RECEIVE] = (uint32_t)&uart_interrupt_1, \
    [16 + INTERRUPT_UART2_RECEIVE] = (uint32_t)&uart_interrupt_2, \
    [16 + INTERRUPT_TIMER] = (uint32_t)&clock_interrupt, \
    [16 + INTERRUPT_DUAL_TIMER] = (uint32_t)&clock_alarm_interrupt,

#else

// No interrupt is ever enabled: time and events come by the conductor's replies alone.
#define INTERRUPT_VECTORS

#endif
