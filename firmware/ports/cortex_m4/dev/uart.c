#include "py/mphal.h"
#include "py/ringbuf.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "clock.h"
#include "interrupts.h"
#include "pins.h"
#include "registers.h"
#include "uart.h"

// Own choices: one is a screenful of typing, the other what the host may send in 350 ms at 115,200 baud.
#define CONSOLE_BUFFER_BYTES 1024
#define FRAMES_BUFFER_BYTES 4096
// How long a host of the console may take nothing before its text is lost.
#define CONSOLE_PATIENCE_US 500000

#define LISTENING (UART_TRANSMIT_ENABLE | UART_RECEIVE_ENABLE | UART_RECEIVE_INTERRUPT_ENABLE)
// The emulator's host then waits with what it sends, as one that minds a hand-shake line.
#define HOLDING (UART_TRANSMIT_ENABLE | UART_RECEIVE_ENABLE)

static uint8_t console_buffer[CONSOLE_BUFFER_BYTES], frames_buffer[FRAMES_BUFFER_BYTES];
static ringbuf_t rings[] = {
    [UART_CONSOLE] = {console_buffer, sizeof(console_buffer), 0, 0},
    [UART_FRAMES] = {frames_buffer, sizeof(frames_buffer), 0, 0},
};

void uart_start(void) {
    for (int number = UART_CONSOLE; number <= UART_PINS; ++number) {
        UART(number)->divider = UART_LEAST_DIVIDER;
        UART(number)->control = LISTENING;
    }
    NVIC_ENABLE = 1u << INTERRUPT_UART0_RECEIVE | 1u << INTERRUPT_UART1_RECEIVE | 1u << INTERRUPT_UART2_RECEIVE;
}

static void receive(int number) {
    ringbuf_t *ring = &rings[number];
    // While a program runs that Ctrl-C can end, no heap of bytes that it does not read may keep Ctrl-C out.
    int interrupt_char = number == UART_CONSOLE ? mp_interrupt_char : -1;
    UART(number)->interrupt = UART_RECEIVE_INTERRUPT;
    while (UART(number)->state & UART_RECEIVE_FULL) {
        if (interrupt_char < 0 && ringbuf_free(ring) == 0) {
            UART(number)->control = HOLDING;
            return;
        }
        int byte = UART(number)->data;
        if (byte == interrupt_char) {
            mp_sched_keyboard_interrupt();
        } else {
            ringbuf_put(ring, byte);
        }
    }
    clock_end_wait();
}

void uart_interrupt_0(void) {
    receive(UART_CONSOLE);
}

void uart_interrupt_1(void) {
    receive(UART_FRAMES);
}

void uart_interrupt_2(void) {
    UART(UART_PINS)->interrupt = UART_RECEIVE_INTERRUPT;
    while (UART(UART_PINS)->state & UART_RECEIVE_FULL) {
        (void)UART(UART_PINS)->data;
    }
    pins_ask();
    clock_end_wait();
}

size_t uart_waiting(int number) {
    return ringbuf_avail(&rings[number]);
}

size_t uart_read(int number, uint8_t *bytes, size_t room) {
    size_t count = 0;
    for (int byte; count < room && (byte = ringbuf_get(&rings[number])) >= 0; ++count) {
        bytes[count] = byte;
    }
    if (UART(number)->control == HOLDING) {
        uint32_t state = interrupts_off();
        UART(number)->control = LISTENING;
        receive(number);
        interrupts_restore(state);
    }
    return count;
}

bool uart_can_send(int number) {
    return !(UART(number)->state & UART_TRANSMIT_FULL);
}

size_t uart_send(int number, const uint8_t *bytes, size_t count) {
    size_t sent = 0;
    while (sent < count && uart_can_send(number)) {
        UART(number)->data = bytes[sent++];
    }
    return sent;
}

// The console.

int mp_hal_stdin_rx_chr(void) {
    uint8_t byte;
    while (uart_read(UART_CONSOLE, &byte, 1) == 0) {
        mp_event_wait_indefinite();
    }
    return byte;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    size_t sent = 0;
    uint64_t last_us = clock_us();
    while (sent < length) {
        size_t count = uart_send(UART_CONSOLE, (const uint8_t *)text + sent, length - sent);
        sent += count;
        uint64_t now_us = clock_us();
        if (count != 0) {
            last_us = now_us;
        } else if (now_us - last_us > CONSOLE_PATIENCE_US) {
            break;
        }
    }
    return length;
}

uintptr_t mp_hal_stdio_poll(uintptr_t flags) {
    uintptr_t ready = flags & MP_STREAM_POLL_WR;
    if (flags & MP_STREAM_POLL_RD && uart_waiting(UART_CONSOLE)) {
        ready |= MP_STREAM_POLL_RD;
    }
    return ready;
}
