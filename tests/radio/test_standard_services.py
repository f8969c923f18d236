"""What parsers that nobody here wrote make of the standard services' values is what the readings are."""

from array import array
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import NamedTuple

from bumble.profiles.heart_rate_service import HeartRateService
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bandschema.enums import Cause, Contact, Reading, Validity
from bandschema.readings import READINGS
from bandsim.radio.virtual_loop import run_virtually
from boards import board_named
from firmware.standard_services.states import State, all_states, clock_at, contacts, table_of
from identity import Identity
from radio.served_values import CLOCK, CUFF, OXYGEN, PRESSURE, RATE, SKIN, Served, float_of, shown
from standard_services import registry, values
from standard_services.utc import UtcTime

STATES = 60
ROOM = 20
SENSOR_STATUS = {
    Cause.STARTING: "signal_analysis_ongoing",
    Cause.OFF_WRIST: "unconnected_to_user",
    Cause.WEAK_SIGNAL: "inadequate_signal_detected",
    Cause.MOTION: "erratic_signal_detected",
    Cause.LOW_CONFIDENCE: "questionable_pulse_detected",
    Cause.OUT_OF_RANGE: "signal_processing_irregularity_detected",
    Cause.SENSOR_FAULT: "sensor_malfunctioning",
}
OTHER_SENSOR_STATUS = (
    "equipment_malfunction_detected", "extended_display_update_ongoing", "interference_detected",
    "low_perfusion_detected", "non_pulsatile_signal_detected", "poor_signal_detected", "sensor_disconnected",
    "sensor_displaced", "unknown_sensor_connected",
)  # fmt: skip
MEASUREMENT_STATUS = ("measurement_unavailable", "questionable_measurement_detected")
OTHER_MEASUREMENT_STATUS = (
    "calibration_ongoing", "data_for_demonstration", "data_for_testing", "data_from_measurement_storage",
    "early_estimated_data", "fully_qualified_data", "invalid_measurement_detected", "measurement_ongoing",
    "validated_data",
)  # fmt: skip
SENSOR_FIELDS = [
    f"{OXYGEN}.device_and_sensor_status.{name}" for name in (*SENSOR_STATUS.values(), *OTHER_SENSOR_STATUS)
]
MEASUREMENT_FIELDS = [
    f"{OXYGEN}.measurement_status.{name}" for name in MEASUREMENT_STATUS + OTHER_MEASUREMENT_STATUS
]
FIELDS = [
    f"{RATE}.value.8", f"{RATE}.value.16", f"{RATE}.rr_interval", f"{RATE}.energy_expended",
    f"{RATE}.flags.sensor_contact_status.support", f"{RATE}.flags.sensor_contact_status.contact",
    f"{SKIN}.flags.temperature_unit", f"{SKIN}.flags.timestamp", "temperature_type",
    f"{OXYGEN}.spo2", f"{OXYGEN}.pulse_rate", f"{OXYGEN}.pulse_amplitude_index",
    *SENSOR_FIELDS, *MEASUREMENT_FIELDS,
    *(f"{PRESSURE}.{name}.mmhg" for name in ("systolic", "diastolic", "arterial_pressure")),
    f"{PRESSURE}.systolic.kpa", f"{CUFF}.pulse_rate", f"{CUFF}.user_id", f"{CUFF}.status",
    "battery_level", *CLOCK, "day_of_week", "fractions256",
    "adjust_reason.manual_time_update", "adjust_reason.external_reference_time_update",
    "adjust_reason.change_of_timezone", "adjust_reason.change_of_dst",
]  # fmt: skip
"""Of a value, tshark shows those that its flags announce."""


class Case(NamedTuple):
    """The band at one moment; `now` is None when no host has told the time."""

    states: dict[Reading, State]
    contact: Contact
    intervals_q8: "array[int]"
    now: datetime | None

    def values(self) -> list[tuple[int, bytes]]:
        """What it tells, by characteristic; empty where there is nothing to tell."""
        table, buffer, at_s = table_of(self.states, self.contact), bytearray(24), 1000
        time = UtcTime() if self.now is None else clock_at(self.now, at_s)
        beats = self.intervals_q8
        packers = (
            (
                registry.HEART_RATE_MEASUREMENT,
                values.heart_rate_measurement_into,
                (ROOM, table, beats, len(beats)),
            ),
            (registry.TEMPERATURE_MEASUREMENT, values.temperature_measurement_into, (table, time, at_s)),
            (registry.PLX_CONTINUOUS_MEASUREMENT, values.plx_continuous_measurement_into, (table,)),
            (
                registry.BLOOD_PRESSURE_MEASUREMENT,
                values.blood_pressure_measurement_into,
                (table, time, at_s),
            ),
            (registry.BATTERY_LEVEL, values.battery_level_into, (table,)),
            (registry.CURRENT_TIME, time.current_time_into, (at_s,)),
        )
        found = [(uuid, bytes(buffer[: pack(buffer, 0, *more)])) for uuid, pack, more in packers]
        # One that is not read, only notified, is not sent at all when there is nothing to tell.
        return [(uuid, value) for uuid, value in found if value or uuid != registry.HEART_RATE_MEASUREMENT]

    def tenths(self, reading: Reading) -> str:
        """Whole numbers of a reading in tenths, halves up, as tshark writes them."""
        raw = self.states[reading].valid
        return "NaN" if raw is None else str(floor(Fraction(raw, 10) + Fraction(1, 2)))


