"""A band that waits to be found says a fresh token each time and each 15 minutes; its key tells which."""

from bandwire.finder import ROTATION_MS, TOKEN_BYTES, is_token_of
from bandwire.link import STATE_CLOSED
from transports.carriers import FAST_INTERVAL_US, FAST_MS, SLOW_INTERVAL_US, Carriers

KEY = bytes(range(16))


class Keys:
    """Keys of paired hosts: none of them matters here."""

    finder_key = b""


class FakeRadio:
    """A radio whose chance is a count; `said` holds (tick, interval, token)."""

    connection = -1
    connections = 0
    has_news = has_input = False

    def __init__(self):
        self.keys = Keys()
        self.said = []
        self.now_ms = 0
        self._drawn = 0

    def serve(self, own, most_mtu):
        pass

    def draw(self, count):
        self._drawn += 1
        return self._drawn.to_bytes(count, "big")

    def advertise(self, interval_us, token):
        self.said.append((self.now_ms, interval_us, token))


class NoServices:
    """Standard services that are off."""

    pairing = None
    is_on = False

    def notice(self):
        return False


class NoLink:
    """A link that nobody has."""

    state = STATE_CLOSED


def waited(radio, duration_ms, start_ms=0, carriers=None):
    """Let the carriers wait for so long, each wait as long as they ask for."""
    carriers = carriers or Carriers(NoLink(), None, radio, NoServices(), radio.keys)
    while True:
        delay_ms = carriers.advance((start_ms + radio.now_ms) & 0xFFFFFFFF)
        assert delay_ms > 0
        if radio.now_ms + delay_ms > duration_ms:
            return carriers
        radio.now_ms += delay_ms


def test_the_token_is_another_one_every_15_minutes_and_at_each_new_advertising():
    radio = FakeRadio()
    waited(radio, 3 * ROTATION_MS)
    times = [at for at, _, _ in radio.said]
    assert times == [0, *(FAST_MS + turn * ROTATION_MS for turn in range(3))]
    assert [interval for _, interval, _ in radio.said] == [FAST_INTERVAL_US, *[SLOW_INTERVAL_US] * 3]
    tokens = [token for _, _, token in radio.said]
    assert len(set(tokens)) == len(tokens)
    assert {len(token) for token in tokens} == {TOKEN_BYTES}


def test_the_token_goes_on_changing_when_the_clock_starts_from_zero_again():
    radio = FakeRadio()
    waited(radio, 3 * ROTATION_MS, start_ms=(1 << 32) - 1_000_000)
    assert [at for at, _, _ in radio.said] == [turn * ROTATION_MS for turn in range(4)]


def test_whoever_has_the_key_knows_every_token_and_a_band_without_one_is_known_by_nobody():
    radio = FakeRadio()
    carriers = waited(radio, ROTATION_MS)
    assert not any(is_token_of(KEY, token) for _, _, token in radio.said)
    before = len(radio.said)
    radio.keys.finder_key = KEY
    waited(radio, 4 * ROTATION_MS, carriers=carriers)
    mine = [token for _, _, token in radio.said[before:]]
    assert len(mine) == len(set(mine)) == 3
    assert all(is_token_of(KEY, token) for token in mine)
    assert not any(is_token_of(bytes(16), token) for token in mine)
