"""Raw values as text."""


def split_number(raw, denominator):
    """`(whole, fraction)` of raw / denominator as text; the fraction with its point, or empty."""
    sign = "-" if raw < 0 else ""
    magnitude = abs(raw)
    whole = sign + str(magnitude // denominator)
    if denominator == 1:
        return whole, ""
    digits = str(magnitude % denominator)
    while len(digits) < len(str(denominator)) - 1:
        digits = "0" + digits
    return whole, "." + digits


def number_text(raw, denominator):
    """Raw / denominator as text."""
    whole, fraction = split_number(raw, denominator)
    return whole + fraction


def age_text(age_s):
    """An age as exactly as it matters and as an alert has room for: `12 min`, `3 h 05 min`, `17 h`."""
    minutes = age_s // 60
    if minutes < 60:
        return str(minutes) + " min"
    hours = minutes // 60
    if hours < 10:
        return "%d h %02d min" % (hours, minutes % 60)
    return str(hours) + " h"


def date_text(unix_s):
    """Day of a Unix time in UTC, `2026-05-31`; empty for 0.

    Civil date from days by Howard Hinnant's `civil_from_days` ("chrono-compatible low-level date
    algorithms"), for days from 1970 on.
    """
    if unix_s == 0:
        return ""
    days = unix_s // 86400 + 719468
    era = days // 146097
    day_of_era = days - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return "%04d-%02d-%02d" % (year, month, day)
