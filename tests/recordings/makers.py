"""Tiny files in the format of each data set, made up: the loaders' tests need no recordings.

Every maker writes one recording below a data folder: a pulse of 72 beats a minute, whose counts or
values fall or rise as in the real files, and references beside it.
"""

import zipfile
from pathlib import Path

import numpy as np
from scipy import io

PULSE_BPM = 72.0


def pulse(rate_hz: float, duration_s: float) -> np.ndarray:
    """Give a pulse whose steep edge rises, from -0.5 to about 0.5."""
    times_s = np.arange(round(rate_hz * duration_s)) / rate_hz
    phase = (times_s * PULSE_BPM / 60.0) % 1.0
    return np.exp(-0.5 * ((phase - 0.2) / 0.07) ** 2) + 0.3 * np.exp(-0.5 * ((phase - 0.5) / 0.1) ** 2) - 0.5


def rows(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def hoffman(root: Path) -> None:
    wave = pulse(30.0, 40.0)
    camera = np.column_stack([60 - wave, 80 - 2 * wave, 50 - wave])
    for hand in ("Left", "Right"):
        lines = ["R,G,B", *(",".join(map(repr, row)) for row in camera.tolist())]
        rows(root / "hoffman" / "ppg-csv" / hand / "100009.csv", lines)
    header = ["Time", *(f"SpO2 {k}" for k in range(1, 6))] + [f"c{k}" for k in range(6, 45)] + [""] * 5
    lines = [",".join(header)]
    for second in range(40):
        cells = ["0"] * 50
        cells[1:6] = ["97", "95", "0", "96", "96"]
        cells[41] = "72"
        cells[45] = "0" if second == 20 else "15"
        lines.append(",".join(cells))
    rows(root / "hoffman" / "gt" / "100009.csv", lines)


def troika(root: Path) -> None:
    folder = root / "troika"
    folder.mkdir(parents=True)
    wave = pulse(125.0, 24.0)
    signals = np.vstack([wave, 300 * wave, 200 * wave, 0 * wave, 0 * wave, 0 * wave + 1.0])
    io.savemat(folder / "DATA_01_TYPE01.mat", {"sig": signals})
    io.savemat(folder / "DATA_01_TYPE01_BPMtrace.mat", {"BPM0": np.full((9, 1), 72.0)})


def bami1(root: Path) -> None:
    folder = root / "bami1"
    folder.mkdir(parents=True)
    wave = pulse(50.0, 24.0)
    acceleration = np.vstack([0 * wave, 0 * wave, 0 * wave + 4096.0]) + 32768.0
    beats_s = np.arange(1, 28)[:, np.newaxis] * 60.0 / PULSE_BPM
    held = {
        "sigPPG": (40000 + 1000 * np.vstack([wave, wave, wave])).astype(np.uint16),
        "sigAcc": acceleration.astype(np.uint16),
        "timeECG": beats_s,
        "bpmECG": np.full_like(beats_s, 72.0),
    }
    io.savemat(folder / "Subject_1.mat", held)


def oxiwear_spo2(root: Path) -> None:
    wave = pulse(64.0, 5.0)
    lines = ["reg0x0D,reg0x10,", "0x02,0x00,", "start time,1", "expected tags,1,2,3,"]
    lines.append("timestamp,sampleNum,tagLEDC1,tagLEDC2,tagLEDC3,LEDC1,LEDC2,LEDC3,ACCX,")
    infrared, red = 300000 - 3000 * wave, 400000 - 8000 * wave
    lines += [f"{k},{k},0,0,0,{infrared[k]:.6f},{red[k]:.6f},1200.0,5," for k in range(len(wave))]
    rows(root / "oxiwear_spo2" / "proto1" / "1355-79-72.csv", lines)
    ear = pulse(24.995, 6.0)
    lines = ["1,2,3,4,5,6", *(f"{200000 - 900 * v:.0f},300,{220000 - 400 * v:.0f}" for v in ear)]
    rows(root / "oxiwear_spo2" / "proto2" / "20201012-165638-9596-7173.csv", lines)


def emotibit_spo2(root: Path) -> None:
    wave = pulse(25.0, 40.0)
    lines = ["1000,1,1,RB,1,100,2025"]
    for start in range(0, len(wave), 2):
        now_ms = 1000 + start * 40 + (start % 3) * 3
        pair = wave[start : start + 2]
        for kind, level, depth in (("PI", 150000, 2000), ("PR", 120000, 800), ("PG", 13000, 300)):
            lines.append(f"{now_ms},1,2,{kind},1,100," + ",".join(f"{level - depth * v:.0f}" for v in pair))
        for kind, value in (("AX", 0.0), ("AY", 0.0), ("AZ", 1.0)):
            lines.append(f"{now_ms},1,2,{kind},1,100,{value},{value}")
        if start % 50 == 0:
            lines.append(f"{now_ms},1,1,T1,1,100,33.25")
            lines.append(f"{now_ms},1,2,UN,1,100,2025-06-26_15-08-03-633090,96")
    rows(root / "emotibit_spo2" / "sit-stand-sit_v0.0.0_EmotiBit.csv", lines)


def bidmc(root: Path) -> None:
    wave = pulse(125.0, 70.0)
    lines = ["Time [s], RESP, PLETH, V, AVR, II"]
    lines += [f"{k / 125:g},0.3,{0.5 + 0.2 * v:.5f},0.5,0.3,0.7" for k, v in enumerate(wave.tolist())]
    rows(root / "bidmc_subset" / "bidmc_01_Signals.csv", lines)
    breaths = [f"{k * 500},{k * 500 - 2}" for k in range(1, 17)]
    header = "breaths ann1 [signal sample no], breaths ann2 [signal sample no]"
    rows(root / "bidmc_subset" / "bidmc_01_Breaths.csv", [header, *breaths])


def packed_212(samples: np.ndarray) -> bytes:
    """Pack `(n, even)` 12-bit samples, two into three bytes."""
    pairs = (samples.astype(np.int64).reshape(-1, 2) & 0xFFF).tolist()
    return b"".join(bytes([a & 0xFF, a >> 8 | (b >> 8) << 4, b & 0xFF]) for a, b in pairs)


def wfdb_resp(root: Path) -> None:
    wave = pulse(250.0, 70.0)
    breath = np.sin(2 * np.pi * 15 / 60 * np.arange(len(wave)) / 250.0)
    folder = root / "wfdb_resp_samples"
    both = np.column_stack([1000 * wave - 500, 900 * breath]).astype(np.int64)
    sums = both.sum(axis=0).tolist()
    lines = ["v102s 2 250 17500", f"v102s.dat 212 1250/NU 0 0 -46 {signed_16(sums[0])} 0 PLETH"]
    lines += [f"v102s.dat 212 38880/NU 0 0 339 {signed_16(sums[1])} 0 RESP", "#comment"]
    rows(folder / "v102s.hea", lines)
    (folder / "v102s.dat").write_bytes(packed_212(both))
    compressed_wfdb(folder)


def signed_16(total: int) -> int:
    """A checksum as headers have it."""
    return (total + 0x8000 & 0xFFFF) - 0x8000


def compressed_wfdb(folder: Path) -> None:
    """FLAC of 16 bits: pulse beside another signal at two samples a frame, breathing cut off at both ends."""
    import soundfile

    wave = 2000 + 1000 * pulse(125.0, 120.0)
    breath = (2048 + 9000 * np.sin(2 * np.pi * 6 / 60 * np.arange(7500) / 62.5)).clip(0, 4095)
    columns = {"p": np.column_stack([np.full(len(wave), -32768), wave]), "r": breath[:, np.newaxis]}
    lines = ["mixedsignals 3 62.5/1000 7500"]
    for part, names in (("p", ("ABP", "Pleth")), ("r", ("Resp",))):
        values = columns[part].astype(np.int16)
        with (folder / f"mixedsignals_{part}.dat").open("wb") as stream:
            soundfile.write(stream, values, 96000, format="FLAC", subtype="PCM_16")
        lines += [
            f"mixedsignals_{part}.dat 516{'x2' * (part == 'p')} 1(0)/NU 12 2048 0 {total & 0xFFFF} 0 {name}"
            for name, total in zip(names, values.sum(axis=0, dtype=np.int64).tolist(), strict=True)
        ]
    rows(folder / "mixedsignals.hea", lines)


def ppgbp(root: Path) -> None:
    folder = root / "ppgbp"
    wave = pulse(1000.0, 2.1)
    rows(folder / "0_subject" / "2_1.txt", ["\t".join(f"{2400 + 200 * v:.1f}" for v in wave) + "\t"])
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = '<c r="A2"><v>2</v></c><c r="B2" t="s"><v>8</v></c><c r="F2"><v>161</v></c>'
    cells += '<c r="G2"><v>89</v></c><c r="H2"><v>72</v></c>'
    sheet = f'<worksheet {space}><sheetData><row r="2">{cells}</row></sheetData></worksheet>'
    with zipfile.ZipFile(folder / "PPG-BP dataset.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", sheet)


def usc_ppg_bp(root: Path) -> None:
    folder = root / "usc_ppg_bp"
    rows(folder / "PPG signal_csv" / "PPG_subj_01.csv", [",".join(f"{v:.5f}" for v in pulse(100.0, 40.0))])
    table = ["| Record | Age | Systolic BP | Diastolic BP | Heart Rate |", "|---|---|---|---|---|"]
    rows(folder / "information_subj.md", [*table, "| PPG_subj_01 | 44 | 124 | 83 | 72 |", "| Average | 52,4"])


def walch(root: Path) -> None:
    folder = root / "walch" / "cropped"
    counts = [0.0] * 10 + [90.0] * 10
    rows(folder / "7_cleaned_counts.out", [f"{15.01 * k:.6f},{c:.6f}" for k, c in enumerate(counts)])
    rows(folder / "7_cleaned_hr.out", [f"{8 + 5 * k:.6f} 60.000000" for k in range(60)])
    stages = [-1, 0, 1, 2, 3, 4, 5, 5, 0, 0]
    rows(folder / "7_cleaned_psg.out", [f"{30 * k:.6f} {s:.6f}" for k, s in enumerate(stages)])


def sensorwatch(root: Path) -> None:
    times_s = np.arange(1500) / 25.0
    magnitude = 21500 * (1 + 0.25 * np.sin(2 * np.pi * 1.8 * times_s))
    lines = ["Timestamp,Magnitude,Steps,Header", f"0.0,{magnitude[0]:.0f},108,\"{{'version': 1}}\""]
    lines += [f"{t:g},{m:.0f},," for t, m in zip(times_s[1:], magnitude[1:], strict=True)]
    rows(root / "sensorwatch" / "l2-25hz-bw4" / "normal-walking1.csv", lines)


def max30102_raw(root: Path) -> None:
    folder = root / "max30102_raw"
    wave = pulse(98.0, 20.0)
    lines = ["# {", '# "sampling_rate":100 }']
    for k, v in enumerate(wave.tolist()):
        words = (9 << 18 | round(180000 - 500 * v), 11 << 18 | round(210000 - 1500 * v))
        lines += [
            f"{1500.0 + k / 98.0 + (k % 5) * 1e-4:.6f} {k} {s} {words[0]} {words[1]} 0 0" for s in (0, 1)
        ]
    rows(folder / "jdesbonnet" / "left_hand_100sps.dat", lines)
    slow = pulse(25.0, 40.0).tolist()
    lines = ["65226,65246,0.00"] * 3 + [f"{82000 - 200 * v:.0f},{115000 - 900 * v:.0f},0.00" for v in slow]
    rows(folder / "alsementsov" / "16-10-2019_superb.csv", lines)
    lines = ["timestamp,window,sample,ir_raw,red_raw,true_hr,true_spo2"]
    for k, v in enumerate(slow):
        stamp = f"2025-12-06T12:56:{(k // 25):02d}.{(k // 5 % 5) * 2:01d}00000"
        lines.append(f"{stamp},0,{k},{100000 - 900 * v:.1f},{97000 - 300 * v:.1f},72.0,98.0")
    rows(folder / "cmu_bmedesign" / "ada_hr_spo2_calibration_data0.csv", lines)


def flirt_e4(root: Path) -> None:
    folder = root / "flirt_e4"
    start = "1560279825.000000"
    rows(folder / "BVP.csv", [start, "64.000000", *(f"{100 * v:.2f}" for v in pulse(64.0, 40.0))])
    rows(folder / "ACC.csv", [", ".join([start] * 3), "32.0, 32.0, 32.0", *["0,0,64"] * (32 * 60)])
    rows(folder / "TEMP.csv", [start, "4.000000", *["32.13"] * 400])
    rows(folder / "HR.csv", ["1560279835.000000", "1.000000", *["72.00"] * 60])


def welltory(root: Path) -> None:
    folder = root / "welltory_phone_ppg" / "subject_01"
    wave = pulse(30.0, 40.0).tolist()
    jitter = [0, 4, -3, 6, -5]
    lines = ["time,R,G,B"]
    lines += [
        f"{1000 * k / 30 + jitter[k % 5] * (k > 0):.0f},{200 - v:.3f},{40 - v:.3f},6"
        for k, v in enumerate(wave)
    ]
    rows(folder / "PPG.csv", lines)
    rows(folder / "RR.txt", [" ".join(["833"] * 45)])


def heartpy(root: Path) -> None:
    folder = root / "heartpy_samples"
    rows(folder / "data.csv", [f"{500 + 200 * v:.0f}" for v in pulse(100.0, 40.0)])
    lines = [f"{1000 * k / 117:.4f},{500 + 200 * v:.0f}" for k, v in enumerate(pulse(117.0, 40.0).tolist())]
    rows(folder / "data2.csv", ["timer,hr", *lines])


MAKERS = {
    maker.__name__: maker
    for maker in (
        hoffman,
        troika,
        bami1,
        oxiwear_spo2,
        emotibit_spo2,
        bidmc,
        wfdb_resp,
        ppgbp,
        usc_ppg_bp,
        walch,
        sensorwatch,
        max30102_raw,
        flirt_e4,
        welltory,
        heartpy,
    )
}
