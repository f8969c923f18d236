"""Whether all that a band has made is in the store or told lost, and how right its times are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bandschema.codec import decode
from bandschema.records import JournalLoss
from soak.truth import Key, MadeFrame, holes_in_samples, holes_in_updates
from vitalband import StoreReader
from vitalband.clock import TimeExchange, TimeModel
from vitalband.store.select import fill_time_model
from vitalband.upkeep import QUICK_EXCHANGE_US

CONNECTED_S = 30.0
"""Nearer than this to a time exchange a frame counts as one of a connected band: three of their intervals."""

MOST_CONNECTED_MS = 20.0
MOST_OFFLINE_MS = 50.0
LEAST_INSIDE = 0.99
MOST_STALLED = 0.01
"""Wanted of the times: at most so wrong while connected, and after eight hours away at 50 ppm; and so many
inside the uncertainty that is stated with them. Of boots whose link stalled at every exchange that they
had, the stated uncertainty alone is asked, and few times may be theirs."""


@dataclass
class Times:
    """Errors of the times of frames against the truth."""

    placed: int = 0
    unplaced: int = 0
    worst_connected_ms: float = 0.0
    worst_offline_ms: float = 0.0
    stalled: int = 0
    """Of the placed ones, those of boots that had no quick exchange before they ended."""
    worst_stalled_ms: float = 0.0
    inside: int = 0

    @property
    def share_inside(self) -> float:
        """Share of the times that are right within what is stated with them."""
        return self.inside / self.placed if self.placed else 1.0

    def failures(self) -> list[str]:
        """Say what is not as it must be."""
        found: list[str] = []
        if self.worst_connected_ms > MOST_CONNECTED_MS:
            found.append(f"a time is wrong by {self.worst_connected_ms:.1f} ms while connected")
        if self.worst_offline_ms > MOST_OFFLINE_MS:
            found.append(f"a time is wrong by {self.worst_offline_ms:.1f} ms offline")
        if self.share_inside < LEAST_INSIDE:
            found.append(f"only {self.share_inside:.2%} of the times are inside their uncertainty")
        if self.stalled > MOST_STALLED * self.placed:
            found.append(f"{self.stalled} times are of boots without a quick exchange")
        return found


@dataclass
class Account:
    """What became of the frames that a band has made until the end of its life."""

    made: int = 0
    stored: int = 0
    lost: int = 0
    unexplained: int = 0
    """Frames neither stored nor told lost, updates and samples that no frame holds."""
    invented: int = 0
    """Frames in the store that the band has not made, or not with these bytes."""
    untold: int = 0
    """Numbers noted as lost that no frame of the band tells of."""
    times: Times = field(default_factory=Times)

    def failures(self) -> list[str]:
        """Say what is not as it must be."""
        wrong = {
            "unexplained": self.unexplained,
            "invented": self.invented,
            "lost, but not told": self.untold,
        }
        found = [f"{count} {what}" for what, count in wrong.items() if count]
        if not self.made:
            found.append("the band made no frame")
        return found + self.times.failures()


def account_for(made: dict[Key, MadeFrame], store: Path, *, start_utc_us: int, step_ms: int) -> Account:
    """Hold a store against what was made; `step_ms` lie between two updates of the readings."""
    account = Account(made=len(made))
    with StoreReader(store) as reader:
        rows = {(row.boot_id, row.sequence): row.frame for row in reader.frames()}
        boots = {boot_id for boot_id, _ in made}
        lost = {
            (boot_id, number)
            for boot_id in boots
            for first, count in reader.store.lost_ranges(reader.band_id, boot_id)
            for number in range(first, first + count)
        } - rows.keys()
        model = TimeModel()
        fill_time_model(model, reader.store, reader.band_id)
        exchanges: dict[int, list[TimeExchange]] = {}
        for row in reader.store.exchanges(reader.band_id):
            exchanges.setdefault(row.boot_id, []).append(row.exchange)
    account.stored = sum(key in rows for key in made)
    account.lost = sum(key in lost for key in made)
    account.unexplained = sum(key not in rows and key not in lost for key in made)
    account.unexplained += holes_in_updates(made, step_ms) + holes_in_samples(made)
    account.invented = sum(key in made and made[key].frame != frame for key, frame in rows.items())
    account.untold = _untold(lost & made.keys(), rows.values())
    account.times = _times(made, model, exchanges, start_utc_us)
    return account


def _untold(lost: set[Key], frames: Iterable[bytes]) -> int:
    told: dict[int, set[int]] = {}
    for frame in frames:
        if frame[1] == JournalLoss.KIND:
            loss = decode(frame)[1]
            assert isinstance(loss, JournalLoss)
            told.setdefault(loss.lost_boot_id, set()).update(
                range(loss.first_sequence, loss.last_sequence + 1)
            )
    return sum(number not in told.get(boot_id, ()) for boot_id, number in lost)


def _times(
    made: dict[Key, MadeFrame], model: TimeModel, exchanges: dict[int, list[TimeExchange]], start_utc_us: int
) -> Times:
    times = Times()
    known = {boot_id: np.array([one.ticks_ms for one in found]) for boot_id, found in exchanges.items()}
    quick = {
        boot_id
        for boot_id, found in exchanges.items()
        if min(one.uncertainty_us for one in found) <= QUICK_EXCHANGE_US
    }
    for (boot_id, _), frame in made.items():
        placed = model.place(boot_id, frame.ticks_ms)
        if placed is None:
            times.unplaced += 1
            continue
        error_ms = abs(placed.utc_us - start_utc_us - frame.true_us) / 1000
        away_s = np.abs(known[boot_id] - frame.ticks_ms).min() / 1000
        times.placed += 1
        times.inside += error_ms * 1000 <= placed.uncertainty_us
        if boot_id not in quick:
            times.stalled += 1
            times.worst_stalled_ms = max(times.worst_stalled_ms, error_ms)
        elif away_s <= CONNECTED_S:
            times.worst_connected_ms = max(times.worst_connected_ms, error_ms)
        else:
            times.worst_offline_ms = max(times.worst_offline_ms, error_ms)
    return times
