"""Training of what the band carries as numbers: heart-rate network, camera trend, tables."""
