"""Text of `bandwire/predictors.py`: the tables of predictors as both runtimes read them."""

from bandschema.emit import MARK
from bandschema.predictors import ORDER, PREDICTOR_COUNT, TABLES, Predictor

_HEAD = f'''"""{MARK}

The predictors of compressed blocks: {PREDICTOR_COUNT} a table, {ORDER} signed bytes each, in sixteenths.
On the band they lie in flash.
"""
'''


def _table(number: int, predictors: tuple[Predictor, ...]) -> str:
    codes = [f"\\x{weight & 0xFF:02x}" for predictor in predictors for weight in predictor]
    lines = ["".join(codes[start : start + 16]) for start in range(0, len(codes), 16)]
    return "\n".join([f"TABLE_{number} = (", *(f'    b"{line}"' for line in lines), ")\n"])


def text() -> str:
    """The whole module."""
    return _HEAD + "\n" + "\n".join(_table(number, predictors) for number, predictors in TABLES.items())
