"""Data sets of recordings: who made them, under what terms, and how to fetch the files one by one.

`vitalband data fetch` shows the licence first and asks. Every file is checked against the SHA-256 in
`data_pins.sha256`, so a publisher's change is an error and never a silent difference. The addresses
follow the form in which the publishers serve single files; they have been tried against a local
server only, never against the real ones. Where no such address is known, the set's page and the
folder layout are named instead.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

from bandsim.errors import RecordingError

DATA_VARIABLE = "VITALBAND_DATA"
"""Names the data folder when `--data` does not."""

_TIMEOUT_S = 30.0
_PHYSIONET = "https://physionet.org/files/"


def _github(repository: str, folder: str = "") -> str:
    return f"https://raw.githubusercontent.com/{repository}/HEAD/{folder}"


@dataclass(frozen=True, kw_only=True)
class PublishedSet:
    """One published data set.

    `addresses` maps the beginning of a path within the set's folder to the beginning of its address;
    the longest that fits counts, and a path that none fits is served by its page only.
    """

    name: str
    folder: str
    title: str
    citation: str
    licence: str
    page: str
    addresses: Mapping[str, str] = field(default_factory=dict)

    def address_of(self, path: str) -> str | None:
        """Give the address of one file, None where the publisher serves no single file."""
        fitting = [start for start in self.addresses if path.startswith(start)]
        if not fitting:
            return None
        start = max(fitting, key=len)
        return self.addresses[start] + path.removeprefix(start).replace(" ", "%20")


_RESEARCH = "Research use with citation, no passing on; the page has the terms"

_EMOTIBIT = _github("EmotiBit/EmotiBit_Brainflow_SpO2_Algorithm", "tests/sit-stand-sit_v0.0.0/ip900ap/")

_SETS = (
    PublishedSet(
        name="hoffman",
        folder="hoffman",
        title="Fingertips on a phone camera while oxygen falls, four subjects",
        citation="Hoffman et al., npj Digital Medicine 5:146, 2022",
        licence="MIT",
        page="https://github.com/ubicomplab/oximetry-phone-cam-data",
        addresses={
            "gt/": _github("ubicomplab/oximetry-phone-cam-data", "data/gt/"),
            "ppg-csv/": _github("ubicomplab/oximetry-phone-cam-data", "data/ppg-csv/"),
            "metadata.csv": _github("ubicomplab/oximetry-phone-cam-data", "data/gt/metadata.csv"),
            "LICENSE": _github("ubicomplab/oximetry-phone-cam-data", "LICENSE"),
        },
    ),
    PublishedSet(
        name="troika",
        folder="troika",
        title="Wrist pulse and acceleration on a treadmill, twelve recordings",
        citation="Zhang, Pi, Liu, IEEE Transactions on Biomedical Engineering 62(2):522-531, 2015",
        licence=_RESEARCH,
        page="https://github.com/hpi-dhc/TROIKA",
    ),
    PublishedSet(
        name="bami1",
        folder="bami1",
        title="Wrist pulse and acceleration on a treadmill, twelve subjects",
        citation="Lee, Chung, Lee, IEEE Sensors Journal 19(3):1166-1175, 2018",
        licence="Copyright of the authors; free for academic research with citation of the paper",
        page="https://github.com/hooseok/BAMI1",
    ),
    PublishedSet(
        name="oxiwear_spo2",
        folder="oxiwear_spo2",
        title="Red and infrared during a desaturation, one person",
        citation="aarusso/OxiWear on GitHub",
        licence=_RESEARCH,
        page="https://github.com/aarusso/OxiWear",
        addresses={"": _github("aarusso/OxiWear", "spo2-data/")},
    ),
    PublishedSet(
        name="emotibit_spo2",
        folder="emotibit_spo2",
        title="Red, infrared, green, acceleration and temperature of one session",
        citation="EmotiBit/EmotiBit_Brainflow_SpO2_Algorithm on GitHub",
        licence=_RESEARCH,
        page="https://github.com/EmotiBit/EmotiBit_Brainflow_SpO2_Algorithm",
        addresses={
            "sit-stand-sit_v0.0.0_EmotiBit.csv": f"{_EMOTIBIT}EmotiBit.csv",
            "sit-stand-sit_instructions.md": f"{_EMOTIBIT}instructions.md",
        },
    ),
    PublishedSet(
        name="bidmc",
        folder="bidmc_subset",
        title="Finger pulse and annotated breaths of an intensive-care patient",
        citation="BIDMC PPG and Respiration Dataset 1.0.0, PhysioNet",
        licence="Open Data Commons Attribution License 1.0",
        page="https://physionet.org/content/bidmc/1.0.0/",
        addresses={"bidmc_01": f"{_PHYSIONET}bidmc/1.0.0/bidmc_csv/bidmc_01"},
    ),
    PublishedSet(
        name="wfdb_resp",
        folder="wfdb_resp_samples",
        title="Finger pulse and impedance breathing in WFDB files; mixedsignals, which is FLAC, is not read",
        citation="MIT-LCP/wfdb-python on GitHub, sample data",
        licence="The terms of the repository and of the PhysioNet sets its samples come from",
        page="https://github.com/MIT-LCP/wfdb-python",
        addresses={"": _github("MIT-LCP/wfdb-python", "sample-data/")},
    ),
    PublishedSet(
        name="ppgbp",
        folder="ppgbp",
        title="Finger pulse with one cuff reading, 151 subjects",
        citation="Liang et al., Scientific Data 5:180020, 2018",
        licence="The terms on the publisher's page",
        page="https://figshare.com/articles/dataset/PPG-BP_Database_zip/5459299",
    ),
    PublishedSet(
        name="usc_ppg_bp",
        folder="usc_ppg_bp",
        title="Two minutes of finger pulse with one cuff reading, 56 records",
        citation="Santiagoat21/PPG-signal-dataset on GitHub",
        licence=_RESEARCH,
        page="https://github.com/Santiagoat21/PPG-signal-dataset",
        addresses={"": _github("Santiagoat21/PPG-signal-dataset")},
    ),
    PublishedSet(
        name="walch",
        folder="walch",
        title="Activity counts, heart rate and sleep stages of nights, twenty subjects",
        citation="Walch et al., Sleep 42(12), 2019; PhysioNet, https://doi.org/10.13026/hmhs-py35",
        licence="Open Data Commons Attribution License 1.0",
        page="https://physionet.org/content/sleep-accel/1.0.0/",
    ),
    PublishedSet(
        name="sensorwatch",
        folder="sensorwatch",
        title="Wrist acceleration with counted steps, forty recordings",
        citation="rieck/stepcounter-devel on GitHub",
        licence="Mozilla Public License",
        page="https://github.com/rieck/stepcounter-devel",
        addresses={"": _github("rieck/stepcounter-devel", "recordings/")},
    ),
    PublishedSet(
        name="max30102_raw",
        folder="max30102_raw",
        title="Raw counts of MAX30102 chips by three makers",
        citation="jdesbonnet/PPG_Tools, alsementsov/MAX30102-Heart-and-Respiratory-rate-SPO2-library, "
        "sofiavelasquezsierra/42401-BMEDesign on GitHub",
        licence=_RESEARCH,
        page="https://github.com/jdesbonnet/PPG_Tools",
        addresses={
            "jdesbonnet/": _github("jdesbonnet/PPG_Tools", "data/"),
            "cmu_bmedesign/": _github(
                "sofiavelasquezsierra/42401-BMEDesign", "calibration/ppg_calibration_data/"
            ),
            "alsementsov/": _github(
                "alsementsov/MAX30102-Heart-and-Respiratory-rate-SPO2-library", "CSV_rawdata/"
            ),
        },
    ),
    PublishedSet(
        name="flirt_e4",
        folder="flirt_e4",
        title="One session of an Empatica E4 wristband",
        citation="im-ethz/flirt on GitHub, test data",
        licence="The terms of the repository",
        page="https://github.com/im-ethz/flirt",
        addresses={"": _github("im-ethz/flirt", "test/wearable-data/empatica/")},
    ),
    PublishedSet(
        name="welltory",
        folder="welltory_phone_ppg",
        title="Fingertips on phone cameras beside a chest strap, 21 recordings",
        citation="Neshitov et al., Sensors 21:6798, 2021",
        licence="CC0",
        page="https://github.com/Welltory/welltory-ppg-dataset",
        addresses={
            "": _github("Welltory/welltory-ppg-dataset"),
            "subject_": _github("Welltory/welltory-ppg-dataset", "data/subject_"),
        },
    ),
    PublishedSet(
        name="heartpy",
        folder="heartpy_samples",
        title="Three pulse recordings of the heartpy package",
        citation="heartpy on PyPI, heartpy/data/*.csv",
        licence="MIT",
        page="https://pypi.org/project/heartpy/",
        addresses={"": _github("paulvangentcom/heartrate_analysis_python", "heartpy/data/")},
    ),
)

PUBLISHED_SETS: Mapping[str, PublishedSet] = {published.name: published for published in _SETS}
"""Every data set by the name that its recordings begin with."""


def data_folder(data_dir: Path | None = None) -> Path | None:
    """Give the data folder that was asked for, else the one `VITALBAND_DATA` names, else None."""
    named = os.environ.get(DATA_VARIABLE)
    return data_dir or (Path(named) if named else None)


def pins_of(published: PublishedSet) -> dict[str, str]:
    """Give the SHA-256 of each file of a set, by its path within the set's folder."""
    text = (resources.files("bandsim") / "data_pins.sha256").read_text(encoding="utf-8")
    start = f"{published.folder}/"
    rows = [line.split("  ", 1) for line in text.splitlines() if line]
    return {path.removeprefix(start): digest for digest, path in rows if path.startswith(start)}


