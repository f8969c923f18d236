"""The image in an emulator whose memory outlives its resets, and can be read: the worst that a chip can do.

A chip's RAM holds what it held as long as there is power; the emulator's is new with each of its processes.
"""

import secrets
from pathlib import Path

from bandsim.image_lane import ImageLane
from bandsim.lane import LaneSettings

RAM_START = 0x2000_0000
RAM_BYTES = 256 * 1024
"""Of the image (`firmware/ports/cortex_m4/image.ld`, `RAM_BYTES` of its build)."""
_TAG_BYTES = 64


class KeptMemoryLane(ImageLane):
    """`left` is what the memory held as the firmware last ended, and holds as the next one starts."""

    def __init__(self, board: str, settings: LaneSettings) -> None:
        super().__init__(board, settings)
        self.left = bytes(RAM_BYTES)
        self._tag = b""

    def memory(self) -> bytes:
        """What it holds now, while the firmware runs or waits."""
        assert self._process is not None, "wanted a running emulator"
        folder = Path(f"/proc/{self._process.pid}")
        areas = [line.split()[0].split("-") for line in (folder / "maps").read_text().splitlines()]
        with (folder / "mem").open("rb", buffering=0) as process:
            for start, end in ((int(start, 16), int(end, 16)) for start, end in areas):
                if end - start >= RAM_BYTES + _TAG_BYTES:
                    process.seek(start)
                    memory = process.read(RAM_BYTES + _TAG_BYTES)
                    if memory[RAM_BYTES:] == self._tag:
                        return memory[:RAM_BYTES]
        raise AssertionError("wanted the memory of the chip in the emulator's, found none with its tag")

    def stop(self) -> None:
        """End the firmware, whose memory stays."""
        if self._process is not None and self._process.poll() is None:
            self.left = self.memory()
        super().stop()

    def _command(self, descriptors: list[int]) -> list[str]:
        # The emulator has more memory there than the image uses: by what lies behind it is found.
        self._tag = secrets.token_bytes(_TAG_BYTES)
        file = self._runtime_dir / "memory.bin"
        file.write_bytes(self.left + self._tag)
        command = super()._command(descriptors)
        return [*command, "-device", f"loader,file={file},addr={RAM_START:#x},force-raw=on"]
