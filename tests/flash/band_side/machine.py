"""What only a board has, for the firmware to import elsewhere."""

I2C = UART = Pin = unique_id = None
