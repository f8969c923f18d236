// The ESP32-S3 board for MicroPython's esp32 port. What the firmware imports is there by the port's own level of
// features (ports/esp32/mpconfigport.h: extra features, the xtensawin emitter, SHA-256, urandom, machine.UART).

#define MICROPY_HW_BOARD_NAME "Vitalband"
#define MICROPY_HW_MCU_NAME "ESP32S3"

// The pins of firmware/boards/esp32s3.py, which names them itself.
#define MICROPY_HW_I2C0_SCL (9)
#define MICROPY_HW_I2C0_SDA (8)

// Firmware that is run from flash in place: ports/esp32/esp32_partition.c maps the partition named `romfs`.
#define MICROPY_VFS_ROM (1)
#define MICROPY_VFS_ROM_IOCTL (1)
