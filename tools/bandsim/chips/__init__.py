"""Register-level models of the band's chips."""

from bandsim.chips.base import Chip, Nack
from bandsim.chips.lsm6dso import Lsm6dsoModel
from bandsim.chips.max17048 import Max17048Model
from bandsim.chips.max30101 import Max30101Model
from bandsim.chips.ssd1306 import Ssd1306Model
from bandsim.chips.tmp117 import Tmp117Model
from bandsim.stimulus import Stimulus

__all__ = (
    "Chip",
    "Lsm6dsoModel",
    "Max17048Model",
    "Max30101Model",
    "Nack",
    "Ssd1306Model",
    "Tmp117Model",
    "band_chips",
)


def band_chips(stimulus: Stimulus, *, seed: int = 0, error_ppm: float = 0.0) -> list[Chip]:
    """Give the five chips of the reference band, at their usual addresses, fed by one stimulus.

    `seed` is that of the chips' own noise; `error_ppm` is how much too fast every chip's oscillator runs.
    """
    return [
        Max30101Model(stimulus, error_ppm=error_ppm),
        Lsm6dsoModel(stimulus, error_ppm=error_ppm),
        Tmp117Model(stimulus, error_ppm=error_ppm, seed=seed),
        Ssd1306Model(),
        Max17048Model(stimulus),
    ]
