"""Kernels on windows of one pulse channel: sums, slopes and products; see `dsp.pulse_plain` for each."""

import sys

if sys.implementation.name == "micropython":
    from dsp.pulse_viper import (
        free_slopes,
        largest,
        mean_size,
        next_peak,
        products,
        slope_ratio_q13,
        slopes,
        span_of,
        sum_of_cubes,
        sum_of_steps,
        total_of,
    )
else:
    from dsp.pulse_plain import (
        free_slopes,
        largest,
        mean_size,
        next_peak,
        products,
        slope_ratio_q13,
        slopes,
        span_of,
        sum_of_cubes,
        sum_of_steps,
        total_of,
    )

__all__ = [
    "free_slopes",
    "largest",
    "mean_size",
    "next_peak",
    "products",
    "slope_ratio_q13",
    "slopes",
    "span_of",
    "sum_of_cubes",
    "sum_of_steps",
    "total_of",
]
