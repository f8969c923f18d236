"""Bands that take part in secure sessions only, paired with the tests' host before they are switched on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from bandsim.paired_state import paired_beforehand
from bandsim.scenario import Scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from device.bands import Carrier
from vitalband.keys import memory_keys

OpenTransport = Callable[..., Any]


class SecuredBands:
    """Makes them over any carrier; `keys` are the host's."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self.keys = memory_keys()
        self._folders = folders

    def on(self, carrier: Carrier) -> Carrier:
        """The carrier, whose bands are secured."""

        def new_band(scenario: Scenario, settings: BandSettings | None) -> VirtualBand:
            settings = settings or BandSettings()
            lane = replace(settings.lane, state_dir=self._paired(settings.lane.state_dir))
            return carrier.new_band(scenario, replace(settings, lane=lane, demands_secure=True))

        return replace(carrier, new_band=new_band)

    def around(self, open_transport: OpenTransport) -> OpenTransport:
        """The function, whose bands are secured, but for one that it is given."""

        def opened(url: str, **options: Any) -> Any:
            if "band" in options:
                return open_transport(url, **options)
            # What stands in the URL has precedence.
            named = dict(parse_qsl(url.partition("?")[2])).get("state", options.get("state"))
            options["state"] = self._paired(named)
            return open_transport(url, session="secured", **options)

        return opened

    def _paired(self, state: Path | str | None) -> Path:
        folder = self._folders.mktemp("band") if state is None else Path(state)
        if not (folder / "hosts.0").exists():
            paired_beforehand(folder, self.keys, "sim:")
        return folder
