"""Text of `bandwire/predictors.py`: the tables of predictors as both runtimes read them."""

from bandschema.emit import MARK
from bandschema.predictors import ORDER, PREDICTOR_COUNT, TABLES, Predictor

_HEAD = f'''"""{MARK}

The predictors of compressed blocks: {PREDICTOR_COUNT} a table, {ORDER} signed bytes each, in sixteenths.
For each predictor `ENERGIES_...` has five signed numbers of 16 bits: the energy that it leaves, 256
times, is the sum of the autocorrelation from lag 0 to 4 times these. On the band all lie in flash.
"""
'''


def _table(number: int, predictors: tuple[Predictor, ...]) -> str:
    codes = [f"\\x{weight & 0xFF:02x}" for predictor in predictors for weight in predictor]
    lines = ["".join(codes[start : start + 16]) for start in range(0, len(codes), 16)]
    return "\n".join([f"TABLE_{number} = (", *(f'    b"{line}"' for line in lines), ")\n"])


def energy_factors(predictor: Predictor) -> list[int]:
    """What the autocorrelation of the differences, lags 0 to 4, is to be multiplied by."""
    taps = (16, *(-weight for weight in predictor))
    products = [sum(taps[at] * taps[at + lag] for at in range(ORDER + 1 - lag)) for lag in range(ORDER + 1)]
    return [product if lag == 0 else 2 * product for lag, product in enumerate(products)]


def _energies(number: int, predictors: tuple[Predictor, ...]) -> str:
    factors = [energy_factors(predictor) for predictor in predictors]
    codes = ["".join(f"\\x{byte:02x}" for factor in row for byte in factor.to_bytes(2, "little", signed=True))
             for row in factors]  # fmt: skip
    lines = [f'    b"{codes[at]}{codes[at + 1]}"' for at in range(0, len(codes), 2)]
    return "\n".join([f"ENERGIES_{number} = (", *lines, ")\n"])


def text() -> str:
    """The whole module."""
    return (
        _HEAD
        + "\n"
        + "\n".join(
            _table(number, predictors) + _energies(number, predictors)
            for number, predictors in TABLES.items()
        )
    )
