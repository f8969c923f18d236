"""A band with the standard services turned on, and its own host that takes them over the same connection."""

from collections.abc import Iterator

from bandschema import codec
from bandschema.enums import Reading, Validity
from bandschema.records import Record, VitalsRun
from bandschema.vitals_run import decode_updates
from bandsim.radio.air_band import AirBand
from bandwire.events import EVENT_FRAME
from radio.air_hosts import AirHost, band_on_air
from radio.apps import SENT, App, turn_services


def band_with_services() -> AirBand:
    """One at rest, whose wearer has agreed to all and then turned them on."""
    made = band_on_air()
    made.run_for(8.0)
    made.world.run(turn_services(made))
    return made


class HostWithApp(AirHost):
    """A host of the band's own that takes the standard services over the same connection."""

    def __init__(self, band: AirBand) -> None:
        super().__init__(band.world)
        self.app = App(band)

    async def use_both(self) -> None:
        self.app.client = self.client
        await self.app.subscribe(*SENT)

    def frames(self) -> Iterator[tuple[int, Record]]:
        """Each frame that came, with the band's ticks in ms."""
        for event in self.of_kind(EVENT_FRAME):
            header, record = codec.decode(bytes(event[1]))
            yield header.ticks_ms, record

    def updates(self) -> list[tuple[float, dict[Reading, int | None]]]:
        """Valid readings of each update that came, with the band's time in seconds; None of the others."""
        found = []
        for ticks_ms, record in self.frames():
            if isinstance(record, VitalsRun):
                for update in decode_updates(record.updates, ticks_ms):
                    readings = {
                        Reading(number): each.raw_value if each.validity == Validity.VALID else None
                        for number, each in update.readings.items()
                    }
                    found.append((update.ticks_ms / 1000, readings))
        return found
