"""Bands that live for long, through faults: `python -m soak`, by `make soak` and `make soak-m4`."""
