"""What a session says of data that it does not take (`vitalband.consent_gate`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataRefused:
    """Readings or samples of a boot, from frame `first_sequence` on, that no record proves to be agreed to.

    Told once a boot and `reason`: `is_held` when they wait for a record of the wearer's consent, else they
    were neither handed out nor stored, nor confirmed to the band.
    """

    boot_id: int
    first_sequence: int
    reason: str
    is_held: bool
