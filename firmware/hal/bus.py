"""The I2C bus that the drivers are given."""

from machine import I2C, Pin


def open_bus(board):
    """The board's bus; a port that takes its pins from elsewhere has none in its profile."""
    if board.I2C_SCL_PIN is not None:
        return I2C(board.I2C_ID, scl=Pin(board.I2C_SCL_PIN), sda=Pin(board.I2C_SDA_PIN), freq=board.I2C_HZ)
    if board.I2C_HZ is not None:
        return I2C(board.I2C_ID, freq=board.I2C_HZ)
    return I2C(board.I2C_ID)
