"""A band that is worn for a day: `python -m soak`, by `make soak-m4`."""
