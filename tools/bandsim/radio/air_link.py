"""The line of a band that has a radio too: what is done to the link is done to its connections on the air."""

from bandsim.link_port import LinkPort
from bandsim.radio.world import World


class AirLink(LinkPort):
    """See `LinkPort`. A cut link is a band out of range: connections are lost, and it is not heard."""

    def __init__(self, world: World, seed: int = 0) -> None:
        super().__init__(seed)
        self._world = world

    def cut(self) -> None:
        """Out of range, until `mend`."""
        super().cut()
        with self._world.entered():
            self._world.air.cut()
            self._world.air.stall()

    def mend(self) -> None:
        """Back in range."""
        super().mend()
        with self._world.entered():
            self._world.air.resume()

    def stall(self) -> None:
        """Carry nothing on either, until `resume`."""
        super().stall()
        with self._world.entered():
            self._world.air.stall()

    def resume(self) -> None:
        """Carry again."""
        super().resume()
        with self._world.entered():
            self._world.air.resume()
