"""What the standard Bluetooth services tell of the band, byte by byte: docs/standard_services.md.

`registry` lists services and characteristics, `values` packs their values, `utc` keeps the time they need.
Nothing here sends: a transport serves it, once the wearer has turned it on at the band.
"""
