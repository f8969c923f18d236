"""What lies where in a sector; docs/journal.md gives the reasons.

    0     GIVEN_UP: cause of the giving up, and its complement
    4     format and erase count (24 bits); their CRC-32: written after the erase
    12    class and, above it, cause of the floor; minute before (24 bits); serial number; floor; powered
          seconds at the start of the boot, and at the opening; CRC-32 of these: written at the opening
    36    CONFIRMED
    40    THINNED
    44    summary: first and last boot; first sequence, frame count; last sequence; CRC-32: written at the
          close
    60    entries: length, its complement; frame, padded, sealed (`seal`) behind its header; number of another
          sector (if flagged); CRC-32
    4092  TOLD: each loss of the sector is told, it may be erased

The CRC-32 of what is written at the opening goes on from what tells the key (`seal.Seal.check`): a sector of
another key holds nothing that could be read, and is taken for one that is to be erased.

Numbers are little-endian. Every word is programmed once between two erases, the flags to zeros.
"""

from bandwire.frames import (
    KIND_COMPRESSED_BLOCK,
    KIND_CONSENT_RECORD,
    KIND_SAMPLE_BLOCK,
    KIND_VITALS,
    KIND_VITALS_RUN,
)

SECTOR_BYTES = 4096
GIVEN_UP_AT = 0
ERASED_AT = 4
ERASED_BYTES = 8
OPENED_AT = 12
OPENED_BYTES = 24
SERIAL_AT = OPENED_AT + 4
CONFIRMED_AT = 36
THINNED_AT = 40
SUMMARY_AT = 44
SUMMARY_BYTES = 16
HEAD_BYTES = 60
ENTRIES_AT = HEAD_BYTES
TOLD_AT = 4092
ENTRIES_END = TOLD_AT

FORMAT = 0x4B
"""First byte of the record that follows an erase; another layout is another number."""

CLASS_CONSENT = 0
CLASS_EVENTS = 1
CLASS_THINNED = 2
CLASS_VITALS = 3
CLASS_WAVEFORM = 4
CLASS_COUNT = 5

ENTRY_HEAD_BYTES = 4
FRAME_HEADER_BYTES = 12
"""Of a frame: what tells which it is, and when. It lies in the clear."""
CRC_BYTES = 4
SUBJECT_BYTES = 4
SUBJECT_FLAG = 0x8000
"""Of a length: the entry names another sector by its serial number."""
MOST_FRAME_BYTES = 256
MOST_ENTRY_BYTES = ENTRY_HEAD_BYTES + MOST_FRAME_BYTES + SUBJECT_BYTES + CRC_BYTES
NO_MINUTE = 0xFFFFFF
CRC_RESIDUE = 0x2144DF1C
"""CRC-32 of any bytes followed by their own CRC-32, little-endian; a property of the polynomial."""

_CLASSES = {
    KIND_CONSENT_RECORD: CLASS_CONSENT,
    KIND_VITALS: CLASS_VITALS,
    KIND_VITALS_RUN: CLASS_VITALS,
    KIND_SAMPLE_BLOCK: CLASS_WAVEFORM,
    KIND_COMPRESSED_BLOCK: CLASS_WAVEFORM,
}


def class_of(kind):
    """The class of sectors (CLASS_...) in which frames of a kind lie."""
    return _CLASSES.get(kind, CLASS_EVENTS)


def entry_bytes(frame_bytes, has_subject=False):
    """What the entry of a frame takes of its sector."""
    padded = (frame_bytes + 3) & ~3
    return ENTRY_HEAD_BYTES + padded + CRC_BYTES + (SUBJECT_BYTES if has_subject else 0)


def seconds_of(ticks_low, ticks_high):
    """Whole seconds of a frame's ticks (two halves of 16 bits), below 2^23."""
    return (ticks_high * 8192 + (ticks_low >> 3)) // 125
