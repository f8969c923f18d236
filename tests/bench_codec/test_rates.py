"""Rates are told of decoders that give back what they were given, and of exports that read all of a store."""

import numpy as np
import pytest

from bandschema.codec import decode
from bandschema.vitals_run import decode_updates
from bench_codec import million, vitals_rates, waveform_rates
from bench_codec.recordings import Group
from bench_codec.session import run_frame, session_updates, vitals_frame
from vitalband.export import ExportTable


@pytest.fixture
def quick(monkeypatch):
    for module in (vitals_rates, waveform_rates):
        monkeypatch.setattr(module, "_ROUNDS", 1)
    monkeypatch.setattr(vitals_rates, "_BATCH_FRAMES", 60)


def walk(bits, channels, is_signed):
    noise = np.random.default_rng(1)
    middle = 0 if is_signed else 1 << (bits - 1)
    return (middle + np.cumsum(noise.integers(-9, 10, (9000, channels)), axis=0)).astype(np.int32)


@pytest.mark.parametrize(("bits", "channels", "is_signed"), [(16, 3, True), (18, 2, False)])
def test_every_decoder_of_waveforms_gives_the_samples_back(quick, bits, channels, is_signed):
    samples = walk(bits, channels, is_signed)
    rates = waveform_rates.rates_of(Group("walk", 25, bits, is_signed, (), (samples, samples[:500])), 1)
    assert min(rates.plain_numpy, rates.compiled, rates.flac, rates.protobuf, rates.zstd) > 0
    assert waveform_rates.table([rates]).row_count == 1


def test_a_decoder_that_gives_back_something_else_is_told():
    with pytest.raises(ValueError, match="FLAC does not give back"):
        waveform_rates._checked("FLAC", lambda: np.zeros((3, 1), np.int32), np.ones((3, 1), np.int32))


def test_every_way_to_decode_vitals_reads_every_reading(quick):
    rows = vitals_rates.measure(60)
    assert len({row.name for row in rows}) == len(rows) == 5
    assert min(row.readings_hz for row in rows) > 0
    assert vitals_rates.table(rows).row_count == 5


def test_a_session_is_the_same_in_frames_of_either_kind():
    updates = session_updates(40)
    _, run = decode(run_frame(updates, 3))
    assert list(decode_updates(run.updates, updates[-1].ticks_ms)) == updates
    for number, update in enumerate(updates):
        header, record = decode(vitals_frame(update, number))
        assert (header.ticks_ms, record.contact) == (update.ticks_ms, update.contact)
        assert {each.reading_id: each.raw_value for each in record.readings} == {
            key: told.raw_value for key, told in update.readings.items()
        }


def test_a_made_store_is_exported_whole(tmp_path):
    million.write_store(tmp_path / "a.vband", 200)
    vitals = million.measure_export(tmp_path / "a.vband", ExportTable.VITALS, ".csv", 200)
    # Of twenty frames one is a block, one a run of ten updates and the others are one update each.
    assert vitals.rows == 18 * 10 + 10 * 10
    optical = million.measure_export(tmp_path / "a.vband", ExportTable.OPTICAL, ".parquet", 200)
    assert optical.rows > 9 * 50
    assert million.table([vitals, optical]).row_count == 2


def test_an_export_that_fails_is_told(tmp_path):
    with pytest.raises(RuntimeError, match="ended with 5"):
        million.measure_export(tmp_path / "none.vband", ExportTable.VITALS, ".csv", 1)
