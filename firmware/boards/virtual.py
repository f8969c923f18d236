"""The virtual band: chip models behind one I2C bus, a host link on one UART.

Pins are numbers that the simulator knows. Budgets are those of the nRF52840, the smaller of the
two real boards, so that what fits here fits there.
"""

NAME = "virtual"
MAKER = b"Vitalband"
MODEL = b"Virtual band"
HARDWARE = b"virtual r1"
CERTIFICATION = b"none"

I2C_ID = 0
I2C_HZ = 400_000
I2C_SCL_PIN = None
I2C_SDA_PIN = None

UART_ID = 1
UART_BAUDRATE = 115_200
UART_RECEIVE_BYTES = 1024
UART_TX_PIN = None
UART_RX_PIN = None

BUTTON_PIN = 0
MOTOR_PIN = 1
SECURE_PIN = 2
"""Held low at start, it has the band demand secure sessions; else they may be clear."""

OPTICAL_STACK = "max30101"
OXYGEN_CURVE = None
"""No calibration of its own: the stack's."""
THERMOMETER_OFFSET_128 = 0
"""What the unit's thermometer was found to read too low, in 1/128 C; 0 when it was not compared."""

FITTED_CHIPS = ("max30101", "lsm6dso", "tmp117", "ssd1306", "max17048")

QUEUE_BYTES = 2 * 1024
JOURNAL_DEVICE = "zephyr"
JOURNAL_AREA = "journal"
"""The partition `journal` of the flash that the conductor has."""
JOURNAL_SECTORS = 256
FILES_FOLDER = ""
FILES_BLOCK_BYTES = 0
"""The files are the host's."""
MAX_WAIT_MS = 60_000
"""Longest single wait: the conductor ends a wait when the button or the link has something."""

FLASH_BUDGET_BYTES = 576 * 1024
HEAP_BUDGET_BYTES = 112 * 1024
ALIVE_BUDGET_BYTES = 80 * 1024
PORT_HEAP_BYTES = 160 * 1024
INSTALLED_HEAP_BYTES = 240 * 1024
"""Heap that firmware wants which is installed at the prompt. Measured: it sends vital signs and tests itself
with this; with 232 KB there is no room for the self-test, with 208 KB none to start; native code lies in
flash: docs/hardware.md."""
RAM_BUDGET_BYTES = 144 * 1024
CPU_BUDGET_PERCENT = 25
