"""The estimate of core temperature, under its own name and never more than a doubtful value.

Its published limits of agreement, +-0.63 C (`dsp.core_temperature`), are of people at work in the heat. It
follows heart rate alone, and a fever raises that by less than work does: shown as a reading, it would hide
fevers. So it is a value in doubt by nature, and early warning judges fever by the skin instead.

| minutes with a heart rate                           | reading                      |
|-----------------------------------------------------|------------------------------|
| none since the start                                | none, STARTING               |
| fewer than 30, less the minutes without since       | in doubt, STARTING           |
| 30 and more, and one within the last 10             | in doubt, LOW_CONFIDENCE     |
| none within the last 10                             | none, STALE                  |

A minute counts when half of its heart rates are valid. As many minutes without as there were with make the
filter begin anew. Without contact the reading is withheld with its cause.
"""

from bandwire.catalogue import INDEX_CORE_TEMPERATURE_ESTIMATE_C
from bandwire.frames import CAUSE_LOW_CONFIDENCE, CAUSE_NONE, CAUSE_STALE, CAUSE_STARTING, NO_VALUE
from dsp.core_temperature import CoreFilter

_UPDATES_A_MINUTE = 30
_FEWEST_RATES = 15
_SETTLED_MINUTES = 30
"""The filter's time constant is about 20 minutes; choice of this project."""

_STALE_MINUTES = 10
_QUALITY = 20
_STARTING_QUALITY = 10


class CoreTemperatureVital:
    """Writes the estimate into `table`, every 2 s; it moves each minute."""

    def __init__(self, table):
        self._table = table
        self._filter = CoreFilter()
        self.start()

    def start(self):
        """Know nothing of the wearer."""
        self._filter.start()
        self._known_minutes = 0
        self._minutes_without = _STALE_MINUTES
        self._begin_minute()

    def _begin_minute(self):
        self._updates = 0
        self._rates = 0
        self._sum_tenths = 0

    def update(self, rate_tenths, absence):
        """Take the valid heart rate in 0.1 /min, or NO_VALUE. `absence`: why there is none, or CAUSE_NONE."""
        self._updates += 1
        if rate_tenths != NO_VALUE:
            self._rates += 1
            self._sum_tenths += rate_tenths
        if self._updates == _UPDATES_A_MINUTE:
            self._end_minute()
        self._tell(absence)

    def _end_minute(self):
        if self._rates >= _FEWEST_RATES:
            self._filter.observe(self._sum_tenths // self._rates)
            self._known_minutes = min(self._known_minutes + 1, _SETTLED_MINUTES)
            self._minutes_without = 0
        else:
            self._filter.pass_minute()
            self._known_minutes = max(self._known_minutes - 1, 0)
            self._minutes_without = min(self._minutes_without + 1, _STALE_MINUTES)
            if self._known_minutes == 0:
                self._filter.start()
        self._begin_minute()

    def _tell(self, absence):
        index = INDEX_CORE_TEMPERATURE_ESTIMATE_C
        if absence != CAUSE_NONE:
            self._table.withhold(index, absence)
        elif self._minutes_without >= _STALE_MINUTES:
            is_new = self._known_minutes == 0
            self._table.withhold(index, CAUSE_STARTING if is_new else CAUSE_STALE)
        elif self._known_minutes < _SETTLED_MINUTES:
            self._table.doubt(index, self._filter.estimate_cc, _STARTING_QUALITY, CAUSE_STARTING)
        else:
            self._table.doubt(index, self._filter.estimate_cc, _QUALITY, CAUSE_LOW_CONFIDENCE)
