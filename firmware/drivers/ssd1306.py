"""SSD1306: the 128x64 display.

Commands were read in micropython-lib's ssd1306.py and in the Adafruit SSD1306 library's start-up sequence;
the layout of the display memory in the datasheet, section 8.7 (SSD1306 Rev 1.1); the no-operation command
0xE3 is unconfirmed. The chip has no identity register: the constructor only checks that it answers.
"""

from micropython import const

_COMMANDS = const(0x00)
_NO_OPERATION = const(0xE3)

_DISPLAY_OFF = const(0xAE)
_DISPLAY_ON = const(0xAF)
_CHARGE_PUMP = const(0x8D)
_PUMP_ON = const(0x14)
_PUMP_OFF = const(0x10)

# fmt: off
_START = bytes((
    _COMMANDS, _DISPLAY_OFF,
    0xD5, 0x80,                 # clock divider and oscillator at their reset values
    0xA8, 63,                   # 64 rows
    0xD3, 0x00, 0x40,           # no offset, start at line 0
    0x20, 0x00,                 # horizontal addressing: a whole frame in one burst
    0xA1, 0xC8, 0xDA, 0x12,     # the usual module is mounted upside down; alternative row pins
    0x81, 0x7F,                 # contrast at its reset value
    0xD9, 0xF1, 0xDB, 0x40,     # precharge and deselect level for the internal supply
    0xA4, 0xA6,                 # show the memory, 1 is lit
    _CHARGE_PUMP, _PUMP_ON,
))
_STOP = bytes((_COMMANDS, _DISPLAY_OFF, _CHARGE_PUMP, _PUMP_OFF))
_WHOLE_WINDOW = bytes((_COMMANDS, 0x21, 0, 127, 0x22, 0, 7))
_LIGHT = bytes((_COMMANDS, _DISPLAY_ON))
# fmt: on


class Ssd1306:
    """Driver of the display. Raises OSError (as the bus does) when nothing answers."""

    def __init__(self, bus, address=0x3C):
        self._bus = bus
        self._address = address
        self._frame = [b"\x40", b""]
        self._is_lit = False
        bus.writeto(address, bytes((_COMMANDS, _NO_OPERATION)))

    def start(self):
        """Configure; the display stays dark until the first `show`, as its memory holds noise."""
        self._is_lit = False
        self._bus.writeto(self._address, _START)

    def stop(self):
        """Display and charge pump off; the memory is kept."""
        self._is_lit = False
        self._bus.writeto(self._address, _STOP)

    def show(self, frame):
        """Show `frame`: 1024 bytes, 8 pages of 128 columns, lowest bit on top (framebuf.MONO_VLSB).

        Two transfers, three when it lights the display.
        """
        self._bus.writeto(self._address, _WHOLE_WINDOW)
        self._frame[1] = frame
        self._bus.writevto(self._address, self._frame)
        if not self._is_lit:
            self._bus.writeto(self._address, _LIGHT)
            self._is_lit = True
