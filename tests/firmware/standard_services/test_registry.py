"""The registry is what the Bluetooth SIG assigned, the readings' catalogue allows, and the document shows."""

import re
from pathlib import Path

from bleak.uuids import normalize_uuid_16, uuidstr_to_str
from bumble.gatt import Characteristic

from bandschema.enums import Group
from bandschema.readings import READINGS
from standard_services import registry

DOCUMENT = (Path(__file__).parents[3] / "docs/standard_services.md").read_text(encoding="utf-8")
CHARACTERISTICS = [(service, group, *row) for service, group, rows in registry.SERVICES for row in rows]
PERSONAL = {0x2A23, 0x2A25, 0x2A50}
"""System ID, serial number, PnP ID."""


def name_of(uuid: int) -> str:
    """As bleak has it, by the assigned numbers."""
    return uuidstr_to_str(normalize_uuid_16(uuid))


def properties_of(properties: int) -> str:
    names = ((registry.READ, "read"), (registry.NOTIFY, "notify"), (registry.INDICATE, "indicate"))
    return ", ".join(name for bit, name in names if properties & bit)


def rows_of_the_registry() -> list[list[str]]:
    return [
        [
            f"{name_of(service)} 0x{service:04X}",
            f"{name_of(uuid)} 0x{uuid:04X}",
            properties_of(properties),
            "yes" if is_encrypted else "no",
            ", ".join(f"`{READINGS[index].name}`" for index in readings) or "-",
            Group(group).name.lower(),
        ]
        for service, group, uuid, properties, is_encrypted, readings in CHARACTERISTICS
    ]


def test_the_table_of_the_document_is_the_registry():
    table = DOCUMENT.split("<!-- registry -->")[1]
    rows = re.findall(r"^\| (.*) \|$", table, re.MULTILINE)
    found = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert found[1:] == rows_of_the_registry()


def test_each_characteristic_is_there_once_and_none_names_the_band():
    uuids = [row[2] for row in CHARACTERISTICS]
    assert len(set(uuids)) == len(uuids)
    assert len({service for service, *_ in registry.SERVICES}) == len(registry.SERVICES)
    assert not PERSONAL & set(uuids)


def test_a_service_belongs_to_the_group_of_what_it_is_made_of_first():
    for _, group, _, _, _, readings in CHARACTERISTICS:
        assert not readings or READINGS[readings[0]].group == group


def test_whatever_is_made_of_readings_is_encrypted():
    for _, _, _, _, is_encrypted, readings in CHARACTERISTICS:
        assert is_encrypted or not readings


def test_flags_are_those_of_the_attribute_protocol_and_ask_for_encryption_where_there_is_any():
    known = Characteristic.Properties
    assert (registry.READ, registry.NOTIFY, registry.INDICATE) == (known.READ, known.NOTIFY, known.INDICATE)
    for _, _, _, properties, is_encrypted, _ in CHARACTERISTICS:
        assert registry.flags_of(properties, is_encrypted, can_encrypt=False) == properties
        extra = registry.flags_of(properties, is_encrypted, can_encrypt=True) & ~properties
        assert bool(extra) == bool(is_encrypted and properties & registry.READ)
