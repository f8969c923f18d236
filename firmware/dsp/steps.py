"""Steps from wrist acceleration: candidates by peaks, counted where a window looks like walking.

Magnitude at 12.5 Hz in 1/1024 g comes in (`dsp.motion`). A band-pass without multiplications gives h
(1/10240 g); its local maxima above 0.056 g, at least 0.24 s apart, are candidate steps. Every 0.96 s
eight features of the 6 s window around the hop go through one dot product; the mean score of nine hops,
through a clipped logistic, weighs the hop's candidates. A walk counts, with its beginning, once it has
lasted 9.6 s or 20 candidates. A new walk therefore shows after at most 18 s.

Weights: fitted by `tools/fit/steps.py`, which says on what and how well it does on what was left out. The
constants below were chosen on the same recordings.
"""

from array import array

import micropython

from dsp.fitted import STEPS_BIAS, STEPS_WEIGHTS
from dsp.step_features import FEATURE_COUNT, WINDOW, StepFeatures

BOX = 10
"""Samples of the moving mean that is taken off (0.8 s)."""

CANDIDATE_LEVEL = 570
"""Lowest candidate, in 1/10240 g."""

REFRACTORY = 3
"""Least distance of two candidates in samples; a higher one inside it replaces the earlier."""

HOP = 12
_SIDE = 4
_SCORES = 2 * _SIDE + 1
_MINIMUM_HOPS = 10
_MINIMUM_CANDIDATES = 20
_FILL_INTERVAL = 7
_LOGISTIC = (0, 22, 46, 71, 99, 128, 157, 185, 210, 234, 256)
_LENGTH = WINDOW + 2 * HOP
_MOST_CANDIDATES = 40
"""More than fit, three samples apart, between what is forgotten and now: 75 + 24 + 14 samples."""


def gate_q8(score_q8):
    """256 * clip((logistic(score) - 0.2) / 0.6, 0, 1), by a table of steps of 0.25 logits."""
    place = score_q8 + 355
    if place <= 0:
        return 0
    if place >= 710:
        return 256
    # Two statements: a tuple of two is on the heap of some ports.
    cell = place * 10 // 710
    rest = place * 10 - cell * 710
    return _LOGISTIC[cell] + (_LOGISTIC[cell + 1] - _LOGISTIC[cell]) * rest // 710


