"""A band and a host are paired, part, and meet again, over packets that hold little: prints what crossed.

Keys come of a generator, so both runtimes print the same.
"""

import binascii
import hashlib

from lcg import Lcg

from bandwire.bandlink import BandLink
from bandwire.events import EVENT_FRAME, EVENT_PAIRING, EVENT_UP, PAIRING_CODE_WANTED
from bandwire.frames import HOST_RIGHT_OWNER
from bandwire.hostlink import HostLink
from bandwire.numbering import Numbering
from bandwire.secure import curve25519
from bandwire.secure.aes_ccm import AesCcm
from bandwire.secure.band_session import BandSession
from bandwire.secure.chacha20 import ChaCha20Poly1305
from bandwire.secure.host_session import HostSession
from bandwire.secure.pairing_window import PairingWindow

PACKET_BYTES = 20


class Primitives:
    """The band's own; randomness of a number."""

    aead = ChaCha20Poly1305
    cipher = AesCcm

    def __init__(self, seed):
        self._lcg = Lcg(seed)

    def random(self, count):
        drawn = bytearray(count)
        self._lcg.fill(drawn)
        return bytes(drawn)

    def agree(self, private, public):
        return curve25519.agree(private, public, 8)


class Keys:
    """One slot."""

    slots = 1

    def __init__(self):
        self.key = self.finder_key = b""

    def key_of(self, _slot):
        return self.key

    def right_of(self, _slot):
        return HOST_RIGHT_OWNER

    def take_finder_key(self, key):
        self.finder_key = key

    def has_room(self):
        return not self.key

    def add(self, key, _name):
        self.key = key
        return 0


class Wearer:
    """Reads the code, and holds the button."""

    def __init__(self):
        self.code = ""
        self.is_asked = False

    def show_code(self, code, name):
        print("shown", code, name)
        self.code = code

    def ask_button(self, _name):
        self.is_asked = True

    def end_pairing(self):
        self.is_asked = False


def pump(sender, receiver, record, now_ms, wire, taken):
    length = sender.next_record_into(record, PACKET_BYTES, now_ms)
    if not length:
        return
    wire.update(record[:length])
    receiver.receive_record(memoryview(record)[:length], now_ms)
    take(receiver, wire, taken)


def take(link, wire, taken):
    event = link.next_event()
    while event is not None:
        taken.append(event[:2] if event[0] in (EVENT_UP, EVENT_PAIRING) else event[:1])
        if event[0] == EVENT_FRAME:
            wire.update(bytes(event[1]))
        event = link.next_event()


def meet(band, host, wearer, start_ms):
    record = bytearray(PACKET_BYTES)
    wire = hashlib.sha256()
    told = ([], [])
    for now_ms in range(start_ms, start_ms + 300):
        band.poll(now_ms)
        host.poll(now_ms)
        take(band, wire, told[0])
        take(host, wire, told[1])
        pump(host, band, record, now_ms, wire, told[0])
        pump(band, host, record, now_ms, wire, told[1])
        if (EVENT_PAIRING, PAIRING_CODE_WANTED) in told[1] and wearer.code:
            print("typed", host.type_code(wearer.code, now_ms))
            wearer.code = ""
        if wearer.is_asked:
            band.accept_pairing(now_ms)
    host.request_time(0, 1000, now_ms)
    for _ in range(8):
        pump(host, band, record, now_ms, wire, told[0])
        pump(band, host, record, now_ms, wire, told[1])
    print(told, band.is_up, host.is_up, band.bad_counts, host.bad_counts)
    print(binascii.hexlify(wire.digest()).decode())


keys, window, wearer = Keys(), PairingWindow(), Wearer()
band = BandLink(
    Numbering(7, None),
    band_id=b"bandband",
    session=BandSession(Primitives(1), keys, window, wearer),
    is_clear_allowed=False,
)
session = HostSession(Primitives(2), name="a host", is_pairing=True)
host = HostLink(b"session1", session=session)
window.open(0)
meet(band, host, wearer, 0)
print(keys.key == session.key, binascii.hexlify(keys.key).decode(), host.peer_band_id)
host.restart(b"session2", 1000)
meet(band, host, wearer, 1000)
