"""Without a record of consent what was measured is neither handed out nor stored, and none of it is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.codec import encode
from bandschema.enums import CommandCode, ConsentAction, EventKind, Group, StreamId
from bandschema.records import Command, ConsentRecord, Header, Record, Vitals
from sdk.fake_band import BAND_ID, FakeBand, Script
from sdk.fake_records import consent
from sdk.helpers import AT_ONCE, band_on, run
from sdk.paced import PacedTransport
from sdk.recordings import record
from vitalband import Band, BandEvent, ConsentChange, Store, VitalsUpdate
from vitalband.consent_gate import NO_RECORD
from vitalband.data_refused import DataRefused
from vitalband.store.database import FrameRow

EARLIER_BOOT = 5


class EarlierBand(FakeBand):
    """One of before consent records: it knows no SEND_CONSENT either."""

    def __init__(self):
        super().__init__(Script(agreed=None))


def asked_for_consent(fake: FakeBand) -> list[int]:
    commands = [told for told in fake.received if isinstance(told, Command)]
    return [told.argument for told in commands if told.command == CommandCode.SEND_CONSENT]


def kinds(path, boot_id: int | None = None) -> list[int]:
    with Store.open(path) as store:
        return [row.kind for row in store.frames(BAND_ID, boot_id=boot_id)]


def frame_of(boot_id: int, sequence: int, told: Record) -> bytes:
    return bytes(encode(Header(kind=told.KIND, boot_id=boot_id, sequence=sequence, ticks_ms=0), told))


def keep(fake: FakeBand, *frames: bytes) -> None:
    """Put frames into the journal that were never sent live."""
    for frame in frames:
        fake.memory.keep_sent(frame)


def test_a_band_that_tells_no_consent_gets_nothing_taken_and_it_is_told(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        transport = PacedTransport(EarlierBand())
        async with band_on(transport, record_to=path) as band:
            vitals, waveform, events = band.vitals(), band.waveform(StreamId.OPTICAL), band.events()
            await band.run_for(5)
            transport.band.press_button(transport.clock.now_ms)
            await band.run_for(25)
            held = band.statistics.held_frames
            assert held > 10
        assert [item async for item in vitals if isinstance(item, VitalsUpdate)] == []
        assert [item async for item in waveform] == []
        told = [item async for item in events]
        refusals = [
            (item.boot_id, item.reason, item.is_held) for item in told if isinstance(item, DataRefused)
        ]
        assert refusals == [(7, NO_RECORD, True), (7, NO_RECORD, False)]
        assert any(isinstance(item, BandEvent) and item.event == EventKind.BUTTON_SHORT for item in told)
        statistics = band.statistics
        assert (statistics.held_frames, statistics.refused_frames) == (0, held)
        assert Vitals.KIND not in kinds(path), "what is refused is not stored"
        assert len(kinds(path)) >= 3, "what holds nothing of the wearer is"
        first = min(n for n in range(100) if n not in transport.band.confirmed())
        assert first < transport.band.numbering.next_sequence, "nor confirmed: the band keeps it"

    run(work())


def sent_before(fake: FakeBand) -> FakeBand:
    """As after a connection to another host: what it has told is not told again unasked."""
    while fake.memory.peek():
        fake.memory.advance()
    return fake


def test_a_host_that_comes_late_asks_and_has_the_vitals_at_once():
    async def work():
        transport = PacedTransport(sent_before(FakeBand()))
        async with band_on(transport) as band:
            events, vitals = band.events(), band.vitals()
            await anext(vitals)
            now_ms = transport.clock.now_ms
            await band.run_for(30)
            assert asked_for_consent(transport.band) == [7]
            assert band.statistics.refused_frames == 0
        assert now_ms < 4000
        changes = [item async for item in events if isinstance(item, ConsentChange)]
        assert [(change.action, change.stamp.is_backfilled) for change in changes] == [(3, True)]

    run(work())


def test_what_is_stored_is_not_asked_for_again(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        transport = PacedTransport(FakeBand())
        for _ in range(2):
            async with band_on(transport, record_to=path) as band:
                await anext(band.vitals())
                assert band.statistics.refused_frames == 0
        assert asked_for_consent(transport.band) == []

    run(work())


def test_an_agreement_that_was_missed_is_asked_for_though_the_record_of_the_start_is_stored(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        fake = FakeBand(Script(agreed=Group(0)))
        transport = PacedTransport(fake)
        async with band_on(transport, record_to=path) as band:
            await band.run_for(1)
        fake.emit(consent(ConsentAction.AGREED), 1)
        sent_before(fake)
        async with band_on(transport, record_to=path) as band:
            await anext(band.vitals())
            await band.run_for(1)
            assert band.statistics.missing_frames == 0
        assert kinds(path).count(ConsentRecord.KIND) == 2
        assert Vitals.KIND in kinds(path)

    run(work())


class OutOfOrder(FakeBand):
    """Sends what it is asked for in an order of the test's choosing: by the protocol any order is right."""

    order: list[int]

    def _offer(self, request_id, boot_id, count):
        super()._offer(request_id, boot_id, count)
        offered = self.reader._offered
        picked = sorted(offered, key=lambda at: self.order[at % len(self.order)])
        offered.clear()
        offered.extend(picked)


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(12)))
def test_no_order_of_a_fetch_loses_data_whose_record_comes_later(tmp_path_factory, order):
    async def work():
        path = tmp_path_factory.mktemp("store") / "a.vband"
        fake = OutOfOrder()
        fake.order = order
        told = [consent(ConsentAction.IN_FORCE), *[fake.vitals()] * 8]
        frames = [frame_of(EARLIER_BOOT, number, one) for number, one in enumerate(told)]
        keep(fake, *frames)
        async with band_on(PacedTransport(fake), record_to=path) as band:
            await band.run_for(3)
            assert (band.statistics.refused_frames, band.statistics.missing_frames) == (0, 0)
        assert kinds(path, EARLIER_BOOT) == [one.KIND for one in told]

    run(work())