class StepCounter:
    """Counts steps; allocates nothing after construction. `steps` is the count so far."""

    def __init__(self):
        self.features = StepFeatures()
        self._weights = array("h", STEPS_WEIGHTS)
        self._box = array("h", bytes(2 * BOX))
        self._h = array("i", bytes(4 * _LENGTH))
        self._difference = array("h", bytes(2 * _LENGTH))
        self._place = array("i", bytes(4 * _MOST_CANDIDATES))
        self._height = array("i", bytes(4 * _MOST_CANDIDATES))
        self._score = array("i", bytes(4 * _SCORES))
        self._candidates = array("h", bytes(2 * _SCORES))
        self.restart()
        self._total_q8 = 0

    @property
    def steps(self):
        """Steps counted since construction."""
        return (self._total_q8 + 128) >> 8

    @property
    def gate(self):
        """How sure the last hop is to be walking, 0-256."""
        return self._gate

    @property
    def deviation(self):
        """Band-passed magnitude of the last sample (0.6 to 4 Hz), in 1/10240 g."""
        return self._h[self._filled - 1]

    @property
    def cadence_per_min(self):
        """Candidates a minute in the last window, whether or not they count as steps."""
        return self.features.candidates * 10

    def restart(self):
        """Forget the past, as after a gap, but not the count."""
        self._seen = 0
        self._sum = 0
        self._filled = 0
        self._base = 0
        self._next_hop = 0
        self._found = 0
        self._scored = 0
        self._gate = 0
        self._run_hops = self._run_candidates = self._pending_q8 = 0

    @micropython.native
    def push(self, magnitude):
        """Take one magnitude of 12.5 Hz in 1/1024 g."""
        if self._seen == 0:
            for index in range(BOX):
                self._box[index] = magnitude
            self._sum = BOX * magnitude
        place = self._seen % BOX
        previous = self._box[place - 1]
        self._sum += magnitude - self._box[place]
        self._box[place] = magnitude
        middle = self._box[(place + 6) % BOX] + self._box[(place + 5) % BOX]
        self._append(5 * middle - self._sum, magnitude - previous)
        self._find_candidate()
        if self._seen >= self._next_hop * HOP + 45 and self._seen > WINDOW:
            self._hop()

    def finish(self):
        """No more samples will come: weigh the hops that wait for them. Only `restart` may follow."""
        if self._seen < WINDOW:
            return
        while self._next_hop * HOP < self._seen:
            self._hop()
        for _ in range(_SIDE):
            self._weigh(self._score[_SCORES - 1], 0)

    @micropython.native
    def _append(self, h, difference):
        if self._filled == _LENGTH:
            self._compact()
        self._h[self._filled] = h
        self._difference[self._filled] = max(-32768, min(32767, difference))
        self._filled += 1
        self._seen += 1

    @micropython.native
    def _compact(self):
        """Keep the last window: the arrays stay contiguous for the kernels."""
        cut = _LENGTH - WINDOW - 1
        for index in range(WINDOW + 1):
            self._h[index] = self._h[cut + index]
            self._difference[index] = self._difference[cut + index]
        self._filled = WINDOW + 1
        self._base += cut

    @micropython.native
    def _find_candidate(self):
        end = self._filled
        if end < 3:
            return
        height = self._h[end - 2]
        if height <= CANDIDATE_LEVEL or height < self._h[end - 3] or height <= self._h[end - 1]:
            return
        place = self._seen - 2
        last = self._found - 1
        if last >= 0 and place - self._place[last] < REFRACTORY:
            if height > self._height[last]:
                self._place[last] = place
                self._height[last] = height
        elif self._found < _MOST_CANDIDATES:
            self._place[self._found] = place
            self._height[self._found] = height
            self._found += 1

    @micropython.native
    def _hop(self):
        hop_start = self._next_hop * HOP
        start = max(0, hop_start + HOP // 2 - WINDOW // 2)
        start = max(self._base, min(start, self._seen - WINDOW))
        self._forget_before(min(start, hop_start) - 2 * HOP)
        first = 0
        while first < self._found and self._place[first] < start:
            first += 1
        values = self.features.compute(
            self._h, self._difference, start - self._base, self._place, self._height, first, self._found
        )
        score = STEPS_BIAS
        for index in range(FEATURE_COUNT):
            score += self._weights[index] * values[index]
        self._weigh(score >> 8, self._count_in_hop(hop_start))
        self._next_hop += 1

    def _forget_before(self, place):
        drop = 0
        while drop < self._found and self._place[drop] < place:
            drop += 1
        if drop:
            for index in range(self._found - drop):
                self._place[index] = self._place[index + drop]
                self._height[index] = self._height[index + drop]
            self._found -= drop

    @micropython.native
    def _count_in_hop(self, hop_start):
        """Candidates of the hop; in regular quick walking a gap hides one more step."""
        count = 0
        median = self.features.median_interval
        last = -WINDOW
        for index in range(self._found):
            place = self._place[index]
            if hop_start <= place < hop_start + HOP:
                count += 1
                gap = 10 * (place - last)
                if 0 < median <= _FILL_INTERVAL and 16 * median <= gap <= 25 * median:
                    count += 1
            last = place
        return count

    def _weigh(self, score, candidates):
        if self._scored == 0:
            # The first hop stands for the hops before it.
            for index in range(_SCORES):
                self._score[index] = score
                self._candidates[index] = 0
            self._candidates[_SCORES - 1] = candidates
            self._scored = 1
            return
        for index in range(_SCORES - 1):
            self._score[index] = self._score[index + 1]
            self._candidates[index] = self._candidates[index + 1]
        self._score[_SCORES - 1] = score
        self._candidates[_SCORES - 1] = candidates
        self._scored += 1
        total = 0
        for index in range(_SCORES):
            total += self._score[index]
        self._gate = gate_q8(total // _SCORES)
        self._count(self._candidates[_SIDE])

    def _count(self, candidates):
        if self._gate == 0:
            self._run_hops = self._run_candidates = self._pending_q8 = 0
            return
        self._run_hops += 1
        self._run_candidates += candidates
        self._pending_q8 += candidates * self._gate
        if self._run_hops >= _MINIMUM_HOPS or self._run_candidates >= _MINIMUM_CANDIDATES:
            self._total_q8 += self._pending_q8
            self._pending_q8 = 0
