"""Stores that hold what can be searched for in their raw bytes."""

from dataclasses import replace

from bandschema.records import Event
from sdk.fake_band import BAND_ID
from sdk.recordings import row
from vitalband import Store
from vitalband.clock import TimeExchange
from vitalband.store.access import Access
from vitalband.store.database import ExchangeRow, LostRow

OTHER_BAND = b"band-two"
SECRET = b"the wearer's secret"


def secret_row(sequence, band_id=BAND_ID):
    made = row(sequence, text=SECRET.decode(), band_id=band_id)
    return replace(made, kind=Event.KIND)


def content_of(path):
    """All bytes of the file, its write-ahead log and the index of that."""
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    return b"".join(file.read_bytes() for file in files if file.exists())


def a_store_with_secrets(path):
    with Store.create(path) as store:
        exchange = ExchangeRow(BAND_ID, 1, TimeExchange(5, 10, 2))
        store.write([secret_row(number) for number in range(300)], [exchange], [LostRow(BAND_ID, 1, 900, 2)])
        store.write([secret_row(number, OTHER_BAND) for number in range(0, 300, 3)])
        store.set_metadata("note", SECRET.decode())
        store.rights.note(Access.READ, "readings", BAND_ID, SECRET.decode())
    return path
