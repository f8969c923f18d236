"""Skin temperature as skin temperature: valid once it has been steady for a minute on the wrist."""

from bandwire.catalogue import INDEX_SKIN_TEMPERATURE_C
from bandwire.frames import CAUSE_NONE, CAUSE_STALE, CAUSE_STARTING, NO_VALUE
from dsp.temperature import Settling, hundredths

_STALE_UPDATES = 5
"""Updates (2 s each) without a measurement after which the last one is stale."""

_SKIN_QUALITY = 90


class TemperatureVital:
    """Writes skin temperature into `table`; before it is steady, its value is given with low quality."""

    def __init__(self, table):
        self._table = table
        self._settling = Settling()
        self.start()

    def start(self):
        """Begin afresh."""
        self._latest_cc = NO_VALUE
        self._age_updates = 0
        self._settling.restart()

    def on_raw(self, raw_128):
        """Take a measurement in 1/128 C."""
        self._latest_cc = hundredths(raw_128)
        self._age_updates = 0

    def pad_cc(self):
        """What the thermometer reads, skin or not, in 1/100 C; NO_VALUE when it told nothing of late."""
        return self._latest_cc if self._age_updates <= _STALE_UPDATES else NO_VALUE

    def update(self, absence):
        """Bring the reading up to date, every 2 s. `absence`: why it may touch no skin, or CAUSE_NONE."""
        self._age_updates += 1
        if absence != CAUSE_NONE:
            self._settling.restart()
            self._table.withhold(INDEX_SKIN_TEMPERATURE_C, absence)
        elif self._latest_cc == NO_VALUE:
            self._table.withhold(INDEX_SKIN_TEMPERATURE_C, CAUSE_STARTING)
        elif self._age_updates > _STALE_UPDATES:
            self._table.withhold(INDEX_SKIN_TEMPERATURE_C, CAUSE_STALE)
        elif self._settling.push(self._latest_cc):
            self._table.set(INDEX_SKIN_TEMPERATURE_C, self._latest_cc, _SKIN_QUALITY)
        else:
            self._table.doubt(INDEX_SKIN_TEMPERATURE_C, self._latest_cc, _SKIN_QUALITY // 2, CAUSE_STARTING)
