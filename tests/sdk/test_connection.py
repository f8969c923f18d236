"""The connection as a state machine: a failure at any await of the carrier, and what holds all the same."""

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.enums import CommandCode, StreamId
from sdk.fake_band import FakeBand
from sdk.helpers import AT_ONCE, band_on, paced_band, run, take
from sdk.paced import PacedTransport
from vitalband import (
    BandError,
    ConnectionEvent,
    ConnectionState,
    HandshakeError,
    LinkTimeoutError,
    LocalError,
    TransportError,
    VitalsUpdate,
)
from vitalband.connection import TOLD_TO_ALL, TRANSITIONS, Connection

ALLOWED = {(change.before, change.after) for change in TRANSITIONS}
FAULTS = ("refused", "done, then broken", "hangs")
LIMITS = ("OPEN_TIMEOUT_S", "RADIO_TIMEOUT_S", "SEND_TIMEOUT_S", "CLOSE_TIMEOUT_S")
SHORT_S = 0.01
"""Real seconds after which a call that hangs is given up: calls that do not hang never wait."""
SESSION_S = 7.0
"""Virtual: three updates, and eight blocks of samples."""


class FaultyTransport(PacedTransport):
    """Fails at chosen calls, counted over `search`, `open`, `send`, `receive` and `close` alike."""

    def __init__(self, faults: dict[int, str]) -> None:
        super().__init__(FakeBand())
        self.faults = faults
        self.calls = 0

    @property
    def has_failed(self) -> bool:
        return any(call < self.calls for call in self.faults)

    async def search(self) -> None:
        await self._through("search", asyncio.sleep(0))

    async def open(self) -> None:
        await self._through("open", super().open())

    async def send(self, data: bytes) -> None:
        await self._through("send", super().send(data))

    async def receive(self, timeout_ms: int) -> bytes:
        return await self._through("receive", super().receive(timeout_ms))

    async def close(self) -> None:
        await self._through("close", super().close())

    async def _through(self, name: str, call):
        fault = self.faults.get(self.calls)
        self.calls += 1
        # What a paced transport receives has no limit in real time: there a hang is a refusal.
        if fault == "refused" or (fault == "hangs" and name == "receive"):
            call.close()
            raise TransportError(f"fake: {name} is refused")
        if fault == "hangs":
            call.close()
            await asyncio.Event().wait()
        result = await call
        if fault is not None:
            raise TransportError(f"fake: {name} broke")
        return result


@dataclass
class Followed:
    """What an iterator gave, and how it ended: quietly, or by an error."""

    items: list = field(default_factory=list)
    error: BaseException | None = None

    async def all_of(self, iterator) -> None:
        try:
            async for item in iterator:
                self.items.append(item)
        except BandError as error:
            self.error = error

    @property
    def states(self) -> list[ConnectionState]:
        return [item.state for item in self.items if isinstance(item, ConnectionEvent)]


async def live_through(transport: FaultyTransport, **options):
    """A session with all kinds of iterators; gives what they gave, or None when it could not be opened."""
    before = asyncio.all_tasks()
    band = band_on(transport, **options)
    followed = {name: Followed() for name in ("vitals", "events", "alerts", "samples")}
    is_open, tasks, error = False, [], None
    try:
        async with band:
            is_open = True
            iterators = (band.vitals(), band.events(), band.alerts(), band.waveform(StreamId.OPTICAL))
            tasks = [
                asyncio.create_task(one.all_of(items))
                for one, items in zip(followed.values(), iterators, strict=True)
            ]
            await band.run_for(SESSION_S)
    except (TransportError, HandshakeError, LinkTimeoutError) as caught:
        # A fault of the program would be another error, and fails the test.
        error = caught
    if error is not None:
        assert transport.has_failed, f"by itself: {error}"
        assert not is_open or "reconnect" not in options, f"whoever reconnects is told by events: {error}"
    if is_open:
        done, pending = await asyncio.wait(tasks, timeout=5)
        assert pending == set(), "an iterator hangs"
        assert all(task.exception() is None for task in done)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before, "a task is left behind"
    assert band.connection_state is ConnectionState.CLOSED
    return followed if is_open else None


def check(followed: dict[str, Followed]) -> None:
    states = followed["events"].states
    assert set(pairwise(states)) <= ALLOWED
    assert states[-1] is ConnectionState.CLOSED
    told = [state for state in states if state in TOLD_TO_ALL]
    for name in ("vitals", "samples", "alerts"):
        assert followed[name].states == told, name
        assert not isinstance(followed[name].error, LocalError)


@pytest.fixture
def short_limits(monkeypatch):
    for name in LIMITS:
        monkeypatch.setattr(f"vitalband.bounded.{name}", SHORT_S)


def calls_of_a_session() -> int:
    transport = FaultyTransport({})
    assert run(live_through(transport, reconnect=AT_ONCE)) is not None
    return transport.calls


@pytest.mark.parametrize("fault", FAULTS)
def test_one_failure_at_any_await_breaks_no_rule_and_loses_no_iterator(fault, short_limits):
    count = calls_of_a_session()
    assert count > 30
    opened = 0
    for call in range(count):
        followed = run(live_through(FaultyTransport({call: fault}), reconnect=AT_ONCE))
        if followed is not None:
            opened += 1
            check(followed)
            # After a failure everything that was wanted comes as before.
            assert sum(isinstance(item, VitalsUpdate) for item in followed["vitals"].items) >= 2, call
            assert followed["samples"].items != [], call
            assert all(one.error is None for one in followed.values()), call
    assert opened > count / 2


