"""Vitals that no recording tells of: the virtual band lives through scenarios, beside the model's truth."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from bandschema.readings import CUFF_RETENTION_H
from bandsim.scenario import load_scenario
from bandsim.stimulus import Truth
from bandsim.transport import SimTransport
from bench_vitals.rows import Row, number
from vitalband import Alert, Band, Cause, Validity, VitalsUpdate
from vitalband.analysis.agreement import FloatArray

LIVES = "Vitalband, virtual band"
_SKIN = "skin_temperature_c"
_MIDDLE = (0.1, 0.9)
_PRESSURES = ("systolic_mmhg", "diastolic_mmhg")
_CUFF = (*_PRESSURES, "cuff_age_s")
_LONG_S = 900.0
"""The pad nears the skin's temperature within minutes of being put on."""
_EXPIRY_S = CUFF_RETENTION_H * 3600
_BEFORE_EXPIRY_S = 40
_ENTERED = (131, 84)
_LOW = (88, 55)
"""3 points of NEWS2 by itself."""


@dataclass(frozen=True)
class Moment:
    """An update, when it came, and what was true then."""

    t_s: float
    update: VitalsUpdate
    truth: Truth


def _transport(band: Band) -> SimTransport:
    transport = band.transport
    assert isinstance(transport, SimTransport)
    return transport


async def _follow(band: Band, seconds: float) -> list[Moment]:
    """What a band tells from now on."""
    moments: list[Moment] = []
    console = _transport(band).console

    async def listen() -> None:
        async with band.vitals() as updates:
            async for update in updates:
                assert isinstance(update, VitalsUpdate)
                moments.append(Moment(console.now_s, update, console.truth()))

    listener = asyncio.create_task(listen())
    await band.run_for(seconds)
    listener.cancel()
    with suppress(asyncio.CancelledError):
        await listener
    return moments


def life_of(scenario: str, duration_s: float | None = None) -> list[Moment]:
    """A whole scenario, or one that lasts so long."""
    lasting_s = load_scenario(scenario).duration_s if duration_s is None else duration_s

    async def live() -> list[Moment]:
        async with Band.open(f"sim:{scenario}?duration_s={lasting_s}") as band:
            return await _follow(band, lasting_s - 2.0)

    return asyncio.run(live())


def temperature_rows() -> list[Row]:
    """Skin temperature in three scenarios, against what the model's thermometer touches."""
    rest, fever = life_of("rest"), life_of("fever")
    taken_off = life_of("taken_off", _LONG_S)
    rows = [
        _error_row(f"largest error once settled, {name}", life)
        for name, life in (("rest", rest), ("fever", fever), ("taken off and put on", taken_off))
    ]
    put_on_s = next(one.t_s for one in load_scenario("taken_off").actions if one.name == "put_on")
    again_s = next(moment.t_s for moment in taken_off if moment.t_s > put_on_s and _is_shown(moment))
    off = [moment for moment in taken_off if moment.truth.skin_temperature_c is None]
    rows += [
        _row("first reading after the agreement, rest", _first_s(rest), "s", 1),
        _row("reading again after it was put on", again_s - put_on_s, "s", 1),
        _row("shown while it was off", float(sum(map(_is_shown, off))), "updates", len(off)),
        _row("delay of a fever's rise", _delay_s(fever), "s", 1),
        _row("rise of a fever that was shown", 100 * _risen(fever), "% of the true rise", 1),
    ]
    return rows


def _is_shown(moment: Moment) -> bool:
    return moment.update[_SKIN].is_valid