def test_what_was_refused_is_asked_for_by_the_next_session_and_taken_with_its_record(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        fake = FakeBand()
        keep(fake, frame_of(EARLIER_BOOT, 1, fake.vitals()))
        async with band_on(PacedTransport(fake), record_to=path) as band:
            await band.run_for(3)
        assert band.statistics.refused_frames == 1
        assert kinds(path, EARLIER_BOOT) == []
        keep(fake, frame_of(EARLIER_BOOT, 0, consent(ConsentAction.IN_FORCE)))
        async with band_on(PacedTransport(fake), record_to=path) as band:
            await band.run_for(3)
        assert band.statistics.refused_frames == 0
        assert kinds(path, EARLIER_BOOT) == [ConsentRecord.KIND, Vitals.KIND]

    run(work())


def test_a_lost_answer_is_asked_for_again():
    class Lossy(PacedTransport):
        lost = 0

        def _next_packet(self):
            packet = super()._next_packet()
            if self.lost < 2 and frame_of(7, 0, consent(ConsentAction.IN_FORCE)) in packet:
                self.lost += 1
                return super()._next_packet()
            return packet

    async def work():
        transport = Lossy(sent_before(FakeBand()))
        async with band_on(transport, reconnect=AT_ONCE) as band:
            await anext(band.vitals())
        assert transport.lost == 2
        assert asked_for_consent(transport.band) == [7, 7, 7]

    run(work())


def test_a_recording_of_before_consent_records_is_played_only_when_told(tmp_path):
    path = tmp_path / "old.vband"
    fake = EarlierBand()
    with Store.create(path) as store:
        frames = [frame_of(7, number, fake.vitals()) for number in range(3)]
        store.write([FrameRow(BAND_ID, 7, n, Vitals.KIND, 0, 0, frame) for n, frame in enumerate(frames)])

    async def played(**options):
        async with Band.open(f"replay:{path}", **options) as band:
            vitals, events = band.vitals(), band.events()
            await band.wait_closed()
        told = [item.reason async for item in events if isinstance(item, DataRefused)]
        return [item async for item in vitals if isinstance(item, VitalsUpdate)], told

    assert run(played()) == ([], [NO_RECORD])
    updates, told = run(played(unproven=True))
    assert (len(updates), told) == (3, [])


def test_a_recording_with_its_records_is_played_as_it_is(tmp_path):
    path = tmp_path / "a.vband"
    live = record(path)

    async def work():
        async with Band.open(f"replay:{path}") as band:
            vitals = band.vitals()
            await band.wait_closed()
        return [item async for item in vitals if isinstance(item, VitalsUpdate)]

    assert [update.stamp.sequence for update in run(work())] == [update.stamp.sequence for update in live]
