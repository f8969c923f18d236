// The channel to the conductor, docs/conductor.md: what is around the board. Without one there are no chips.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "extmod/modmachine.h"

enum {
    CONDUCTOR_HELLO = 1,
    CONDUCTOR_BUS_WRITE = 4,
    CONDUCTOR_BUS_READ = 5,
    CONDUCTOR_BUS_WRITE_READ = 6,
    CONDUCTOR_PIN_MODE = 11,
    CONDUCTOR_PIN_WRITE = 12,
    CONDUCTOR_PINS = 18,
};

// Payload of a request or of a reply, in bytes.
#define CONDUCTOR_MOST_BYTES 4096
#define CONDUCTOR_ID_BYTES 8

// Takes ` READ_FILE WRITE_FILE BOARD` of the command line, or nothing, and says hello; gives the board's name, or NULL.
const char *conductor_open(char *arguments);

// One request, whose payload is in `count` parts, and its reply, of whose payload at most `room` bytes go to `into`;
// gives the status. Nothing comes between the two, no Ctrl-C either.
int conductor_exchange(int operation, int unit, int argument, uint32_t value,
    const mp_machine_i2c_buf_t *parts, size_t count, uint8_t *into, size_t room);

// The board's unique number.
extern uint8_t conductor_unique_id[CONDUCTOR_ID_BYTES];
