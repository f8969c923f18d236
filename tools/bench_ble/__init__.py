"""What the link over Bluetooth Low Energy carries, and what it takes of the air: `make bench-ble`.

    (in tools) python -m bench_ble [--document] [NAME ...]

The real firmware on the unix lane, the real SDK on bleak: real ATT and GATT over a link layer that is
simulated. Rates are of virtual time; the 1M PHY is a model, `bandsim.radio.phy`. Nothing is said of a radio,
of its range or its power.
"""
