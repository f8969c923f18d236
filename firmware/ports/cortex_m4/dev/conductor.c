#include <string.h>
#include "py/mperrno.h"
#include "conductor.h"
#include "host.h"
#include "pins.h"

#define VERSION 2
// The conductor is gone.
#define EXIT_ALONE 3

typedef struct {
    uint8_t operation, unit;
    uint16_t argument;
    // Instructions are not counted here.
    uint32_t value, instructions, payload_bytes;
} request_t;

typedef struct {
    int32_t status;
    uint32_t ticks_ms, low, input_bytes, pin_levels, pins_changed, payload_bytes;
} reply_t;

// Of a board without a conductor.
uint8_t conductor_unique_id[CONDUCTOR_ID_BYTES] = {'E', 'M', 'U', 'L', 'A', 'T', 'E', 'D'};

static int replies = -1, requests = -1;

static void receive(void *bytes, size_t count) {
    while (count) {
        size_t moved = host_read(replies, bytes, count);
        if (moved == 0) {
            host_exit(EXIT_ALONE);
        }
        bytes = (char *)bytes + moved;
        count -= moved;
    }
}

int conductor_exchange(int operation, int unit, int argument, uint32_t value,
    const mp_machine_i2c_buf_t *parts, size_t count, uint8_t *into, size_t room) {
    if (requests < 0) {
        return -MP_ENODEV;
    }
    request_t request = {operation, unit, argument, value, 0, 0};
    for (size_t index = 0; index < count; ++index) {
        request.payload_bytes += parts[index].len;
    }
    if (request.payload_bytes > CONDUCTOR_MOST_BYTES || room > CONDUCTOR_MOST_BYTES) {
        return -MP_EINVAL;
    }
    host_write(requests, &request, sizeof(request));
    for (size_t index = 0; index < count; ++index) {
        host_write(requests, parts[index].buf, parts[index].len);
    }
    reply_t reply;
    receive(&reply, sizeof(reply));
    if (reply.payload_bytes > room) {
        host_exit(EXIT_ALONE);
    }
    receive(into, reply.payload_bytes);
    pins_take(reply.pin_levels, reply.pins_changed);
    return reply.status;
}

// Cuts the first word off; `text` begins with the space before it.
static char *take_word(char **text) {
    char *word = **text == ' ' ? *text + 1 : *text;
    char *end = word + strcspn(word, " ");
    *text = end;
    return word;
}

const char *conductor_open(char *arguments) {
    char *read_file = take_word(&arguments);
    char *write_file = take_word(&arguments);
    char *board = take_word(&arguments);
    if (*board == 0) {
        return NULL;
    }
    write_file[-1] = board[-1] = 0;
    // In this order: the other end may wait for the first to be there.
    requests = host_open(write_file, HOST_MODE_WRITE);
    replies = host_open(read_file, HOST_MODE_READ);
    if (requests < 0 || replies < 0) {
        host_exit(EXIT_ALONE);
    }
    mp_machine_i2c_buf_t name = {strlen(board), (uint8_t *)board};
    conductor_exchange(CONDUCTOR_HELLO, 0, 0, VERSION, &name, 1, conductor_unique_id, CONDUCTOR_ID_BYTES);
    return board;
}
