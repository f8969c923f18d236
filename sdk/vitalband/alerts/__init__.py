"""Early warning from readings: NEWS2 on what is measured, and FAULT when nobody is watching."""

from vitalband.alerts.early_warning import Alert, EarlyWarning, EarlyWarningSettings
from vitalband.alerts.news2 import Parameter, Score, news2_score, score_parameter

__all__ = [
    "Alert",
    "EarlyWarning",
    "EarlyWarningSettings",
    "Parameter",
    "Score",
    "news2_score",
    "score_parameter",
]
