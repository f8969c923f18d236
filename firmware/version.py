"""Version of the firmware, as the identity frame carries it."""

FIRMWARE_VERSION = (0, 1, 0)
