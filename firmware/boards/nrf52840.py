"""Reference design on an nRF52840 (1 MB flash, 256 KB RAM) with MicroPython's zephyr port.

Pins are the reference design's choice. As in MicroPython's quick reference for the Zephyr port a pin
is named by its controller and number, and a bus by its device, whose pins the device tree gives; that
these names hold on this board is unconfirmed. Budgets are the reference design's limits, to which
`make budget` holds the firmware: flash and RAM without the radio stack and the port's own system; the
heap of the image, whose functions, classes and names lie in flash, and of it what may be in use after a
collection; the processor's share with all vital signs on, at 64 MHz and two cycles an instruction.
"""

NAME = "nrf52840"
MAKER = b"Vitalband"
MODEL = b"Vitalband One"
HARDWARE = b"nrf52840 r1"
CERTIFICATION = b"none"

I2C_ID = "i2c0"
I2C_HZ = None
I2C_SCL_PIN = None
I2C_SDA_PIN = None

UART_ID = "uart1"
UART_BAUDRATE = 115_200
UART_RECEIVE_BYTES = 512
UART_TX_PIN = None
UART_RX_PIN = None

BUTTON_PIN = ("gpio0", 11)
MOTOR_PIN = ("gpio0", 13)
SECURE_PIN = None
"""No strap: whether a session may be clear says the image's profile."""

OPTICAL_STACK = "max30101"
OXYGEN_CURVE = None
"""No calibration of its own: the stack's."""
THERMOMETER_OFFSET_128 = 0
"""What the unit's thermometer was found to read too low, in 1/128 C; 0 when it was not compared."""

FITTED_CHIPS = ("max30101", "lsm6dso", "tmp117", "ssd1306", "max17048")

QUEUE_BYTES = 2 * 1024
JOURNAL_DEVICE = "zephyr"
JOURNAL_AREA = "journal"
"""Label of the partition that `vitalband.overlay` makes on the kit's external flash: unconfirmed."""
JOURNAL_SECTORS = 256
FILES_FOLDER = "kept/"
"""In LittleFS: a folder of its own can be written over in a wipe, its root cannot (`hal.wiping`)."""
FILES_BLOCK_BYTES = 4096
MAX_WAIT_MS = 50
"""Longest single wait: that an interrupt ends a poll on this port is unconfirmed."""

FLASH_BUDGET_BYTES = 576 * 1024
HEAP_BUDGET_BYTES = 112 * 1024
ALIVE_BUDGET_BYTES = 80 * 1024
PORT_HEAP_BYTES = 160 * 1024
"""Heap that MicroPython's own port needs, which makes functions, classes and names on it: docs/budget.md."""
INSTALLED_HEAP_BYTES = 280 * 1024
"""Heap that firmware wants which is installed at the prompt, native code on it too: docs/hardware.md.
That is more than the chip has, so firmware is part of the image here."""
RAM_BUDGET_BYTES = 144 * 1024
CPU_BUDGET_PERCENT = 25
