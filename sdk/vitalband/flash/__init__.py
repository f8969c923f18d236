"""Puts firmware onto a board: `vitalband flash`. Needs the extra `flash` (mpremote, esptool)."""
