# The profile `dev`, taken when no variant is named: the prompt at the USB port, no firmware in the image.
set(MICROPY_FROZEN_MANIFEST ${MICROPY_BOARD_DIR}/manifest_dev.py)