moments = st.datetimes(datetime(2001, 1, 2), datetime(2099, 12, 31, 23, 59, 59)).map(
    lambda moment: moment.replace(microsecond=0)
)
cases = st.builds(
    Case,
    all_states,
    contacts,
    st.lists(st.integers(1, 12_800), max_size=12).map(lambda found: array("i", found)),
    st.none() | moments,
)


def drawn(count: int) -> list[Case]:
    """Cases as a property would have them: what reads them all at once is too slow for one at a time."""
    found: list[Case] = []

    @settings(max_examples=count, phases=[Phase.generate], database=None)
    @given(cases)
    def draw(case: Case) -> None:
        found.append(case)

    draw()
    return found


def of_every_cause() -> list[Case]:
    """All readings in each validity with each cause."""
    return [
        Case(
            {spec.reading: State(validity, spec.maximum, cause) for spec in READINGS},
            contact,
            array("i", [5000]),
            datetime(2026, 11, 30, 1, 30, 5),
        )
        for validity, contact in zip(Validity, Contact, strict=True)
        for cause in Cause
    ]


def expected_heart_rate(case: Case) -> dict[str, list[str]]:
    beats = case.intervals_q8 if case.states[Reading.PULSE_INTERVAL_MS].valid is not None else []
    told = [floor(Fraction(beat * 1024, 256 * 25) + Fraction(1, 2)) for beat in beats][: (ROOM - 2) // 2]
    return {
        f"{RATE}.value.8": [case.tenths(Reading.HEART_RATE_BPM)],
        f"{RATE}.rr_interval": [str(each) for each in told],
        f"{RATE}.flags.sensor_contact_status.support": ["1"],
        f"{RATE}.flags.sensor_contact_status.contact": [str(int(case.contact == Contact.ON_WRIST))],
    }


def expected_temperature(case: Case) -> dict[str, list[str]]:
    flags = {
        f"{SKIN}.flags.temperature_unit": ["0x00"],
        f"{SKIN}.flags.timestamp": [str(int(case.now is not None))],
    }
    return flags | (expected_clock(case.now) if case.now else {})


def expected_oxygen(case: Case) -> dict[str, list[str]]:
    state = case.states[Reading.SPO2_PERCENT]
    is_valid = state.valid is not None
    true = {
        f"{OXYGEN}.measurement_status.measurement_unavailable": not is_valid,
        f"{OXYGEN}.measurement_status.questionable_measurement_detected": state.validity
        == Validity.LOW_QUALITY,
    } | {
        f"{OXYGEN}.device_and_sensor_status.{name}": not is_valid and state.cause == cause
        for cause, name in SENSOR_STATUS.items()
    }
    return {
        f"{OXYGEN}.spo2": [case.tenths(Reading.SPO2_PERCENT)],
        f"{OXYGEN}.pulse_rate": [case.tenths(Reading.HEART_RATE_BPM)],
    } | {field: [str(int(true.get(field, False)))] for field in SENSOR_FIELDS + MEASUREMENT_FIELDS}


def expected_cuff(case: Case) -> dict[str, list[str]]:
    age_s = case.states[Reading.CUFF_AGE_S].valid
    taken = None if age_s is None or case.now is None else case.now - timedelta(seconds=age_s)
    told = {} if taken is None else expected_clock(taken)
    for name, reading in (("systolic", Reading.SYSTOLIC_MMHG), ("diastolic", Reading.DIASTOLIC_MMHG)):
        raw = case.states[reading].valid
        told[f"{PRESSURE}.{name}.mmhg"] = ["NaN" if taken is None or raw is None else str(raw)]
    return told | {f"{PRESSURE}.arterial_pressure.mmhg": ["NaN"]}


def expected_battery(case: Case) -> dict[str, list[str]]:
    raw = case.states[Reading.BATTERY_PERCENT].valid
    return {} if raw is None else {"battery_level": [str(raw)]}


def expected_clock(moment: datetime) -> dict[str, list[str]]:
    return {name: [str(part)] for name, part in zip(CLOCK, moment.timetuple()[:6], strict=True)}


def expected_time(case: Case) -> dict[str, list[str]]:
    if case.now is None:
        return {}
    return expected_clock(case.now) | {
        "day_of_week": [str(case.now.isoweekday())],
        "fractions256": ["0"],
        "adjust_reason.manual_time_update": ["0"],
        "adjust_reason.external_reference_time_update": ["1"],
        "adjust_reason.change_of_timezone": ["0"],
        "adjust_reason.change_of_dst": ["0"],
    }


EXPECTED = {
    registry.HEART_RATE_MEASUREMENT: expected_heart_rate,
    registry.TEMPERATURE_MEASUREMENT: expected_temperature,
    registry.PLX_CONTINUOUS_MEASUREMENT: expected_oxygen,
    registry.BLOOD_PRESSURE_MEASUREMENT: expected_cuff,
    registry.BATTERY_LEVEL: expected_battery,
    registry.CURRENT_TIME: expected_time,
}


def tell(told: list[tuple[int, bytes]], capture: Path) -> Served:
    served = Served()

    async def live() -> None:
        await served.start()
        await served.tell(told, capture)

    run_virtually(live())
    return served


def test_tshark_shows_of_every_value_what_the_readings_are(tmp_path):
    many = of_every_cause() + drawn(STATES)
    told = [(case, uuid, value) for case in many for uuid, value in case.values()]
    served = tell([(uuid, value) for _, uuid, value in told], tmp_path / "capture.btsnoop")
    assert served.came == [value for _, _, value in told]
    rows = shown(tmp_path / "capture.btsnoop", FIELDS)
    for (case, uuid, value), row in zip(told, rows, strict=True):
        seen = {field: cells for field, cells in row.items() if cells}
        wanted = {field: cells for field, cells in EXPECTED[uuid](case).items() if cells}
        assert seen == wanted, (case, hex(uuid), value.hex(" "))
        if uuid == registry.TEMPERATURE_MEASUREMENT:
            raw = case.states[Reading.SKIN_TEMPERATURE_C].valid
            assert float_of(value[1:5]) == (None if raw is None else Fraction(raw, 100))
    assert {uuid for _, uuid, value in told if value} == set(EXPECTED)


def test_tshark_shows_what_never_changes_and_a_host_has_to_pair_for_it(tmp_path):
    identity = Identity(board_named("esp32s3"), bytes(8), bytes(8), bytes(32), "product")
    told = [
        (registry.BODY_SENSOR_LOCATION, values.BODY_SENSOR_LOCATION),
        (registry.PLX_FEATURES, values.PLX_FEATURES),
        (registry.BLOOD_PRESSURE_FEATURE, values.BLOOD_PRESSURE_FEATURE),
        (registry.LOCAL_TIME_INFORMATION, values.LOCAL_TIME_INFORMATION),
        (registry.MANUFACTURER_NAME, identity.maker),
        (registry.MODEL_NUMBER, identity.model),
        (registry.HARDWARE_REVISION, identity.hardware),
        (registry.FIRMWARE_REVISION, identity.version_text.encode()),
    ]
    served = tell(told, tmp_path / "capture.btsnoop")
    assert served.pairings == 1
    fields = [
        "body_sensor_location", "plxs.features.supported_features", f"{OXYGEN}.measurement_status",
        f"{OXYGEN}.device_and_sensor_status", "blood_pressure.feature", "timezone", "dst_offset",
        "manufacturer_string", "model_number_string", "hardware_revision_string", "firmware_revision_string",
    ]  # fmt: skip
    rows = shown(tmp_path / "capture.btsnoop", fields)
    assert [[cell for field in fields for cell in row[field]] for row in rows] == [
        ["0x02"], ["0x0003", "0x6000", "0x004b4c"], ["0x0000"], ["0", "0x00"],
        ["Vitalband"], ["Vitalband One"], ["esp32s3 r1"], ["v0.1.0"],
    ]  # fmt: skip


def test_what_tells_who_made_the_band_is_read_without_pairing(tmp_path):
    served = tell([(registry.MANUFACTURER_NAME, b"Vitalband")], tmp_path / "capture.btsnoop")
    assert served.pairings == 0


@given(cases)
def test_the_parser_of_bumble_reads_the_heart_rate_alike(case):
    found = dict(case.values()).get(registry.HEART_RATE_MEASUREMENT)
    if found is None:
        assert case.states[Reading.HEART_RATE_BPM].valid is None
        return
    read = HeartRateService.HeartRateMeasurement.from_bytes(found)
    assert str(read.heart_rate) == case.tenths(Reading.HEART_RATE_BPM)
    assert read.sensor_contact_detected == (case.contact == Contact.ON_WRIST)
    assert read.energy_expended is None
    wanted = expected_heart_rate(case)[f"{RATE}.rr_interval"]
    assert [str(int(each * 1024)) for each in read.rr_intervals or ()] == wanted
