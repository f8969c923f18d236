"""What was measured with a cuff, to be shown by the band with its age."""

from collections.abc import Iterable

from vitalband.client import Band
from vitalband.errors import LocalError, RemoteError
from vitalband.store.cuff_rows import CuffRow

MOST_AHEAD_S = 120
"""A monitor's clock may be so far ahead of ours, as it has no seconds to be set by: own choice."""


def newest_whole(rows: Iterable[CuffRow], user_id: int | None = None) -> CuffRow | None:
    """The newest that has both pressures and a time, of one user of the monitor; None when there is none.

    `LocalError` when there are several users' and none is named: it would be another person's.
    """
    usable = [row for row in rows if _is_whole(row) and row.taken_utc_us is not None]
    users = {_user_of(row) for row in usable}
    if user_id is not None:
        usable = [row for row in usable if _user_of(row) == user_id]
    elif len(users) > 1:
        named = ", ".join("none" if user is None else str(user) for user in sorted(users, key=str))
        raise LocalError(
            f"cuff readings: wanted those of one user, the monitor's are: {named}; choose by user_id (--user)"
        )
    return max(usable, key=lambda row: row.taken_utc_us or 0, default=None)


def _is_whole(row: CuffRow) -> bool:
    return row.measurement is not None and row.measurement.is_whole


def _user_of(row: CuffRow) -> int | None:
    return None if row.measurement is None else row.measurement.user_id


def age_s(row: CuffRow, now_utc_us: int) -> int:
    """Whole seconds since it was taken.

    RemoteError for one without a time, which would be a guess, and for one that was taken later than now, by
    a clock that is wrong.
    """
    if row.taken_utc_us is None:
        raise RemoteError("cuff reading: wanted its time, the monitor tells none")
    age = (now_utc_us - row.taken_utc_us) // 1_000_000
    if age < -MOST_AHEAD_S:
        raise RemoteError(
            f"cuff reading: wanted one taken before now, got one {-age} s ahead by the monitor's clock, "
            "which is to be set"
        )
    return max(0, age)


async def pass_on(band: Band, row: CuffRow, now_utc_us: int) -> None:
    """Give a reading to the band, in whole mmHg; refused as `age_s` and `Band.send_cuff_reading` say."""
    found = row.measurement
    if found is None or found.systolic_mmhg is None or found.diastolic_mmhg is None:
        raise RemoteError("cuff reading: wanted both pressures, the monitor failed to measure")
    age = age_s(row, now_utc_us)
    await band.send_cuff_reading(round(found.systolic_mmhg), round(found.diastolic_mmhg), age_s=age)
