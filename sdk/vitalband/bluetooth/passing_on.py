"""What was measured with a cuff, to be shown by the band with its age."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from vitalband.bluetooth.pressure_measurement import PressureMeasurement
from vitalband.client import Band
from vitalband.errors import RemoteError

MOST_AHEAD_S = 120
"""A monitor's clock may be so far ahead of ours, as it has no seconds to be set by: own choice."""


def newest_whole(measurements: Iterable[PressureMeasurement]) -> PressureMeasurement | None:
    """The newest that has both pressures and a time; None when there is none."""
    usable = [each for each in measurements if each.is_whole and each.taken_at is not None]
    return max(usable, key=lambda each: each.taken_at or datetime.min, default=None)


def age_s(measurement: PressureMeasurement, now: datetime, zone: tzinfo | None = None) -> int:
    """Whole seconds since it was taken, by a clock that shows the time of `zone`, None for the system's.

    `now` has a time zone. RemoteError for one without a time, which would be a guess, and for one that was
    taken later than now, by a clock that is wrong.
    """
    if measurement.taken_at is None:
        raise RemoteError("cuff reading: wanted its time, the monitor tells none")
    taken_at = measurement.taken_at.replace(tzinfo=zone) if zone else measurement.taken_at.astimezone()
    age = (now.astimezone(UTC) - taken_at.astimezone(UTC)).total_seconds()
    if age < -MOST_AHEAD_S:
        raise RemoteError(
            f"cuff reading: wanted one taken before now, got {measurement.taken_at:%Y-%m-%d %H:%M} by the "
            "monitor's clock, which is to be set"
        )
    return max(0, int(age))


async def pass_on(
    band: Band, measurement: PressureMeasurement, now: datetime, zone: tzinfo | None = None
) -> None:
    """Give a measurement to the band, in whole mmHg; refused as `age_s` and `Band.send_cuff_reading` say."""
    if measurement.systolic_mmhg is None or measurement.diastolic_mmhg is None:
        raise RemoteError("cuff reading: wanted both pressures, the monitor failed to measure")
    await band.send_cuff_reading(
        round(measurement.systolic_mmhg),
        round(measurement.diastolic_mmhg),
        age_s=age_s(measurement, now, zone),
    )
