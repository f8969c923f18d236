"""What the band's own integers make of windows of light: one line of numbers a window.

    micropython oxygen_windows.py FILE

FILE holds windows: u8 channels, u16 samples, then i32 counts channel by channel, little-endian. Two channels
are red and infrared: prints ratio (Q10), correlation (Q10), mean size of the infrared's slope and its level.
Three are a camera's red, green and blue: prints the features of `dsp.oxygen.CameraTrend`.
"""

import sys
from array import array

_HERE = sys.path[0]
sys.path[0] = _HERE.rsplit("/", 3)[0] + "/firmware"

from dsp.optical_stack import stack_named  # noqa: E402
from dsp.oxygen import CameraTrend, RatioCurve  # noqa: E402
from dsp.ratio import Channel  # noqa: E402
from dsp.workspace import Workspace  # noqa: E402


class Window:
    """Stands in for an OpticalRing that holds just one window."""

    def __init__(self, counts, held):
        self.held = held
        self._counts = counts

    def take(self, channel, count, out):
        """Copy the newest `count` samples of a channel."""
        start = (channel + 1) * self.held - count
        for index in range(count):
            out[index] = self._counts[start + index]


def run(path):
    """Print a line for each window."""
    workspace = Workspace()
    line = RatioCurve(stack_named("max30101"), workspace)
    camera = CameraTrend(stack_named("phone_rgb"), workspace)
    infrared = Channel(workspace, 1)
    with open(path, "rb") as file:
        while True:
            head = file.read(3)
            if len(head) < 3:
                return
            held = head[1] | head[2] << 8
            window = Window(array("i", file.read(4 * head[0] * held)), held)
            if head[0] == 2:
                line.step(window, 0)
                infrared.load(window, 1)
                print(line.ratio_q10, line.correlation_q10, infrared.size, infrared.level)
            else:
                camera.step(window, 0)
                print(" ".join(str(value) for value in camera.features))


run(sys.argv[1])
