"""What is read back from a store is what was iterated live."""

import numpy as np
import pytest

from sdk.fake_band import Script
from sdk.recordings import record, row
from vitalband import (
    SampleChunk,
    SampleGap,
    Store,
    StoreError,
    StoreReader,
    StreamId,
)


def test_read_back_values_equal_the_live_ones(tmp_path):
    live = record(tmp_path / "a.vband")
    with StoreReader(tmp_path / "a.vband") as reader:
        stored = list(reader.vitals())
        assert reader.identity().maker == "Vitalband"
        assert len(reader.manifest()) == 2
        assert reader.unreadable_frames == 0
    assert len(stored) == len(live) >= 14
    for ours, theirs in zip(stored, live, strict=True):
        assert [(r.name, r.value, r.validity, r.quality, r.cause) for r in ours] == [
            (r.name, r.value, r.validity, r.quality, r.cause) for r in theirs
        ]
        difference_ms = abs((ours.time - theirs.time).total_seconds()) * 1000
        assert difference_ms <= ours.stamp.uncertainty_ms + theirs.stamp.uncertainty_ms


def test_waveform_reads_back_as_numpy_with_gaps(tmp_path):
    script = Script(capabilities=1)  # keeps nothing: what is lost stays lost
    path = tmp_path / "a.vband"
    script.lose = {13}
    record(path, script)
    with StoreReader(path) as reader:
        items = list(reader.waveform(StreamId.OPTICAL))
        gaps = [item for item in items if isinstance(item, SampleGap)]
        chunks = [item for item in items if isinstance(item, SampleChunk)]
        table = reader.waveform_table(StreamId.OPTICAL)
    assert len(gaps) == 1
    assert gaps[0].sample_count == 20
    numbers = table.column("sample").to_numpy()
    assert len(numbers) == sum(len(chunk.counts) for chunk in chunks)
    missing = set(range(numbers[-1] + 1)) - set(numbers.tolist())
    assert missing == set(range(gaps[0].first_sample, gaps[0].first_sample + 20))
    assert np.array_equal(table.column("red").to_numpy(), (numbers.astype(np.int64) * 3) & 0x3FFFF)


def test_vitals_read_back_as_array_with_nan_for_what_is_unknown(tmp_path):
    record(tmp_path / "a.vband")
    with StoreReader(tmp_path / "a.vband") as reader:
        array = reader.vitals_array()
    assert np.all(array["heart_rate_bpm"] == 72.0)
    assert np.all(np.isnan(array["systolic_mmhg"]))
    assert np.all(np.diff(array["utc_us"]) == 2_000_000)


def test_a_store_of_two_bands_asks_which(tmp_path):
    path, other = tmp_path / "a.vband", bytes(range(8))
    with Store.create(path) as store:
        store.write([row(1), row(1, band_id=other)])
    with pytest.raises(StoreError, match=f"wanted one band.*{other.hex()}"):
        StoreReader(path)
    with StoreReader(path, other) as reader:
        assert reader.band_id == other
    with pytest.raises(StoreError, match="ffff"):
        StoreReader(path, b"\xff" * 8)
