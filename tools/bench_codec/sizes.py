"""Bits a sample of compressed blocks, whole records counted, beside other formats."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

from bench.output import table_of
from bench_codec.peers import FLAC, PEERS
from bench_codec.recordings import Group, counted, load_groups
from bench_codec.sender import ONE_PACKET, SEALED, TWO_PACKETS, Carriage, blocks_of


def coded_and_whole_bits(group: Group, carriage: Carriage) -> tuple[float, float]:
    """Bits a sample of the reported recordings: the blocks alone, and with record and frame around them."""
    coded = whole = samples = 0
    for recording in group.reported:
        blocks = blocks_of(recording, group, carriage)
        coded += sum(block.coded_bytes for block in blocks)
        whole += len(blocks) * carriage.around_bytes
        samples += recording.size
    return 8 * coded / samples, 8 * (coded + whole) / samples


def peer_bits(group: Group) -> list[float]:
    """Bits a sample of the same recordings in every other format."""
    samples = sum(recording.size for recording in group.reported)
    return [sum(peer.bits_of(recording, group) for recording in group.reported) / samples for peer in PEERS]


def worst_expansion() -> float:
    """Most bits of a block over plain bits: of noise of 8 to 18 bits in 1 to 8 channels."""
    noise, worst = np.random.default_rng(1), 0.0
    for bits in (8, 10, 12, 14, 16, 18):
        for channels in (1, 2, 3, 8):
            samples = noise.integers(0, 1 << bits, (4000, channels)).astype(np.int32)
            group = Group("noise", 25, bits, False, (), (samples,))
            blocks = blocks_of(samples, group)[:-1]
            coded = 8 * sum(block.coded_bytes for block in blocks)
            worst = max(worst, coded / (sum(block.steps for block in blocks) * channels * bits))
    return worst


def _against(name: str, figures: Sequence[float], flac: float) -> list[str]:
    ratios = [f"{figure / flac:.3f}" for figure in (figures[0], figures[1], figures[3], figures[4])]
    return [name, *(f"{figure:.2f}" for figure in (*figures[:4], flac)), *ratios]


def _tables(
    names: Sequence[str], ours: Sequence[Sequence[float]], theirs: Sequence[Sequence[float]]
) -> list[Table]:
    flac_at = PEERS.index(FLAC)
    rows = list(zip(names, ours, theirs, strict=True))
    against = table_of(
        "Bits a sample of blocks that fill one packet of 244 bytes, or two, and of FLAC -8's whole file",
        ("recordings", "block", "record", "block, two", "record, two", "FLAC", "block / FLAC",
         "record / FLAC", "record, two / FLAC", "sealed / FLAC"),
        [_against(name, mine, peers[flac_at]) for name, mine, peers in rows],
    )  # fmt: skip
    beside = table_of(
        "Bits a sample: whole files by FLAC and zstd, differences in packets of 244 bytes by the others",
        ("recordings", "ours", *(peer.name for peer in PEERS)),
        [[name, *(f"{figure:.2f}" for figure in (mine[1], *peers))] for name, mine, peers in rows],
    )
    return [against, beside]


def run(data: Path) -> list[Table]:
    """Our sizes against FLAC's, those of all formats, and the worst that a block can grow."""
    groups = load_groups(data)
    ours = [
        [
            *coded_and_whole_bits(group, ONE_PACKET),
            *coded_and_whole_bits(group, TWO_PACKETS),
            coded_and_whole_bits(group, SEALED)[1],
        ]
        for group in groups
    ]
    theirs = [peer_bits(group) for group in groups]
    kept = [groups.index(group) for group in counted(groups)]
    for rows in (ours, theirs):
        rows.append([float(mean) for mean in np.mean([rows[index] for index in kept], axis=0)])
    names = [group.name for group in groups] + ["mean without flirt"]
    growth = table_of(
        "Noise, which nothing makes shorter",
        ("what", "figure"),
        [["most bits of a block over the plain bits of its samples", f"{worst_expansion():.4f}"]],
    )
    return [*_tables(names, ours, theirs), growth]
