# The profile `product`: the firmware in the image, and no port that a prompt could be at (ports/esp32/mphalport.c
# reads from these three only).
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest_product.py)
set(MICROPY_MANIFEST_GENERATED_DIR ${MICROPY_BOARD_DIR}/../../../dist/esp32s3-product/frozen)
list(APPEND MICROPY_DEF_BOARD
    MICROPY_HW_ENABLE_USBDEV=0
    MICROPY_HW_ESP_USB_SERIAL_JTAG=0
    MICROPY_HW_ENABLE_UART_REPL=0
)