def _series(life: Sequence[Moment]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Times, readings that are shown, and what was true."""
    shown = [
        (moment.t_s, moment.update[_SKIN].value, moment.truth.skin_temperature_c)
        for moment in life
        if _is_shown(moment) and moment.truth.skin_temperature_c is not None
    ]
    times_s, values, truth = np.array(shown, dtype=np.float64).T
    return times_s, values, truth


def _error_row(measure: str, life: Sequence[Moment]) -> Row:
    _, values, truth = _series(life)
    return _row(measure, float(np.abs(values - truth).max()), "°C", len(life), len(values))


def _first_s(life: Sequence[Moment]) -> float:
    first = next(moment.t_s for moment in life if moment.update[_SKIN].value is not None)
    return next(moment.t_s for moment in life if _is_shown(moment)) - first


def _delay_s(life: Sequence[Moment]) -> float:
    """Mean distance from the truth over the middle of its rise, by the speed of the rise."""
    times_s, values, truth = _series(life)
    share = (truth - truth.min()) / np.ptp(truth)
    middle = (share > _MIDDLE[0]) & (share < _MIDDLE[1])
    speed = np.polyfit(times_s[middle], truth[middle], 1)[0]
    return float((truth - values)[middle].mean() / speed)


def _risen(life: Sequence[Moment]) -> float:
    _, values, truth = _series(life)
    return float((values[-30:].mean() - values[:30].mean()) / (truth[-30:].mean() - truth[:30].mean()))


def cuff_rows() -> list[Row]:
    """The life of a cuff reading, and that nothing else ever gives a blood pressure."""
    moments = asyncio.run(_with_cuff())
    fresh = [moment for moment in moments if moment.update["cuff_age_s"].is_valid]
    expired = moments[len(fresh) :]
    as_entered = [tuple(moment.update[name].value for name in _PRESSURES) == _ENTERED for moment in fresh]
    ages_s = np.array([moment.update["cuff_age_s"].value for moment in fresh], dtype=np.float64)
    since_s = np.array([moment.t_s for moment in fresh])
    off_s = np.abs((ages_s - ages_s[0]) - (since_s - since_s[0]))
    withheld = [_is_expired(moment.update) for moment in expired]
    used, unused = (len(asyncio.run(_warned(age_s))) for age_s in (600, 7200))
    bare = [moment for name in ("rest", "fever") for moment in life_of(name)]
    given = sum(moment.update[name].value is not None for moment in bare for name in _PRESSURES)
    return [
        _row("shown as it was entered", 100 * float(np.mean(as_entered)), "%", len(moments), len(fresh)),
        _row("its age, largest error", float(off_s.max()), "s", len(moments), len(fresh)),
        _row("oldest that was shown", float(ages_s.max()) / 3600, "h", len(moments), len(fresh)),
        _row("withheld once a day old", 100 * float(np.mean(withheld)), "%", len(moments), len(expired)),
        _row("warnings by a low one of 10 min", float(used), "of 1", 1),
        _row("warnings by a low one of 2 h", float(unused), "of 0", 1),
        _row("pressures told without a cuff", float(given), "", 2 * len(bare)),
    ]


def _is_expired(update: VitalsUpdate) -> bool:
    return all(
        update[name].value is None
        and update[name].validity == Validity.STALE
        and update[name].cause == Cause.CUFF_READING_EXPIRED
        for name in _CUFF
    )


async def _with_cuff() -> list[Moment]:
    """A minute of updates from when a reading was entered that soon is a day old."""
    async with Band.open("sim:rest") as band:
        await band.run_for(20)
        await band.send_cuff_reading(*_ENTERED, age_s=_EXPIRY_S - _BEFORE_EXPIRY_S)
        await band.run_for(4)
        return await _follow(band, 60)


async def _warned(age_s: int) -> list[Alert]:
    async with Band.open("sim:rest") as band:
        await band.run_for(40)
        await band.send_cuff_reading(*_LOW, age_s=age_s)
        return [item async for item in band.watch(seconds=60) if isinstance(item, Alert)]


def _row(measure: str, value: float, unit: str, count: int, used: int | None = None) -> Row:
    return Row(
        who=LIVES,
        measure=measure,
        value=f"{number(value)} {unit}".rstrip(),
        used="" if used is None else f"{100 * used / count:.0f} % of {count}",
        count=f"{count} updates" if used is not None or count > 1 else "1",
    )


ROWS: Mapping[str, Callable[[], list[Row]]] = {"temperature": temperature_rows, "cuff": cuff_rows}
"""Tables by the names of their tasks, whose data set is `SCENARIOS`."""
