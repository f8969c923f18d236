"""A session that both ends have before they meet: live at once, under a seal that is given."""

from bandwire.frames import HOST_RIGHT_OWNER


class GivenSeal:
    """What a link asks of a session, of either end."""

    challenge = bytes(8)
    refusal = 0
    right = HOST_RIGHT_OWNER
    slot = 0

    def __init__(self, seal, identity=bytes(13)):
        self.messages = []
        self.notices = []
        self.seal = None
        self.is_live = False
        self.identity = identity
        self._given = seal

    @property
    def peer_band_id(self):
        return self.identity[:8]

    @property
    def number(self):
        return self.identity[8:]

    def draw_challenge(self):
        return self.challenge

    def begin(self, _version, _host_hello, _band_hello, _now_ms):
        self.seal = self._given
        self.is_live = True

    def end(self):
        self.seal = None
        self.is_live = False

    def poll(self, _now_ms):
        return -1

    def note_record(self, _is_good):
        """Any number of forgeries is fine here."""
