"""A screen with every view, on a canvas that notices what does not fit."""

from types import SimpleNamespace

import framebuf
import pytest

from bandwire.frames import CAUSE_NONE, NO_VALUE
from collected import Manifest
from display.canvas import HEIGHT, WIDTH, Canvas
from display.screen import Screen
from display.trend import Trends
from hal.host_keys import HostKeys
from issuance import Issued
from paired_hosts import PairedHosts
from question import Question
from readings import ReadingTable
from status import Status
from streams import motion_row, optical_row

RADIO = SimpleNamespace(can_encrypt=True, pairing=None)


class KeysInRam(HostKeys):
    """Keys of hosts without a medium."""

    def load(self):
        return None

    def keep(self, record):
        pass


class Window:
    """A window that is open as long as a test wants."""

    def __init__(self):
        self.is_opened = False

    def open(self, _now_ms):
        self.is_opened = True

    def close(self):
        self.is_opened = False

    def is_open(self, _now_ms):
        return self.is_opened


class StrictFrame(framebuf.FrameBuffer):
    """Notes pixels beyond the edge, and glyphs stamped onto ink that is there."""

    def __init__(self, buffer):
        super().__init__(buffer, WIDTH, HEIGHT, framebuf.MONO_VLSB)
        self.outside, self.covered = [], []

    def pixel(self, x, y, color):
        if not (0 <= x < WIDTH and 0 <= y < HEIGHT):
            self.outside.append((x, y))
        super().pixel(x, y, color)

    def blit(self, source, x, y, key):
        for column in range(source._width if key == 0 else 0):
            ink = source._column(column)
            rows = [y + row for row in range(source._height) if ink >> row & 1]
            if not 0 <= x + column < WIDTH:
                self.outside += [(x + column, row) for row in rows]
                continue
            self.outside += [(x + column, row) for row in rows if not 0 <= row < HEIGHT]
            lit = self._column(x + column)
            self.covered += [(x + column, row) for row in rows if row >= 0 and lit >> row & 1]
        super().blit(source, x, y, key)

    def clear_faults(self):
        self.outside, self.covered = [], []


class Stage:
    """All that the views look at, and the screen."""

    def __init__(self):
        self.handover = SimpleNamespace(count=0, wiped_unix_s=0, is_worn=False)
        self.table, self.trends, self.status = ReadingTable(), Trends(), Status()
        self.clock = SimpleNamespace(uptime_s=0, ticks_high=0, ticks_low=0)
        self.hosts = PairedHosts(KeysInRam(), Window(), self)
        self.manifest = Manifest((optical_row("max30101"), motion_row()))
        self.identity = SimpleNamespace(
            model=b"Vitalband One", serial=b"D0D0D0D0D0D0D0D0", hardware=b"nrf52840 r1",
            version_text="v10.20.30", image_profile=1, digest_text=b"d0d0d0d0d0d0d0d0",
            certification=b"none",
        )  # fmt: skip
        canvas = Canvas()
        self.frame = canvas._frame = StrictFrame(canvas.buffer)
        self.issued = Issued(SimpleNamespace(terms=b""))
        self.question = Question(self.manifest, self.issued, self.clock)
        self.screen = Screen(canvas, self, self.manifest, self.question, self.identity, RADIO, self.hosts)

    def draw(self, view=None):
        """Draw a view (or the screen's); gives the 1024 bytes."""
        self.frame.clear_faults()
        if view is None:
            return bytes(self.screen.draw())
        self.screen._canvas.clear()
        view.draw(self.screen._canvas)
        return bytes(self.screen._canvas.buffer)

    def assert_fits(self):
        assert self.frame.outside == []
        assert self.frame.covered == []

    def put(self, index, raw, validity, quality, cause=CAUSE_NONE):
        """A reading exactly so, whatever the table's own methods would make of it."""
        self.table._put(index, NO_VALUE if raw is None else raw, validity, quality, cause)

    def view_of(self, index):
        (view,) = [view for view in self.screen.views if index in view.readings]
        return view


@pytest.fixture(scope="module")
def stage():
    return Stage()


@pytest.fixture
def fresh_stage():
    return Stage()
