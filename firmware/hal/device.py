"""Opens all the hardware of a board."""

from hal.bus import open_bus
from hal.clock import Clock
from hal.comeback import reset
from hal.entropy import Entropy
from hal.flash import open_flash
from hal.host_keys import HostKeys
from hal.identity import device_id
from hal.pin import ButtonPin, MotorPin, is_tied_low
from hal.radio import open_radio
from hal.storage import Storage
from hal.uart import HostUart
from hal.wait import Waiter


class Hardware:
    """What the firmware may touch of a board."""

    def __init__(self, board, handover):
        folder = board.FILES_FOLDER
        self.clock = Clock()
        self.bus = open_bus(board)
        self.button = ButtonPin(board.BUTTON_PIN)
        self.motor = MotorPin(board.MOTOR_PIN)
        self.is_tied_secure = board.SECURE_PIN is not None and is_tied_low(board.SECURE_PIN)
        self.uart = HostUart(board)
        self.radio = open_radio(folder)
        self.handover = handover
        self.reset = reset
        self.storage = Storage(folder)
        self.host_keys = HostKeys(folder)
        # After the radio: on an ESP32 there is chance while that is on.
        self.entropy = Entropy(folder)
        if handover.is_new and self.storage.boot_id:
            # The record is lost, or younger than the band: it has been used.
            handover.note_worn()
        self.flash = open_flash(board)
        self.waiter = Waiter(self.uart.port, board.MAX_WAIT_MS)
        self.unique_id = device_id()
