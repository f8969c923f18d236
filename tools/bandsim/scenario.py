"""Scenarios: who wears the virtual band, what is done to it, and from when.

A scenario is a TOML file, one of the built-in names (`scenario_names`), or `recording:NAME` for a
recording. Keys of a file, all but the first optional; any other key is an error:

    description            what happens, in a sentence
    board                  a key of `STACK_OF_BOARD`; seed: of wearer and noise; start_utc: of second 0
    consents, consent_at_s whether the wearer agrees to all, and when they are through with it
    [battery] percent      charge, or [at start, at end]
    [wearer]               values that all segments share, and systolic_mmhg, diastolic_mmhg
    [[segments]]           duration_s; doing (`DOINGS`), contact (good, weak, off), posture (`POSTURES`);
                           a value or [at start, at end] of heart_rate_bpm, respiratory_rate_bpm,
                           spo2_percent, skin_temperature_c, core_temperature_c, perfusion_percent,
                           cadence_spm
    [pulse]                recording: whose pulse takes the place of the modelled one; start_s in it
    [[actions]]            at_s, name (`ACTIONS`), argument

Actions are for the console of the virtual band to carry out: it tells the stimulus when the band is
taken off or put on.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from bandsim.agreeing import AGREE_S
from bandsim.errors import RecordingError, ScenarioError
from bandsim.physiology.course import Wear
from bandsim.physiology.model import PhysiologyStimulus
from bandsim.physiology.segments import DOINGS, POSTURES, Ramp, Segment, course_of, lasting
from bandsim.physiology.worn import WornStimulus
from bandsim.recordings import load_recording
from bandsim.scenario_table import ScenarioTable
from bandsim.stimulus import STACK_OF_BOARD, ConsoleAction, Stimulus, Wearer

CHIPS = ("max30101", "lsm6dso", "tmp117", "ssd1306", "max17048")
"""Chips that a scenario can make fail."""

ACTIONS: Mapping[str, str] = {
    "agree": "nothing",
    "press_button": "milliseconds",
    "take_off": "nothing",
    "put_on": "nothing",
    "fail_chip": "a chip",
    "restore_chip": "a chip",
    "stall_link": "a time",
    "stick_bus": "a time",
    "hold_bus": "a time",
    "cut_power": "a time",
    "fail_flash": "a time",
    "protect_flash": "a time",
    "set_clock_error": "ppm",
}
"""Names of console actions and what their argument is."""

SHORT_PRESS_MS = 200
"""How long the button is held for a short press: own choice, an ordinary press."""

RECORDING_PREFIX = "recording:"
_DEFAULT_START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_CONSENT_AT_S = 5.0
_LONGEST_FAULT_MS = 3_600_000
_MOST_CLOCK_ERROR_PPM = 1000
"""Own choices: far beyond any crystal's, and as long as anybody will wait."""
_SHORTEST_S = 1.0
_LONGEST_S = 172800.0
_WEAR = {"off": Wear.OFF, "facing": Wear.FACING, "weak": Wear.WEAK, "good": Wear.GOOD}
_LIMITS: Mapping[str, tuple[float, float]] = {
    "heart_rate_bpm": (30.0, 220.0),
    "respiratory_rate_bpm": (4.0, 60.0),
    "spo2_percent": (60.0, 100.0),
    "skin_temperature_c": (10.0, 45.0),
    "core_temperature_c": (25.0, 45.0),
    "perfusion_percent": (0.01, 20.0),
}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A stimulus with all that is needed to run it.

    `actions` are in order of time and include the consent press; `start_utc_us` is the UTC time
    of second 0 in microseconds; `board` is a virtual board of `STACK_OF_BOARD`. Of one that `is_repeatable`
    the band draws its random bytes, its keys too, by name and seed: the same each time, and known to whoever
    knows both. Else they are the operating system's, and `seed` is of the wearer and the noise alone.
    """

    name: str
    description: str
    duration_s: float
    stimulus: Stimulus
    actions: tuple[ConsoleAction, ...]
    board: str
    start_utc_us: int
    seed: int
    is_repeatable: bool = False


def scenario_names() -> tuple[str, ...]:
    """Give the names of the built-in scenarios."""
    folder = resources.files("bandsim") / "scenarios"
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_scenario(
    name_or_path: str | Path,
    *,
    seed: int | None = None,
    data_dir: Path | None = None,
    duration_s: float | None = None,
) -> Scenario:
    """Load a built-in scenario by name, a scenario file by path, or `recording:NAME`.

    `seed` replaces the file's own, and makes the scenario `is_repeatable`. `data_dir` is the folder of
    recordings; without it `VITALBAND_DATA` counts. `duration_s` makes it end sooner, or lets the wearer go on
    as the last segment ended. Raises ScenarioError with the file, the key, what was wanted and what came, and
    RecordingError when a recording is not there, or is shorter than `duration_s`.
    """
    if duration_s is not None and not _SHORTEST_S <= duration_s <= _LONGEST_S:
        raise ScenarioError(
            f"{name_or_path}: wanted a duration of {_SHORTEST_S:g} to {_LONGEST_S:g} s, got {duration_s:g}"
        )
    scenario = _load(name_or_path, seed, data_dir, duration_s or 0.0)
    lasts_s = scenario.duration_s if duration_s is None else duration_s
    return replace(scenario, duration_s=lasts_s, is_repeatable=seed is not None)


def _load(
    name_or_path: str | Path, seed: int | None, data_dir: Path | None, least_duration_s: float
) -> Scenario:
    name = str(name_or_path)
    if name.startswith(RECORDING_PREFIX):
        recorded = _recording_scenario(name.removeprefix(RECORDING_PREFIX), seed or 0, data_dir)
        if recorded.duration_s < least_duration_s:
            raise RecordingError(
                f"{name}: wanted {least_duration_s:g} s; the recording has {recorded.duration_s:g} s"
            )
        return recorded
    if isinstance(name_or_path, Path) or name.endswith(".toml"):
        return _parse(Path(name).stem, name, _read(Path(name)), seed, data_dir, least_duration_s)
    if name not in scenario_names():
        known = ", ".join(scenario_names())
        raise ScenarioError(f"{name}: wanted a .toml file, recording:NAME or one of {known}; found none")
    text = (resources.files("bandsim") / "scenarios" / f"{name}.toml").read_text(encoding="utf-8")
    return _parse(name, f"{name}.toml", text, seed, data_dir, least_duration_s)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: wanted a readable text file in UTF-8, got: {error}") from error


def _parse(
    name: str, file: str, text: str, seed: int | None, data_dir: Path | None, least_duration_s: float
) -> Scenario:
    try:
        root = ScenarioTable(file, "", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{file}: wanted TOML, got: {error}") from error
    description = root.text("description", None)
    board = root.text("board", "virtual", tuple(STACK_OF_BOARD))
    start = root.instant("start_utc", _DEFAULT_START)
    file_seed = root.whole("seed", 1, 0, 2**31 - 1)
    seed = file_seed if seed is None else seed
    actions = _actions(root)
    wearer = _wearer(root, seed, STACK_OF_BOARD[board], data_dir, least_duration_s)
    root.finish()
    for number, action in enumerate(actions):
        if action.t_s > wearer.duration_s:
            root.fail(
                "actions", f"times up to {wearer.duration_s:g} s", f"action {number} at {action.t_s:g} s"
            )
    return Scenario(
        name=name,
        description=description,
        duration_s=wearer.duration_s,
        stimulus=WornStimulus(wearer, actions, seed=seed),
        actions=actions,
        board=board,
        start_utc_us=round(start.timestamp()) * 1_000_000,
        seed=seed,
    )


def _actions(root: ScenarioTable) -> tuple[ConsoleAction, ...]:
    actions: list[ConsoleAction] = []
    consents = root.flag("consents", True)
    consent_at_s = root.number("consent_at_s", _CONSENT_AT_S, 0.0, _LONGEST_S)
    if consents:
        actions.append(_consent(consent_at_s))
    for table in root.tables("actions"):
        t_s = table.number("at_s", None, 0.0, _LONGEST_S)
        name = table.text("name", None, tuple(ACTIONS))
        argument: int | str | None = None
        if ACTIONS[name] == "milliseconds":
            argument = table.whole("argument", SHORT_PRESS_MS, 1, 60_000)
        elif ACTIONS[name] == "a time":
            argument = table.whole("argument", None, 1, _LONGEST_FAULT_MS)
        elif ACTIONS[name] == "ppm":
            argument = table.whole("argument", None, -_MOST_CLOCK_ERROR_PPM, _MOST_CLOCK_ERROR_PPM)
        elif ACTIONS[name] == "a chip":
            argument = table.text("argument", None, CHIPS)
        table.finish()
        actions.append(ConsoleAction(t_s=t_s, name=name, argument=argument))
    return tuple(sorted(actions, key=lambda action: action.t_s))


def _consent(agreed_at_s: float) -> ConsoleAction:
    """The wearer agrees to all, and is through with it at a time, or as soon after it as can be."""
    return ConsoleAction(t_s=max(agreed_at_s - AGREE_S, 0.0), name="agree")


def _wearer(
    root: ScenarioTable, seed: int, stack: str, data_dir: Path | None, least_duration_s: float
) -> Wearer:
    usual_table = root.table("wearer")
    usual = _segment(usual_table, Segment(duration_s=0.0))
    pressures = [
        usual_table.number(key, 0.0, 0.0, 300.0) or None for key in ("systolic_mmhg", "diastolic_mmhg")
    ]
    usual_table.finish()
    segments = [_timed_segment(table, usual) for table in root.tables("segments")]
    if not segments:
        root.fail("segments", "at least one [[segments]] table", "nothing")
    segments = lasting(segments, least_duration_s)
    total_s = sum(segment.duration_s for segment in segments)
    if total_s > _LONGEST_S:
        root.fail("segments", f"at most {_LONGEST_S:g} s in all", total_s)
    battery = root.table("battery")
    charge = battery.ramp("percent", Ramp(80.0, 79.0), 0.0, 100.0)
    battery.finish()
    course = course_of(
        segments, seed, battery_percent=charge, systolic_mmhg=pressures[0], diastolic_mmhg=pressures[1]
    )
    if not root.has("pulse"):
        return PhysiologyStimulus(course, seed, optical_stack=stack)
    pulse = root.table("pulse")
    recording = load_recording(pulse.text("recording", None), data_dir)
    start_s = pulse.number("start_s", 0.0, 0.0, _LONGEST_S)
    pulse.finish()
    return recording.drive(course, seed, start_s=start_s)


def _timed_segment(table: ScenarioTable, usual: Segment) -> Segment:
    duration_s = table.number("duration_s", None, _SHORTEST_S, _LONGEST_S)
    segment = replace(_segment(table, usual), duration_s=duration_s)
    table.finish()
    return segment


def _segment(table: ScenarioTable, usual: Segment) -> Segment:
    ramps = {key: table.ramp(key, getattr(usual, key), *limits) for key, limits in _LIMITS.items()}
    cadence = table.ramp("cadence_spm", Ramp(0.0, 0.0), 0.0, 240.0)
    wear_names = {wear: name for name, wear in _WEAR.items()}
    return Segment(
        duration_s=usual.duration_s,
        doing=table.text("doing", usual.doing, DOINGS),
        wear=_WEAR[table.text("contact", wear_names[usual.wear], tuple(_WEAR))],
        posture=table.text("posture", usual.posture, tuple(POSTURES)),
        cadence_spm=cadence if cadence != Ramp(0.0, 0.0) else usual.cadence_spm,
        **ramps,
    )


def _recording_scenario(name: str, seed: int, data_dir: Path | None) -> Scenario:
    recording = load_recording(name, data_dir)
    wearer = recording.to_stimulus(seed)
    consent = (_consent(_CONSENT_AT_S),)
    return Scenario(
        name=RECORDING_PREFIX + recording.name,
        description=recording.title,
        duration_s=wearer.duration_s,
        stimulus=WornStimulus(wearer, consent, seed=seed),
        actions=consent,
        board=next(board for board, stack in STACK_OF_BOARD.items() if stack == wearer.optical_stack),
        start_utc_us=round(_DEFAULT_START.timestamp()) * 1_000_000,
        seed=seed,
    )