@pytest.mark.parametrize("fault", FAULTS)
def test_without_reconnecting_a_failure_is_the_error_of_every_iterator(fault, short_limits):
    for call in range(0, calls_of_a_session(), 3):
        transport = FaultyTransport({call: fault})
        followed = run(live_through(transport))
        if followed is None:
            continue
        states = followed["events"].states
        assert set(pairwise(states)) <= ALLOWED
        assert followed["vitals"].states == followed["samples"].states == []
        if ConnectionState.LOST in states:
            assert all(isinstance(one.error, TransportError) for one in followed.values()), call


@settings(max_examples=40)
@given(
    gaps=st.lists(st.integers(0, 30), min_size=1, max_size=12),
    kinds=st.lists(st.sampled_from(FAULTS), min_size=12, max_size=12),
)
def test_failures_in_any_order_break_no_rule(gaps, kinds):
    faults, call = {}, -1
    for gap, kind in zip(gaps, kinds, strict=False):
        call += gap + 1
        faults[call] = kind
    with pytest.MonkeyPatch.context() as patch:
        for name in LIMITS:
            patch.setattr(f"vitalband.bounded.{name}", SHORT_S)
        followed = run(live_through(FaultyTransport(faults), reconnect=AT_ONCE))
    if followed is not None:
        check(followed)


def test_events_tell_every_change_of_a_lost_link_and_data_those_that_matter():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        events, vitals = Followed(), Followed()
        async with band:
            assert band.connection_state.is_up
            tasks = [
                asyncio.create_task(events.all_of(band.events())),
                asyncio.create_task(vitals.all_of(band.vitals())),
            ]
            await band.run_for(3)
            assert band.connection_state is ConnectionState.LIVE
            events.items.clear()
            transport.failed_opens = 1
            number = transport.band.numbering.next_sequence
            transport.band.script.lose = {number}
            transport.fail_at_ms = 4001  # an update is made at 4 s, and lost with the link
            await band.run_for(6)
        await asyncio.wait(tasks)
        return events.states, vitals.states

    states, told = run(work())
    state = ConnectionState
    assert states == [
        state.LOST,
        state.BACKING_OFF,
        state.SEARCHING,
        state.CONNECTING,
        state.BACKING_OFF,
        state.SEARCHING,
        state.CONNECTING,
        state.HELLO,
        state.RESUMING,
        state.BACKFILLING,
        state.LIVE,
        state.CLOSED,
    ]
    assert told == [state.LOST, state.BACKING_OFF, state.BACKING_OFF, state.RESUMING]


def test_what_is_asked_while_the_band_is_away_fails_at_once_and_says_why():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        async with band:
            vitals = band.vitals()
            transport.failed_opens = 1 << 30
            transport.fail_at_ms = transport.clock.now_ms + 100
            while (await anext(vitals)) is None or band.is_connected:
                pass
            for call in (
                band.vibrate(10),
                band.start_stream(StreamId.MOTION),
                band.command(CommandCode.VIBRATE),
            ):
                with pytest.raises(TransportError, match="not connected"):
                    await call

    run(work())


def test_time_passes_for_who_waits_while_a_live_band_is_away(monkeypatch):
    monkeypatch.setattr("vitalband.waiters.TICK_S", 0.001)

    async def work():
        before = asyncio.all_tasks()
        band, transport = paced_band(reconnect=AT_ONCE)
        async with band:
            await take(band.vitals(), 1)
            transport.is_paced = False
            transport.fail_at_ms = transport.clock.now_ms

            async def never():
                transport.clock.now_ms += 1000
                raise TransportError("fake: no such band")

            transport.open = never
            await band.run_for(30)
            assert not band.is_connected
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before, "a task is left behind"

    run(work())


def test_a_change_that_the_table_has_not_is_an_error_under_test_and_a_count_in_use(monkeypatch):
    told = []
    with pytest.raises(LocalError, match="no change from CLOSED to LIVE"):
        Connection(told.append).change(ConnectionState.LIVE, "by mistake")
    monkeypatch.setattr(Connection, "is_strict", False)
    connection = Connection(told.append)
    connection.change(ConnectionState.LIVE, "by mistake")
    assert connection.impossible_changes == 1
    assert connection.state is ConnectionState.LIVE
    assert [event.state for event in told] == [ConnectionState.LIVE]


def test_an_impossible_change_is_among_the_statistics_of_the_band(monkeypatch):
    async def work():
        band, _ = paced_band()
        async with band:
            await band.run_for(1)
            assert band.statistics.impossible_changes == 0
            monkeypatch.setattr(Connection, "is_strict", False)
            band._session.connection.change(ConnectionState.HELLO, "by mistake")
            assert band.statistics.impossible_changes == 1

    run(work())


def test_every_state_can_be_reached_and_be_closed():
    reached, more = set(), {ConnectionState.CLOSED}
    while more:
        reached |= more
        more = {after for before, after in ALLOWED if before in reached} - reached
    assert reached == set(ConnectionState)
    assert {before for before, after in ALLOWED if after is ConnectionState.CLOSED} == reached - {
        ConnectionState.CLOSED
    }
