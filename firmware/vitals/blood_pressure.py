"""Blood pressure: the wearer's last cuff reading with its age. Never computed from light.

On 200 people the shape of the pulse adds almost nothing to age and size, and follows changes worse
than "unchanged" does; a number from it would hide those who matter most. See docs/vital_signs.md.
"""

from bandwire.catalogue import (
    CUFF_RETENTION_H,
    INDEX_CUFF_AGE_S,
    INDEX_DIASTOLIC_MMHG,
    INDEX_SYSTOLIC_MMHG,
)
from bandwire.frames import (
    CAUSE_CUFF_READING_EXPIRED,
    CAUSE_NO_CUFF_READING,
    VALIDITY_STALE,
    VALIDITY_UNKNOWN,
)

EXPIRY_S = CUFF_RETENTION_H * 3600
"""Age after which a cuff reading is shown no more; frames that hold it stay in the journal for their time."""

_NEVER = -1
_EXPIRED = -2

_SAME_TIME_S = 60
"""Ages are entered in minutes: a reading no further back than this corrects the one that is kept."""


class PressureVital:
    """Keeps the last cuff reading and writes it with its age into `table`."""

    def __init__(self, table):
        self._table = table
        self.forget()

    def forget(self):
        """Keep no cuff reading."""
        self._taken_s = 0
        self._systolic_mmhg = _NEVER
        self._diastolic_mmhg = _NEVER

    def on_cuff_reading(self, systolic_mmhg, diastolic_mmhg, age_s, now_s):
        """Take a cuff reading in mmHg that is `age_s` seconds old at `now_s`, unless a later one is kept.

        Gives whether it was taken.
        """
        taken_s = now_s - min(age_s, EXPIRY_S + 1)
        is_kept = self._systolic_mmhg > 0 and now_s - self._taken_s <= EXPIRY_S
        if is_kept and taken_s < self._taken_s - _SAME_TIME_S:
            return False
        self._systolic_mmhg = systolic_mmhg
        self._diastolic_mmhg = diastolic_mmhg
        self._taken_s = taken_s
        return True

    def update(self, now_s):
        """Bring the readings up to date; quality falls with age from 100 to 50."""
        age_s = now_s - self._taken_s
        if self._systolic_mmhg == _NEVER:
            self._withhold(CAUSE_NO_CUFF_READING, VALIDITY_UNKNOWN)
        elif self._systolic_mmhg == _EXPIRED or age_s > EXPIRY_S:
            self._systolic_mmhg = self._diastolic_mmhg = _EXPIRED
            self._withhold(CAUSE_CUFF_READING_EXPIRED, VALIDITY_STALE)
        else:
            quality = 100 - 50 * age_s // EXPIRY_S
            self._table.set(INDEX_SYSTOLIC_MMHG, self._systolic_mmhg, quality)
            self._table.set(INDEX_DIASTOLIC_MMHG, self._diastolic_mmhg, quality)
            self._table.set(INDEX_CUFF_AGE_S, age_s, 100)

    def _withhold(self, cause, validity):
        self._table.withhold(INDEX_SYSTOLIC_MMHG, cause, validity)
        self._table.withhold(INDEX_DIASTOLIC_MMHG, cause, validity)
        self._table.withhold(INDEX_CUFF_AGE_S, cause, validity)
