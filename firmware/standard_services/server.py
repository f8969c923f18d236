"""Serves the standard services over the radio while the wearer has agreed to it, beside the project's own.

| what happens                    | services                                                           |
|---------------------------------|--------------------------------------------------------------------|
| the wearer turns them on        | whoever is connected is let go, then there are those agreed to     |
| turned off, agreement withdrawn | values are emptied at once, whoever is connected is let go         |
| chips are somebody else's       | values are emptied at once, nothing is sent                        |
| a step of the vital signs       | values are brought up to date, new ones are sent, once in two s    |
| no room to send                 | the next step's value comes in place of it                         |

To whom a value is sent is left to the stack, which alone knows who has subscribed: `gatts_notify` and
`gatts_indicate` send to whoever is connected. An indication is sent in each step until it is confirmed, as
nothing tells when somebody subscribes to it.
"""

from array import array

from micropython import const

from bandwire.frames import GROUP_STANDARD_SERVICES
from standard_services import registry, values
from standard_services.agreed import AgreedReadings

MEASURED = (
    registry.HEART_RATE_MEASUREMENT,
    registry.PLX_CONTINUOUS_MEASUREMENT,
    registry.TEMPERATURE_MEASUREMENT,
    registry.BLOOD_PRESSURE_MEASUREMENT,
    registry.BATTERY_LEVEL,
    registry.CURRENT_TIME,
)
_HEART_RATE = const(0)
_PLX = const(1)
_TEMPERATURE = const(2)
_BLOOD_PRESSURE = const(3)
_BATTERY = const(4)
_TIME = const(5)
_INDICATED = const(0x0C)
"""Bits of temperature and blood pressure."""

_PAUSED = const(1 << 16)
"""Beside the groups."""
_ROOM = const(20)
"""Of the longest value at the least MTU: nine intervals."""
_TEMPERATURE_BYTES = const(5)
"""What is compared of a temperature: its time stamp makes no new reading."""


