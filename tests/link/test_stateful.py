"""Both ends of a link under any history: each numbered frame is given on once, or is known to be missing.

Two machines: one carries records, which are lost, repeated and come in any order; the other carries the
bytes of two serial lines, which are cut anywhere, lost and changed. Time passes, either side restarts, the
host has frames sent again. At the end the carrier works again, and every number is looked for.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bandwire.frames import KIND_EVENT, KIND_SAMPLE_BLOCK
from fuzz.session import Session
from link.pairs import CARRIER_BYTES

_MOST_ON_THE_WAY = 40


class _Ends(RuleBasedStateMachine):
    """What both machines share: `carry_all` moves everything that waits, as a carrier that works does."""

    session: Session

    def carry_all(self) -> None:
        """Until neither side has anything to send."""
        raise NotImplementedError

    @rule(kind=st.sampled_from([KIND_EVENT, KIND_SAMPLE_BLOCK]), payload=st.binary(max_size=300))
    def band_makes_a_frame(self, kind, payload):
        self.session.append(kind, payload)

    @rule(count=st.integers(2, 8), size=st.sampled_from([6, 60]), is_carried=st.booleans())
    def band_makes_frames_that_are_alike(self, count, size, is_carried):
        for number in range(count):
            self.session.append(KIND_EVENT, bytes([number]) * size)
        if is_carried:
            self.carry_all()

    @rule(request_id=st.integers(0, 0xFFFF))
    def band_answers(self, request_id):
        self.session.post_reply(request_id)

    @rule(way=st.integers(0, 2), first=st.integers(0, 50), count=st.integers(0, 50))
    def host_asks(self, way, first, count):
        self.session.ask(way, first, count)

    @rule(back=st.integers(0, 20), count=st.integers(1, 20), is_carried=st.booleans())
    def band_sends_again(self, back, count, is_carried):
        numbering = self.session.numbering
        self.session.reader.begin(numbering.boot_id, max(numbering.next_sequence - back, 0), count)
        if is_carried:
            self.carry_all()

    @rule(duration_ms=st.sampled_from([1, 100, 1000, 5000, 31_000]))
    def time_passes(self, duration_ms):
        self.session.pass_time(duration_ms)

    @rule()
    def host_restarts(self):
        self.session.restart_host()

    @rule()
    def band_restarts(self):
        self.session.restart_band()

    @rule()
    def carrier_works(self):
        self.carry_all()

    @invariant()
    def nothing_is_given_on_twice(self):
        given = self.session.given_on
        assert len(given) - len(set(given)) <= self.session.host.ledger.unaccounted

    def teardown(self):
        session = self.session
        if not hasattr(session, "host"):
            return
        # A band whose host fell silent answers another session id only.
        session.restart_host()
        for _ in range(3):
            self.carry_all()
            session.pass_time(1000)
        session.append(KIND_EVENT, b"the last")
        self.carry_all()
        _check_every_number(session)


def _check_every_number(session: Session) -> None:
    ledger = session.host.ledger
    given = {(int.from_bytes(f[2:4], "little"), int.from_bytes(f[4:7], "little")) for f in session.given_on}
    missing = {
        (boot, number)
        for boot in ledger.boot_ids()
        for first, count in ledger.missing_ranges(boot)
        for number in range(first, first + count)
    }
    # What is sent again before the host has heard of its number is given on, and not accounted for.
    assert len(given & missing) <= ledger.unaccounted
    last_boot = session.numbering.boot_id
    assert (last_boot, session.numbering.next_sequence - 1) in given
    known = ledger.boot_ids()
    for boot, number in session.appended.keys() - given - missing:
        # Not known of: from before the account began, of a boot that is forgotten or was never heard of, or
        # of a boot whose end never came.
        is_before = boot < known[0] or (
            boot == known[0] and number < min(_accounted(session, boot), default=1 << 24)
        )
        is_unheard = boot not in known
        is_after = boot != last_boot and number > max(_accounted(session, boot), default=-1)
        assert is_before or is_unheard or is_after, (boot, number, known, ledger.missing_ranges(boot))


def _accounted(session: Session, boot: int) -> list[int]:
    given = [int.from_bytes(f[4:7], "little") for f in session.given_on if f[2] | f[3] << 8 == boot]
    ranges = session.host.ledger.missing_ranges(boot)
    return given + [number for first, count in ranges for number in (first, first + count - 1)]


class Records(_Ends):
    """Records on their way may be lost, repeated and put in any order."""

    @initialize(max_bytes=st.sampled_from(CARRIER_BYTES), first=st.sampled_from([0, 5, 0xFFFFF0]))
    def begin(self, max_bytes, first):
        self.session = Session(max_bytes, first)

    def carry_all(self):
        session = self.session
        is_busy = True
        while is_busy:
            is_busy = False
            for sender, receiver in ((session.host, session.band), (session.band, session.host)):
                if record := session.send_from(sender):
                    session.give(receiver, record)
                    is_busy = True

    @rule(is_to_host=st.booleans())
    def a_record_sets_out(self, is_to_host):
        session = self.session
        way = session.to_host if is_to_host else session.to_band
        if len(way) < _MOST_ON_THE_WAY and (
            record := session.send_from(session.band if is_to_host else session.host)
        ):
            way.append(record)

    @rule(is_to_host=st.booleans(), at=st.integers(0, _MOST_ON_THE_WAY), is_kept=st.booleans())
    def a_record_arrives(self, is_to_host, at, is_kept):
        session = self.session
        way = session.to_host if is_to_host else session.to_band
        if way:
            at %= len(way)
            record = way[at] if is_kept else way.pop(at)
            session.give(session.host if is_to_host else session.band, record)

    @rule(is_to_host=st.booleans(), at=st.integers(0, _MOST_ON_THE_WAY))
    def a_record_is_lost(self, is_to_host, at):
        way = self.session.to_host if is_to_host else self.session.to_band
        if way:
            del way[at % len(way)]


class Lines(_Ends):
    """Bytes on their way come in in pieces of any length; some are lost, changed or come from nowhere."""

    @initialize(first=st.sampled_from([0, 5]))
    def begin(self, first):
        self.session = Session(244, first)
        self.on_the_way = {True: bytearray(), False: bytearray()}

    def _written(self, is_to_host: bool, most_bytes: int) -> bytearray:
        carrier = self.session.band_carrier if is_to_host else self.session.host_carrier
        way = self.on_the_way[is_to_host]
        count = min(carrier.fill(self.session.now_ms), most_bytes)
        way += carrier.output[carrier.output_start : carrier.output_start + count]
        carrier.sent(count)
        return way

    def _arrive(self, is_to_host: bool, count: int) -> None:
        session, way = self.session, self.on_the_way[is_to_host]
        data = bytes(way[:count])
        del way[:count]
        session.give_stream(session.host_carrier if is_to_host else session.band_carrier, data)

    def carry_all(self):
        is_busy = True
        while is_busy:
            is_busy = False
            for is_to_host in (False, True):
                if way := self._written(is_to_host, 10_000):
                    self._arrive(is_to_host, len(way))
                    is_busy = True

    @rule(is_to_host=st.booleans(), most_bytes=st.integers(0, 300))
    def a_port_takes_bytes(self, is_to_host, most_bytes):
        if len(self.on_the_way[is_to_host]) < 3000:
            self._written(is_to_host, most_bytes)

    @rule(is_to_host=st.booleans(), count=st.integers(0, 700))
    def bytes_arrive(self, is_to_host, count):
        self._arrive(is_to_host, count)

    @precondition(lambda self: any(self.on_the_way.values()))
    @rule(
        is_to_host=st.booleans(),
        at=st.integers(0, 2000),
        count=st.integers(0, 40),
        noise=st.binary(max_size=9),
    )
    def bytes_are_lost_or_changed(self, is_to_host, at, count, noise):
        way = self.on_the_way[is_to_host]
        at %= len(way) + 1
        way[at : at + count] = noise


_machine = settings(stateful_step_count=60, max_examples=max(settings().max_examples // 10, 50))
TestRecords = Records.TestCase
TestRecords.settings = _machine
TestLines = Lines.TestCase
TestLines.settings = _machine
