#include "py/mphal.h"
#include "py/runtime.h"
#include "clock.h"
#include "interrupts.h"
#include "registers.h"

#define TICKS_A_US (CLOCK_HZ / 1000000)
// The longest wait in one go: half of what the alarm can count.
#define LONGEST_WAIT_US (0x7fffffffu / TICKS_A_US)

static volatile uint32_t timer_rounds;
static volatile bool is_wait_over;

void clock_start(void) {
    TIMER->reload = TIMER->value = 0xffffffff;
    TIMER->control = TIMER_ENABLE | TIMER_INTERRUPT_ENABLE;
    NVIC_ENABLE = 1u << INTERRUPT_TIMER | 1u << INTERRUPT_DUAL_TIMER;
}

void clock_interrupt(void) {
    TIMER->interrupt = 1;
    ++timer_rounds;
}

// One shot: a periodic timer of this emulator is late by a period when it wakes the processor from sleep.
void clock_alarm_interrupt(void) {
    DUAL_TIMER->clear_interrupt = 1;
    DUAL_TIMER->control = 0;
}

void clock_end_wait(void) {
    is_wait_over = true;
}

uint64_t clock_us(void) {
    uint32_t state = interrupts_off();
    uint32_t ticks = ~TIMER->value;
    uint32_t rounds = timer_rounds;
    if (TIMER->interrupt) {
        // A round has ended that its interrupt has not counted yet.
        ticks = ~TIMER->value;
        ++rounds;
    }
    interrupts_restore(state);
    return ((uint64_t)rounds << 32 | ticks) / TICKS_A_US;
}

// Sleeps until an interrupt that matters, or for `wait_us`; looks for the interrupt with interrupts off, so that none
// comes between the look and the sleep.
static void sleep_us(uint64_t wait_us) {
    uint32_t state = interrupts_off();
    if (!is_wait_over && MP_STATE_VM(sched_state) != MP_SCHED_PENDING) {
        uint32_t part_us = wait_us < LONGEST_WAIT_US ? (uint32_t)wait_us : LONGEST_WAIT_US;
        DUAL_TIMER->control = 0;
        DUAL_TIMER->load = part_us * TICKS_A_US;
        DUAL_TIMER->control = DUAL_TIMER_ENABLE | DUAL_TIMER_INTERRUPT_ENABLE | DUAL_TIMER_32_BITS | DUAL_TIMER_ONE_SHOT;
        __asm volatile ("dsb\n wfi");
    }
    is_wait_over = false;
    interrupts_restore(state);
}

void clock_wait_ms(int32_t timeout_ms) {
    if (timeout_ms != 0) {
        sleep_us(timeout_ms < 0 ? LONGEST_WAIT_US : (uint64_t)timeout_ms * 1000);
    }
}

void mp_hal_delay_us(mp_uint_t delay_us) {
    uint64_t end_us = clock_us() + delay_us;
    for (;;) {
        mp_event_handle_nowait();
        uint64_t now_us = clock_us();
        if (now_us >= end_us) {
            return;
        }
        sleep_us(end_us - now_us);
    }
}

void mp_hal_delay_ms(mp_uint_t delay_ms) {
    // In parts: the other delay counts in 32 bits.
    for (; delay_ms > 1000000; delay_ms -= 1000000) {
        mp_hal_delay_us(1000000000);
    }
    mp_hal_delay_us(delay_ms * 1000);
}

mp_uint_t mp_hal_ticks_us(void) {
    return (mp_uint_t)clock_us();
}

mp_uint_t mp_hal_ticks_ms(void) {
    return (mp_uint_t)(clock_us() / 1000);
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return ~TIMER->value;
}

uint64_t mp_hal_time_ns(void) {
    return clock_us() * 1000;
}
