"""Fever by the skin: the wearer's own usual skin temperature, and a departure from it.

Skin is not the core: it follows the room, the blood flow and the time of day, so that no table of fevers
applies to it. What can be told is that it is warmer at rest than it usually is for this wearer, or warmer
than skin usually is at all. Both are a hint to take a temperature, WATCH, and no diagnosis. All limits are
this project's choice; they were held against no feverish wearer.

    parts of 10 min with 3 min of valid skin at rest            | what is found
    ------------------------------------------------------------|-----------------------------------------
    three in a row at 38.0 C and more                           | a finding, from the first day on
    three in a row above the usual by 1.0 C and by three times  | a finding, once the usual is known: from
    its own spread                                              | 48 parts over 24 hours, a whole day's course
    one that is neither                                         | the finding ends
    none, or too little rest in it                              | what was found stands

The usual is the median of the parts of a week, the last hour left out, its spread the median distance from
it times 1.4826. While a finding stands nothing is learned of it, for three days at most.
"""

from collections import deque
from dataclasses import dataclass, field
from statistics import median

NORMAL_SPREAD = 1.4826
"""Standard deviation of a normal distribution whose median distance from its middle is 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinSettings:
    """Limits of the finding, see above. Times in ms, temperatures in degrees C."""

    part_ms: int = 600_000
    least_rest_ms: int = 180_000
    parts_in_a_row: int = 3
    hot_c: float = 38.0
    least_departure_c: float = 1.0
    spreads: float = 3.0
    least_parts: int = 48
    least_span_ms: int = 24 * 3_600_000
    kept_ms: int = 7 * 24 * 3_600_000
    lag_ms: int = 3_600_000
    unlearned_ms: int = 72 * 3_600_000


@dataclass(frozen=True, slots=True)
class SkinFinding:
    """Skin at rest is too warm. `usual_c` is None where it is not known yet."""

    skin_c: float
    usual_c: float | None

    @property
    def summary(self) -> str:
        """For people: `skin 36.1 °C at rest, 2.4 above usual`."""
        usual = "" if self.usual_c is None else f", {self.skin_c - self.usual_c:.1f} above usual"
        return f"skin {self.skin_c:.1f} °C at rest{usual}"


@dataclass(slots=True)
class SkinBaseline:
    """Learns the usual skin temperature of one wearer; keep it as long as the wearer wears the band.

    `finding` is what stands now. Time is that of any one clock that never goes back.
    """

    settings: SkinSettings = field(default_factory=SkinSettings)
    finding: SkinFinding | None = None
    _parts: deque[tuple[int, float]] = field(default_factory=deque[tuple[int, float]])
    _warm_parts: int = 0
    _found_ms: int = 0
    _part: int | None = None
    _last_ms: int | None = None
    _rest_ms: int = 0
    _sum_c_ms: float = 0.0

    def feed(self, skin_c: float | None, is_resting: bool, now_ms: int) -> SkinFinding | None:
        """Take a valid skin temperature, None for none; gives the finding that stands."""
        part = now_ms // self.settings.part_ms
        if part != self._part:
            if self._part is not None and self._rest_ms >= self.settings.least_rest_ms:
                self._end_part(self._sum_c_ms / self._rest_ms, now_ms)
            self._part, self._rest_ms, self._sum_c_ms = part, 0, 0.0
        if skin_c is not None and is_resting and self._last_ms is not None:
            # A pause of the link is no rest: what nobody saw does not count.
            lasted_ms = min(now_ms - self._last_ms, 10_000)
            self._rest_ms += lasted_ms
            self._sum_c_ms += lasted_ms * skin_c
        self._last_ms = now_ms
        return self.finding

    @property
    def usual_c(self) -> float | None:
        """The usual skin temperature at rest, None until it is known."""
        usual = self._usual(self._last_ms or 0)
        return None if usual is None else usual[0]

    def _usual(self, now_ms: int) -> tuple[float, float] | None:
        """Median and spread of the parts that count."""
        known = [value for at_ms, value in self._parts if now_ms - at_ms >= self.settings.lag_ms]
        if len(known) < self.settings.least_parts:
            return None
        if now_ms - self._parts[0][0] < self.settings.least_span_ms:
            return None
        middle = median(known)
        return middle, NORMAL_SPREAD * median(abs(value - middle) for value in known)

    def _end_part(self, skin_c: float, now_ms: int) -> None:
        usual = self._usual(now_ms)
        is_warm = skin_c >= self.settings.hot_c
        if usual is not None:
            limit_c = max(self.settings.least_departure_c, self.settings.spreads * usual[1])
            is_warm = is_warm or skin_c - usual[0] >= limit_c
        self._warm_parts = self._warm_parts + 1 if is_warm else 0
        if self._warm_parts < self.settings.parts_in_a_row:
            self.finding = None
        else:
            if self.finding is None:
                self._found_ms = now_ms
            self.finding = SkinFinding(skin_c, None if usual is None else usual[0])
        if self.finding is None or now_ms - self._found_ms > self.settings.unlearned_ms:
            self._parts.append((now_ms, skin_c))
        while self._parts and now_ms - self._parts[0][0] > self.settings.kept_ms:
            self._parts.popleft()
