// UARTs that receive by interrupt.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    // The prompt's.
    UART_CONSOLE = 0,
    // The host's frames'; the interpreter never looks at them.
    UART_FRAMES = 1,
    // A byte, whichever it is, says that a pin has changed.
    UART_PINS = 2,
};

void uart_start(void);

// Bytes that wait in the receive buffer.
size_t uart_waiting(int number);

// Takes at most `room` bytes that have come; gives how many.
size_t uart_read(int number, uint8_t *bytes, size_t room);

// Whether a byte can be sent now.
bool uart_can_send(int number);

// Sends as many bytes as the host takes now; gives how many.
size_t uart_send(int number, const uint8_t *bytes, size_t count);
