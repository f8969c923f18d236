"""GENERATED from the figures of docs/vital_signs.md by `make gen`: do not edit.

Rows: reading, kind of study, value with its unit, 95 % interval or "", share of the readings shown or "",
how many recordings, people or points it rests on.
"""

FIGURES = (
    ("heart_rate_bpm", "treadmill", "0.69 /min", "", "91.2 %", "12"),
    ("heart_rate_bpm", "treadmill", "1.45 /min", "", "95.9 %", "12"),
    ("heart_rate_bpm", "phone", "0.46 /min", "0.32 to 0.62", "100 %", "21"),
    ("rmssd_ms", "phone", "2.83 ms", "1.70 to 4.20", "86 %", "21"),
    ("respiratory_rate_bpm", "people", "0.65 /min", "", "81 %", "4"),
    ("spo2_percent", "one_person", "2.96 %", "2.31 to 3.58", "", "58"),
    ("steps", "one_wrist", "3.18 steps", "", "", "30"),
    ("sleep_stage", "wake", "0.72", "0.64 to 0.80", "", "16373"),
    ("skin_temperature_c", "model", "0.02 °C", "", "97 %", "1196"),
)
