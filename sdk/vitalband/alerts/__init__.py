"""Early warning: NEWS2 on what is measured, skin that is too warm, and FAULT when nobody is watching."""

from vitalband.alerts.early_warning import Alert, EarlyWarning, EarlyWarningSettings
from vitalband.alerts.news2 import Parameter, Score, news2_score, score_parameter
from vitalband.alerts.skin import SkinBaseline, SkinFinding, SkinSettings

__all__ = [
    "Alert",
    "EarlyWarning",
    "EarlyWarningSettings",
    "Parameter",
    "Score",
    "SkinBaseline",
    "SkinFinding",
    "SkinSettings",
    "news2_score",
    "score_parameter",
]
