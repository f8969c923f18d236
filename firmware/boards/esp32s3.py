"""Reference design on an ESP32-S3 with 8 MB of flash and no external RAM.

Pins are the reference design's choice, free of the strapping pins (0, 3, 45, 46), the flash pins
(26-32) and the USB pins (19, 20) that the GPIO page of the ESP-IDF programming guide for the ESP32-S3
names. The host link has a UART of its own: the USB port keeps the REPL of the developer, and neither
reaches the other.
Budgets are the reference design's limits, not measurements.
"""

NAME = "esp32s3"
MAKER = b"Vitalband"
MODEL = b"Vitalband One"
HARDWARE = b"esp32s3 r1"
CERTIFICATION = b"none"

I2C_ID = 0
I2C_HZ = 400_000
I2C_SCL_PIN = 9
I2C_SDA_PIN = 8

UART_ID = 1
UART_BAUDRATE = 115_200
UART_RECEIVE_BYTES = 1024
UART_TX_PIN = 17
UART_RX_PIN = 18

BUTTON_PIN = 4
MOTOR_PIN = 5
SECURE_PIN = None
"""No strap: whether a session may be clear says the image's profile."""

OPTICAL_STACK = "max30101"
OXYGEN_CURVE = None
"""No calibration of its own: the stack's."""
THERMOMETER_OFFSET_128 = 0
"""What the unit's thermometer was found to read too low, in 1/128 C; 0 when it was not compared."""

FITTED_CHIPS = ("max30101", "lsm6dso", "tmp117", "ssd1306", "max17048")

QUEUE_BYTES = 8 * 1024
JOURNAL_DEVICE = "esp32"
JOURNAL_AREA = "journal"
"""Label of the partition in `partitions.csv`."""
JOURNAL_SECTORS = 256
FILES_FOLDER = "kept/"
"""In LittleFS: a folder of its own can be written over in a wipe, its root cannot (`hal.wiping`)."""
FILES_BLOCK_BYTES = 4096
MAX_WAIT_MS = 50
"""Longest single wait: that an interrupt ends a poll on this port is unconfirmed."""

FLASH_BUDGET_BYTES = 512 * 1024
HEAP_BUDGET_BYTES = 192 * 1024
ALIVE_BUDGET_BYTES = 108 * 1024
PORT_HEAP_BYTES = 192 * 1024
INSTALLED_HEAP_BYTES = 320 * 1024
"""Heap that firmware wants which is installed at the prompt: the virtual board's, and 78 KB of native code,
for which the port takes executable RAM beside MicroPython's heap: docs/hardware.md. Not measured here."""
RAM_BUDGET_BYTES = 320 * 1024
CPU_BUDGET_PERCENT = 10
