# The ESP32-S3 board for MicroPython's esp32 port, as that of 1.25.0 reads such a folder. Never built.
#
#   make bundle BOARD=esp32s3 PROFILE=dev      (or product)
#   make -C MICROPYTHON/ports/esp32 BOARD_DIR=CHECKOUT/firmware/ports/esp32s3 [BOARD_VARIANT=PRODUCT]

set(IDF_TARGET esp32s3)

# A file of options takes no variables, and the table of partitions lies here.
file(WRITE ${CMAKE_BINARY_DIR}/sdkconfig.partitions
    "CONFIG_PARTITION_TABLE_CUSTOM_FILENAME=\"${MICROPY_BOARD_DIR}/partitions.csv\"\n"
)

# The first three are the port's own. That for USB has no part in the product, which has no USB.
set(SDKCONFIG_DEFAULTS
    boards/sdkconfig.base
    boards/sdkconfig.usb
    boards/sdkconfig.ble
    ${MICROPY_BOARD_DIR}/sdkconfig.board
    ${CMAKE_BINARY_DIR}/sdkconfig.partitions
)
