"""Recordings of people mapped onto the band's chips: found by name in a data folder.

A name is a data set and what it holds, such as `hoffman/100001`; `list_recordings` gives all that a
folder has. Nothing of them is part of the project, except by way of the heartpy package.
"""

from pathlib import Path

from bandsim.datasets import DATA_VARIABLE, data_folder
from bandsim.errors import RecordingError
from bandsim.recordings import (
    bami1,
    bidmc,
    emotibit,
    flirt,
    heartpy_samples,
    hoffman,
    max30102,
    oxiwear,
    ppgbp,
    sensorwatch,
    troika,
    usc_ppg_bp,
    walch,
    welltory,
    wfdb_resp,
)
from bandsim.recordings.dataset import Dataset
from bandsim.recordings.recording import Recording

__all__ = [
    "DATASETS",
    "Dataset",
    "Recording",
    "list_recordings",
    "load_recording",
]

DATASETS: dict[str, Dataset] = {
    module.DATASET.name: module.DATASET
    for module in (
        hoffman,
        troika,
        bami1,
        oxiwear,
        emotibit,
        bidmc,
        wfdb_resp,
        ppgbp,
        usc_ppg_bp,
        walch,
        sensorwatch,
        max30102,
        flirt,
        welltory,
        heartpy_samples,
    )
}


def load_recording(name: str, data_dir: Path | None = None) -> Recording:
    """Load a recording by name; that of a data set alone stands for one of its recordings.

    Raises RecordingError when it is not there, or is not as it should be.
    """
    dataset_name, _, key = name.partition("/")
    dataset = DATASETS.get(dataset_name)
    if dataset is None:
        raise RecordingError(f"{name}: wanted a recording of {', '.join(DATASETS)}; got {dataset_name!r}")
    folder = _folder_of(dataset, name, data_dir)
    keys = dataset.keys(folder)
    key = key.removesuffix("/left") or dataset.choose(folder)
    if key not in keys:
        few = ", ".join(_name(dataset, known) for known in keys[:6])
        raise RecordingError(f"{name}: wanted a recording in {folder}, such as {few or 'none'}; found none")
    return dataset.load(folder, key)


def list_recordings(data_dir: Path | None = None) -> tuple[str, ...]:
    """Give the names of all recordings that are there: in the data folder and in the heartpy package."""
    names: list[str] = []
    for dataset in DATASETS.values():
        folder = _existing_folder(dataset, data_dir)
        names += [_name(dataset, key) for key in dataset.keys(folder)] if folder else []
    return tuple(names)


def _folder_of(dataset: Dataset, name: str, data_dir: Path | None) -> Path:
    found = _existing_folder(dataset, data_dir)
    if found:
        return found
    root = data_folder(data_dir)
    where = f"{root / dataset.folder} is not there" if root else "no data folder is named"
    raise RecordingError(
        f"{name}: wanted a recording, but {where}: name the folder with --data DIR or {DATA_VARIABLE}, "
        f"or get it with: vitalband data fetch {dataset.name} --data DIR"
    )


def _existing_folder(dataset: Dataset, data_dir: Path | None) -> Path | None:
    root = data_folder(data_dir)
    if root and (root / dataset.folder).is_dir():
        return root / dataset.folder
    return heartpy_samples.package_folder() if dataset is heartpy_samples.DATASET else None


def _name(dataset: Dataset, key: str) -> str:
    return f"{dataset.name}/{key}" if key else dataset.name
