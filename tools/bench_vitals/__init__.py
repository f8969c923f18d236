"""`make bench-vitals`: the firmware's vital signs on published recordings, beside those of others."""
