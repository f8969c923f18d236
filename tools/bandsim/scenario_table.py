"""Reads one table of a scenario file key by key; whatever is not asked for is an error."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn, TypeGuard

from bandsim.errors import ScenarioError
from bandsim.physiology.segments import Ramp


class ScenarioTable:
    """One TOML table, with the names of its file and of its place in it for messages."""

    def __init__(self, file: str, place: str, table: object) -> None:
        self._file = file
        self._place = place
        self._asked: set[str] = set()
        if not isinstance(table, Mapping):
            raise ScenarioError(f"{file}: {place}: wanted a table, got {table!r}")
        self._table: dict[str, object] = {str(key): value for key, value in table.items()}

    def has(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self._table

    def number(self, key: str, default: float | None, low: float, high: float) -> float:
        """Give a number within limits; without a default the key is wanted."""
        value = self._value(key, default, f"a number from {low:g} to {high:g}")
        if not _is_number(value) or not low <= value <= high:
            self._refuse(key, f"a number from {low:g} to {high:g}", value)
        return float(value)

    def whole(self, key: str, default: int | None, low: int, high: int) -> int:
        """Give a whole number within limits."""
        value = self._value(key, default, f"a whole number from {low} to {high}")
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self._refuse(key, f"a whole number from {low} to {high}", value)
        return value

    def text(self, key: str, default: str | None, choices: Sequence[str] = ()) -> str:
        """Give a text, one of the choices where there are any."""
        wanted = "one of " + ", ".join(choices) if choices else "a text"
        value = self._value(key, default, wanted)
        if not isinstance(value, str) or (choices and value not in choices):
            self._refuse(key, wanted, value)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Give true or false."""
        value = self._value(key, default, "true or false")
        if not isinstance(value, bool):
            self._refuse(key, "true or false", value)
        return value

    def instant(self, key: str, default: datetime) -> datetime:
        """Give a date and time with its offset from UTC."""
        value = self._value(key, default, "a date and time in UTC")
        if not isinstance(value, datetime) or value.tzinfo is None:
            self._refuse(key, "a date and time with an offset, such as 2026-01-05T08:00:00Z", value)
        return value.astimezone(UTC)

    def ramp(self, key: str, default: Ramp, low: float, high: float) -> Ramp:
        """Give a value, or a pair [at start, at end], within limits."""
        value = self._value(key, default, "a number")
        if isinstance(value, Ramp):
            return value
        pair = value if isinstance(value, list) else [value, value]
        ends = [end for end in pair if _is_number(end) and low <= end <= high]
        if len(pair) != 2 or len(ends) != 2:
            self._refuse(key, f"a number from {low:g} to {high:g}, or two: [at start, at end]", value)
        return Ramp(float(ends[0]), float(ends[1]))

    def tables(self, key: str) -> list["ScenarioTable"]:
        """Give an array of tables, empty when the key is not there."""
        value = self._value(key, [], "an array of tables")
        if not isinstance(value, list):
            self._refuse(key, f"tables, each under [[{key}]]", value)
        return [ScenarioTable(self._file, f"{key}[{n}]", item) for n, item in enumerate(value)]

    def table(self, key: str) -> "ScenarioTable":
        """Give a table, empty when the key is not there."""
        return ScenarioTable(self._file, key, self._value(key, {}, "a table"))

    def finish(self) -> None:
        """Raise ScenarioError when a key is left that nobody asked for."""
        unknown = sorted(set(self._table) - self._asked)
        if unknown:
            self._refuse(unknown[0], "one of " + ", ".join(sorted(self._asked)), "an unknown key")

    def fail(self, key: str, wanted: str, came: object) -> NoReturn:
        """Raise the error for a key whose value is wrong beside others."""
        self._refuse(key, wanted, came)

    def _value(self, key: str, default: object, wanted: str) -> object:
        self._asked.add(key)
        if key in self._table:
            return self._table[key]
        if default is None:
            self._refuse(key, wanted, "nothing")
        return default

    def _refuse(self, key: str, wanted: str, came: object) -> NoReturn:
        place = f"{self._place}.{key}" if self._place else key
        shown = came if isinstance(came, str) and came in ("nothing", "an unknown key") else repr(came)
        raise ScenarioError(f"{self._file}: {place}: wanted {wanted}, got {shown}")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
