"""Fits the parameters of the band's signal processing to recordings, cross-validated by recording.

    (in tools) python -m fit NAME --data DIR

Each script writes `results/NAME.json`: parameters, what they were fitted on, and how well that did on what
was left out. `table` makes of all results the one module that the firmware reads, `dsp/fitted.py`.
"""
