"""What the firmware takes of its chip, measured on the image: `python -m budget`, by `make budget`."""
