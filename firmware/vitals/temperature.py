"""Body temperature: skin temperature as skin temperature, and an estimate under its own name."""

from bandwire.catalogue import INDEX_CORE_TEMPERATURE_ESTIMATE_C, INDEX_SKIN_TEMPERATURE_C
from bandwire.frames import CAUSE_LOW_CONFIDENCE, CAUSE_NONE, CAUSE_STALE, CAUSE_STARTING
from dsp.temperature import Settling, core_estimate_cc, hundredths

_STALE_UPDATES = 5
"""Updates (2 s each) without a measurement after which the last one is stale."""

_SKIN_QUALITY = 90
_CORE_QUALITY = 20
"""Fixed: the estimate rests on an assumption (`dsp.temperature.core_estimate_cc`)."""

_NOTHING = -32768


class TemperatureVital:
    """Writes skin temperature and the core estimate into `table`.

    Skin temperature is valid once it has been steady for a minute on the wrist; before, its value is
    given with low quality. The core estimate never becomes valid: it is a doubtful value by nature.
    """

    def __init__(self, table):
        self._table = table
        self._settling = Settling()
        self.start()

    def start(self):
        """Begin afresh."""
        self._latest_cc = _NOTHING
        self._age_updates = 0
        self._settling.restart()

    def on_raw(self, raw_128):
        """Take a measurement in 1/128 C."""
        self._latest_cc = hundredths(raw_128)
        self._age_updates = 0

    def update(self, absence):
        """Bring both readings up to date, every 2 s. `absence`: why it may touch no skin, or CAUSE_NONE."""
        self._age_updates += 1
        if absence != CAUSE_NONE:
            self._settling.restart()
            self._withhold(absence)
        elif self._latest_cc == _NOTHING:
            self._withhold(CAUSE_STARTING)
        elif self._age_updates > _STALE_UPDATES:
            self._withhold(CAUSE_STALE)
        elif self._settling.push(self._latest_cc):
            self._table.set(INDEX_SKIN_TEMPERATURE_C, self._latest_cc, _SKIN_QUALITY)
            core_cc = core_estimate_cc(self._latest_cc)
            self._table.doubt(INDEX_CORE_TEMPERATURE_ESTIMATE_C, core_cc, _CORE_QUALITY, CAUSE_LOW_CONFIDENCE)
        else:
            self._table.doubt(INDEX_SKIN_TEMPERATURE_C, self._latest_cc, _SKIN_QUALITY // 2, CAUSE_STARTING)
            self._table.withhold(INDEX_CORE_TEMPERATURE_ESTIMATE_C, CAUSE_STARTING)

    def _withhold(self, cause):
        self._table.withhold(INDEX_SKIN_TEMPERATURE_C, cause)
        self._table.withhold(INDEX_CORE_TEMPERATURE_ESTIMATE_C, cause)
