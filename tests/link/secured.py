"""A band and a host with all that a secure session takes, in virtual time: keys, window, wearer, person."""

from random import Random
from typing import Any

from bandwire.events import DOWN_REFUSED, EVENT_DOWN, EVENT_PAIRING, EVENT_UP, PAIRING_CODE_WANTED
from bandwire.frames import HOST_RIGHT_OWNER, HOST_RIGHT_READER, KIND_HANDSHAKE, VERSION
from bandwire.secure.band_session import BandSession
from bandwire.secure.host_session import HostSession
from bandwire.secure.pairing_window import PairingWindow
from link.pairs import Pair
from vitalband.keys.ciphers import LibraryPrimitives

KEY = bytes(range(32))
OTHER_KEY = bytes(range(32, 64))
NAME = "Ada's phone"
UP = (EVENT_UP, VERSION)
REFUSED = (EVENT_DOWN, DOWN_REFUSED)


class Primitives(LibraryPrimitives):
    """A library's, but randomness comes of a seed, and `steps` idle steps before each agreement."""

    def __init__(self, seed: int, steps: int = 0) -> None:
        self.chance = Random(seed)
        self.steps = steps

    def random(self, count: int) -> bytes:
        return self.chance.randbytes(count)

    def agree(self, private: bytes, public: bytes):
        for _ in range(self.steps):
            yield b""
        yield from super().agree(private, public)


class Keys:
    """A `bandwire.seams.HostKeys` in memory."""

    slots = 4

    def __init__(self, *keys: bytes) -> None:
        self.kept = [(key, "known") for key in keys]
        self.is_broken = False
        self.finder_key = b""

    def key_of(self, slot: int) -> bytes:
        return self.kept[slot][0] if slot < len(self.kept) else b""

    def right_of(self, slot: int) -> int:
        return HOST_RIGHT_READER if slot else HOST_RIGHT_OWNER

    def take_finder_key(self, key: bytes) -> None:
        self.finder_key = key

    def has_room(self) -> bool:
        return len(self.kept) < self.slots

    def add(self, key: bytes, name: str) -> int:
        if self.is_broken:
            return -1
        self.kept.append((key, name))
        return len(self.kept) - 1


class Wearer:
    """A `bandwire.seams.Wearer`: what stands on the display, and all that ever stood there."""

    def __init__(self) -> None:
        self.page: Any = None
        self.shown: list[Any] = []

    def show_code(self, code: str, name: str) -> None:
        self.page = ("code", code, name)
        self.shown.append(self.page)

    def ask_button(self, name: str) -> None:
        self.page = ("button", name)
        self.shown.append(self.page)

    def end_pairing(self) -> None:
        assert self.page is not None
        self.page = None

    @property
    def code(self) -> str:
        return self.page[1]


class SecurePair(Pair):
    """A `Pair` whose links make secure sessions; `keys` are the band's, `host_keys` the host's."""

    def __init__(
        self,
        max_bytes: int = 244,
        *,
        keys: tuple[bytes, ...] = (),
        host_keys: tuple[bytes, ...] = (),
        is_pairing: bool = False,
        name: str = NAME,
        seed: int = 1,
        steps: int = 0,
        **options: Any,
    ) -> None:
        self.keys = Keys(*keys)
        self.window = PairingWindow()
        self.wearer = Wearer()
        self.band_session = BandSession(Primitives(seed, steps), self.keys, self.window, self.wearer)
        self.host_session = HostSession(
            Primitives(seed + 1000), keys=host_keys, name=name, is_pairing=is_pairing
        )
        super().__init__(max_bytes, band_session=self.band_session, host_session=self.host_session, **options)

    def settle(self) -> None:
        """Carry records and compute until neither side has more to do at this moment."""
        self.run()
        while self.band.poll(self.now_ms) == self.now_ms:
            self.run()
        self.run()

    def type_shown_code(self) -> bool:
        """The person reads the band and types."""
        assert (EVENT_PAIRING, PAIRING_CODE_WANTED) in self.host_events
        is_right = self.host.type_code(self.wearer.code, self.now_ms)
        self.pass_time(0)
        return is_right

    def press(self) -> None:
        """The wearer holds the button."""
        self.band.accept_pairing(self.now_ms)
        self.pass_time(0)

    def pair(self) -> None:
        """A whole pairing by people who do all right."""
        self.window.open(self.now_ms)
        self.settle()
        self.type_shown_code()
        self.settle()
        self.press()
        self.settle()


def paired(**options: Any) -> SecurePair:
    """A pair that has just been paired."""
    pair = SecurePair(is_pairing=True, **options)
    pair.pair()
    return pair


def resumed(**options: Any) -> SecurePair:
    """A pair that knew each other, up, its events taken."""
    pair = SecurePair(keys=(KEY,), host_keys=(KEY,), **options)
    pair.settle()
    pair.band_events.clear()
    pair.host_events.clear()
    return pair


def handshake_record(step: int, message: bytes = b"", counter: int = 1, version: int = VERSION) -> bytes:
    """A clear record with a frame of a handshake, as anybody can make it."""
    frame = bytes([version, KIND_HANDSHAKE]) + bytes(10) + bytes([step]) + message
    return bytes([0, counter & 255, counter >> 8]) + len(frame).to_bytes(2, "little") + frame