def published_set(name: str) -> PublishedSet:
    """Give a set by name; raises RecordingError with the names there are."""
    if name not in PUBLISHED_SETS:
        raise RecordingError(f"{name}: wanted one of {', '.join(PUBLISHED_SETS)}; found no such data set")
    return PUBLISHED_SETS[name]


def layout_of(published: PublishedSet) -> str:
    """Say where the files of a set belong in the data folder."""
    paths = sorted(PurePosixPath(published.folder) / path for path in pins_of(published))
    folders = ", ".join(sorted({str(path.parent) for path in paths}))
    return f"{len(paths)} files in {folders}, such as {paths[0]}"


def fetch(published: PublishedSet, data_dir: Path, *, mirror: str | None = None) -> tuple[Path, ...]:
    """Fetch a set's files into `data_dir`, checksums compared; files that are there and right are kept.

    `mirror` is the address of a folder laid out as the data folder, used in place of the publisher.
    Raises RecordingError when a file cannot be had, is not what was pinned, or is served by the
    publisher's page only; files fetched before that stay.
    """
    import pooch
    import requests

    pins = pins_of(published)
    addresses = {path: _address(published, path, mirror) for path in pins}
    folder = data_dir / published.folder
    registry = {path: f"sha256:{digest}" for path, digest in pins.items()}
    store = pooch.create(path=folder, base_url="", registry=registry, urls=addresses)
    pooch.get_logger().setLevel("WARNING")
    downloader: Any = pooch.HTTPDownloader(timeout=_TIMEOUT_S)
    fetched: list[Path] = []
    for path in pins:
        try:
            fetched.append(Path(store.fetch(path, downloader=downloader)))
        except (requests.RequestException, ValueError, OSError) as error:
            if isinstance(error, requests.HTTPError) and error.response is not None:
                # pooch leaves the connection of a refused request open.
                error.response.close()
            wanted = f"{path} from {addresses[path]} with SHA-256 {pins[path]}"
            raise RecordingError(f"{published.name}: wanted {wanted}, got: {error}") from error
    return tuple(fetched)


def _address(published: PublishedSet, path: str, mirror: str | None) -> str:
    if mirror is not None:
        return f"{mirror.rstrip('/')}/{published.folder}/{path.replace(' ', '%20')}"
    address = published.address_of(path)
    if address is None:
        raise RecordingError(
            f"{published.name}: {path} is not served as a single file: get the set from {published.page} "
            f"and lay it out as {layout_of(published)}"
        )
    return address
