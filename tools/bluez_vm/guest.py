"""Virtual bands for hosts that reach them by unmodified `bleak`, on BlueZ in an emulated machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from bandsim.radio.air_band import AirBand
from bandsim.scenario import Scenario
from bandsim.transport import band_options
from bandsim.virtual_band import BandSettings
from bluez_vm.guest_adapter import BUS_USER, GuestAdapter
from bluez_vm.guest_world import GuestWorld
from bluez_vm.machine import Machine
from bluez_vm.transport import GuestTransport

CACHE = Path(__file__).resolve().parents[2] / ".cache/bluez"
"""Where the machine is kept, of this checkout."""


class Guest:
    """The machine from `Guest(cache)` to `close`; raises MachineError when that cannot be.

    Its adapter is on one air at a time: a new band is on a new air, and what was on the one before is over.
    """

    def __init__(self, cache: Path) -> None:
        self.machine = Machine(cache)
        self._world: GuestWorld | None = None
        self._adapter: GuestAdapter | None = None

    def new_world(self, seed: int = 0) -> GuestWorld:
        """A new air with the machine's adapter, as it is when it was just plugged in."""
        self.leave()
        self._world = GuestWorld(seed)
        self.plug_in()
        return self._world

    def plug_in(self) -> None:
        """Plug the adapter into the machine, on the air that there is."""
        assert self._world is not None
        self._adapter = GuestAdapter(self.machine, self._world)

    def unplug(self) -> None:
        """Pull it out, until `plug_in`."""
        adapter, self._adapter = self._adapter, None
        if adapter is not None:
            adapter.unplug()

    def new_band(self, scenario: Scenario, settings: BandSettings | None = None) -> AirBand:
        """A band on an air of its own."""
        return AirBand(scenario, settings, world=self.new_world(scenario.seed))

    def open_transport(self, url: str, **options: Any) -> GuestTransport:
        """The transport for `sim:SCENARIO?OPTIONS`; `band` takes one of `new_band` that there is."""
        band = options.pop("band", None)
        if band is not None:
            return GuestTransport(url, band, owns_band=False)
        name, _, query = url.partition(":")[2].partition("?")
        wanted = options | dict(parse_qsl(query, keep_blank_values=True))
        return GuestTransport(url, self.new_band(*band_options(url, name, "", wanted)))

    @contextmanager
    def host(self) -> Iterator[None]:
        """Have this process's `bleak` take the machine's BlueZ for this computer's."""
        wanted = {"DBUS_SYSTEM_BUS_ADDRESS": self.machine.dbus_address, "BLEAK_DBUS_AUTH_UID": str(BUS_USER)}
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def leave(self) -> None:
        """End the air that there is."""
        self.unplug()
        world, self._world = self._world, None
        if world is not None:
            world.close()

    def close(self) -> None:
        """End all; may be called twice."""
        try:
            self.leave()
        finally:
            self.machine.close()
