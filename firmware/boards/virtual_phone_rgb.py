"""The virtual band with a phone camera as its optical front end: red, green and blue channels.

The camera's levels are scaled to 18-bit counts and come through the same FIFO as the optical chip's.
"""

from boards.virtual import (  # noqa: F401
    ALIVE_BUDGET_BYTES,
    BUTTON_PIN,
    CERTIFICATION,
    CPU_BUDGET_PERCENT,
    FILES_BLOCK_BYTES,
    FILES_FOLDER,
    FITTED_CHIPS,
    FLASH_BUDGET_BYTES,
    HARDWARE,
    HEAP_BUDGET_BYTES,
    I2C_HZ,
    I2C_ID,
    I2C_SCL_PIN,
    I2C_SDA_PIN,
    INSTALLED_HEAP_BYTES,
    JOURNAL_AREA,
    JOURNAL_DEVICE,
    JOURNAL_SECTORS,
    MAKER,
    MAX_WAIT_MS,
    MOTOR_PIN,
    OXYGEN_CURVE,
    PORT_HEAP_BYTES,
    QUEUE_BYTES,
    RAM_BUDGET_BYTES,
    SECURE_PIN,
    THERMOMETER_OFFSET_128,
    UART_BAUDRATE,
    UART_ID,
    UART_RECEIVE_BYTES,
    UART_RX_PIN,
    UART_TX_PIN,
)

NAME = "virtual_phone_rgb"
MODEL = b"Virtual RGB band"
OPTICAL_STACK = "phone_rgb"