class StandardServices:
    """`send` at each step of the link; `notice` and `register` see to which services there are.

    `pairing` is the `HostPairing` of a radio that can pair, else None.
    """

    def __init__(self, radio, pairing, consent, collection, vitals, time, identity):
        self.pairing = pairing
        self._radio = radio
        self._consent = consent
        self._collection = collection
        self._vitals = vitals
        self._time = time
        self._identity = identity
        self._readings = AgreedReadings(vitals.table)
        self._buffer = bytearray(_ROOM)
        self._intervals_q8 = array("i", bytes(4 * values.intervals_in(_ROOM)))
        self._interval_count = 0
        self._handles = array("H", bytes(2 * len(MEASURED)))
        self._groups = 0
        self._noticed = 0
        self._is_empty = True
        self._stepped_s = -1
        self._connections = 0
        self._time_changes = 0
        self._pending = 0
        self._confirmed = 0
        radio.on_indicated = self._on_indicated

    @property
    def is_on(self):
        """Whether there is something for a central that knows of nothing else."""
        return self._groups != 0

    def is_ready(self):
        """Whether the wearer's agreement has changed, or there are new readings for who is connected."""
        if self._wanted() != self._noticed:
            return True
        is_read = self._groups and self._radio.connection >= 0
        return is_read and self._vitals.stepped_s != self._stepped_s

    def notice(self):
        """Whether other services are wanted than there are; what they told is gone then, or while paused."""
        wanted = self._noticed = self._wanted()
        if wanted != self._groups:
            self._empty()
        return wanted & ~_PAUSED != self._groups

    def register(self):
        """Offer those that are agreed to; nobody may be connected. One's own alone if the radio refuses."""
        groups = self._readings.groups = self._groups = self._wanted() & ~_PAUSED
        for which in range(len(MEASURED)):
            self._handles[which] = 0
        offered = [row for row in registry.SERVICES if groups & row[1]]
        can_encrypt = self._radio.can_encrypt
        try:
            handles = self._radio.offer(_service(row, can_encrypt) for row in offered)
        except OSError:
            self._radio.offer(())
            raise
        # Made for this alone, and let go: kept, it would take RAM for good.
        constants = _constants(self._identity)
        for row, of_row in zip(offered, handles):
            for characteristic, handle in zip(row[2], of_row):
                uuid = characteristic[0]
                if uuid in constants:
                    self._radio.put(handle, constants[uuid], False)
                else:
                    self._handles[MEASURED.index(uuid)] = handle
        self._connections = -1

    def send(self, is_free):
        """Bring all up to date at a new step or for a new central; at a step send news if it `is_free`."""
        radio = self._radio
        is_same = self._connections == radio.connections
        if not self._groups or self._wanted() != self._groups or radio.connection < 0:
            return
        is_step = self._vitals.stepped_s != self._stepped_s
        if is_same and not is_step:
            return
        self._stepped_s = self._vitals.stepped_s
        self._pending &= ~self._confirmed
        self._confirmed = 0
        if not is_same:
            # In place before it can ask for them; sent from the next step on.
            self._connections = radio.connections
            self._pending |= _INDICATED
            is_free = False
        self._interval_count = self._vitals.beats.fair_intervals_into(self._intervals_q8) if is_step else 0
        is_free = is_free and radio.is_private
        for which in range(len(MEASURED)):
            if self._handles[which]:
                self._renew(which, is_free)
        self._is_empty = False

    def _wanted(self):
        """The groups agreed to, 0 without an agreement to the services; _PAUSED beside them."""
        agreement = self._consent.agreement
        if agreement is None or not agreement.allows(GROUP_STANDARD_SERVICES):
            return 0
        return agreement.groups | (_PAUSED if self._collection.is_paused else 0)

    def _renew(self, which, is_free):
        handle = self._handles[which]
        bit = 1 << which
        length = self._pack(which)
        if self._is_news(which, length):
            self._pending |= bit
        is_sent = bool(is_free and length and self._pending & bit)
        is_put = self._radio.put(handle, memoryview(self._buffer)[:length], is_sent)
        if is_put and is_sent and not bit & _INDICATED:
            self._pending &= ~bit

    def _pack(self, which):
        buffer = self._buffer
        readings = self._readings
        if which == _HEART_RATE:
            return values.heart_rate_measurement_into(
                buffer, 0, _ROOM, readings, self._intervals_q8, self._interval_count
            )
        if which == _PLX:
            return values.plx_continuous_measurement_into(buffer, 0, readings)
        if which == _TEMPERATURE:
            return values.temperature_measurement_into(buffer, 0, readings, self._time, self._stepped_s)
        if which == _BLOOD_PRESSURE:
            return values.blood_pressure_measurement_into(buffer, 0, readings, self._time, self._stepped_s)
        if which == _BATTERY:
            return values.battery_level_into(buffer, 0, readings)
        return self._time.current_time_into(buffer, 0, self._stepped_s)

    def _is_news(self, which, length):
        """Each step has a new rate and oxygen; the others are new when they are others."""
        if which < _TEMPERATURE:
            return True
        if which == _TIME:
            is_changed = self._time_changes != self._time.changes
            self._time_changes = self._time.changes
            return is_changed
        compared = _TEMPERATURE_BYTES if which == _TEMPERATURE else length
        before = self._radio.value(self._handles[which])
        return bytes(before[:compared]) != bytes(self._buffer[:compared])

    def _empty(self):
        """Nothing that was told can be read any more."""
        if not self._is_empty:
            self._is_empty = True
            for handle in self._handles:
                if handle:
                    self._radio.put(handle, b"", False)

    def _on_indicated(self, handle):
        for which in range(_TEMPERATURE, _BATTERY):
            if self._handles[which] == handle:
                self._confirmed |= 1 << which


def _service(row, can_encrypt):
    return row[0], [
        (uuid, registry.flags_of(flags, is_secret, can_encrypt)) for uuid, flags, is_secret, _ in row[2]
    ]


def _constants(identity):
    """The values of the characteristics that never change."""
    return {
        registry.BODY_SENSOR_LOCATION: values.BODY_SENSOR_LOCATION,
        registry.PLX_FEATURES: values.PLX_FEATURES,
        registry.BLOOD_PRESSURE_FEATURE: values.BLOOD_PRESSURE_FEATURE,
        registry.LOCAL_TIME_INFORMATION: values.LOCAL_TIME_INFORMATION,
        registry.MANUFACTURER_NAME: identity.maker,
        registry.MODEL_NUMBER: identity.model,
        registry.HARDWARE_REVISION: identity.hardware,
        registry.FIRMWARE_REVISION: identity.version_text,
    }
