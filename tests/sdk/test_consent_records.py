"""Consent records go where the data goes: into a merge, byte by byte, and into a table for a person."""

import csv
from pathlib import Path

from bandschema.codec import encode
from bandschema.enums import ConsentAction, Group
from bandschema.records import ConsentRecord, Header
from sdk.fake_band import BAND_ID
from sdk.recordings import row
from vitalband import Store
from vitalband.export import ExportTable, export_table
from vitalband.store import StoreReader, merge_stores
from vitalband.store.rows import FrameRow

RAW = Group.RAW_OPTICAL | Group.RAW_MOTION
DIGESTS = tuple(bytes([number]) * 8 for number in (1, 2, 255))
COURSE = (
    (0, ConsentAction.IN_FORCE, Group(0)),
    (3, ConsentAction.AGREED, Group.PULSE | RAW),
    (5, ConsentAction.PAUSED, Group.PULSE | RAW),
    (8, ConsentAction.WITHDRAWN, Group.PULSE | RAW),
)


def told(sequence: int, action: ConsentAction | int, groups: Group) -> FrameRow:
    record = ConsentRecord(
        action=action, groups=groups, manifest_digest=DIGESTS[0], firmware_digest=DIGESTS[1],
        issuance_digest=DIGESTS[2],
    )  # fmt: skip
    header = Header(kind=record.KIND, boot_id=1, sequence=sequence, ticks_ms=sequence)
    frame = bytes(encode(header, record))
    return FrameRow(BAND_ID, 1, sequence, record.KIND, sequence, 1_000_000 + sequence, frame)


RECORDS = [told(*each) for each in COURSE]


def stored(path: Path, *rows: FrameRow) -> Path:
    with Store.create(path) as store:
        store.write(list(rows))
    return path


def test_a_merge_has_every_consent_record_that_any_phone_has_byte_by_byte(tmp_path: Path) -> None:
    one = stored(tmp_path / "one.vband", *RECORDS[:2], row(4), row(6))
    two = stored(tmp_path / "two.vband", *RECORDS[1:], row(4))
    for name, order in (("a", (one, two)), ("b", (two, one))):
        merge_stores(tmp_path / f"{name}.vband", order)
        with Store.open(tmp_path / f"{name}.vband") as store:
            found = [each for each in store.frames(BAND_ID) if each.kind == ConsentRecord.KIND]
        assert [each.frame for each in found] == [each.frame for each in RECORDS]


def test_records_are_exported_with_the_names_of_actions_and_groups(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.vband", *RECORDS, row(4))
    with StoreReader(path, BAND_ID) as reader:
        assert export_table(reader, ExportTable.CONSENTS, tmp_path / "a.csv", lambda _: None) == len(COURSE)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["sequence"] for line in lines] == [str(sequence) for sequence, *_ in COURSE]
    assert [line["action"] for line in lines] == ["in_force", "agreed", "paused", "withdrawn"]
    assert [line["groups"] for line in lines] == ["", *["pulse raw_optical raw_motion"] * 3]
    names = ("manifest_digest", "firmware_digest", "issuance_digest")
    assert [tuple(line[name] for name in names) for line in lines] == [
        tuple(digest.hex() for digest in DIGESTS)
    ] * len(COURSE)
