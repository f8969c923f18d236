"""The parts of a secure session in the image: what they give, and what they cost."""

import shutil
from pathlib import Path

import pytest

import bandwire
from m4.test_counts import counting, run_to_its_end
from m4.tool_chain import need_image
from portable.runtimes import SCRIPTS

_RECORDS = 40
_AGREEMENTS = 2
_SEAL_BUDGET = 215_000
"""Instructions for a record of 220 bytes: 3.4 to 6.7 ms at 64 MHz, by 1 to 2 cycles an instruction."""
_MASK_BUDGET = 100_000
"""For 220 bytes of a frame that goes to flash, or comes from it."""
_AGREEMENT_BUDGET = 13_600_000
"""0.4 s at two cycles each, and a handshake has two of them: measured 13.3 million."""
_STEP_BUDGET = 820_000
"""26 ms at two cycles each: less than any sensor's queue holds."""
_AGREEMENT_BYTES = 4096
"""What an agreement takes of the heap, the 1 KB that it works in among it: measured 3,072."""
_KEYS_DIFFER = 13_000
"""Instructions, a thousandth: a bit that is set takes another way in byte code, and the last division too."""

LINES = f"""
import secure_cases
for line in secure_cases.lines({_RECORDS}, {_AGREEMENTS}):
    print(line)
"""

COSTS = """
from bandwire.secure import aes_ccm, aes_ctr, curve25519
cipher = aes_ccm.AesCcm(bytes(16))
record, tag, nonce = bytearray(220), bytearray(8), bytearray(13)
def seal(_nothing):
    cipher.seal(record, 3, 220, tag, nonce)
for _ in range(2):
    gc.collect()
    free = gc.mem_free()
    took = count(seal, None)
    used = free - gc.mem_free()
print(took)
print(used)
print(count(cipher.rekey, bytes(16)))
masker = aes_ctr.AesCtr()
masker.rekey(bytes(16))
frame = bytearray(240)
def mask(_nothing):
    masker.mask(frame, 16, 236, nonce)
for _ in range(2):
    gc.collect()
    free = gc.mem_free()
    took = count(mask, None)
    used = free - gc.mem_free()
print(took)
print(used)
gc.collect()
most = 0
total = 0
steps = curve25519.agree(bytes(range(32)), curve25519.BASE_POINT)
done = b""
while not done:
    start = [b""]
    def step(into):
        into[0] = next(steps)
    took = count(step, start)
    done = start[0]
    total += took
    most = max(most, took)
print(total)
print(most)
def agree(private):
    curve25519.agreed(private)
for private in (bytes(32), b"\\xff" * 32):
    gc.collect()
    free = gc.mem_free()
    took = count(agree, private)
    used = free - gc.mem_free()
    print(took)
    print(used)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    need_image()
    package = Path(bandwire.__file__).parent
    shutil.copytree(package / "secure", tmp_path / "bandwire" / "secure")
    for name in ("__init__.py", "errors.py"):
        shutil.copy(package / name, tmp_path / "bandwire")
    for name in ("lcg.py", "secure_cases.py"):
        shutil.copy(SCRIPTS / name, tmp_path)
    return tmp_path


def test_image_gives_what_is_given_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import secure_cases

    with counting(folder, LINES) as band:
        with pytest.raises(Exception, match="its main program returned"):
            band.run_for(600)
        printed = [line.text for line in band.conductor.log.lines][1:]
    assert printed == list(secure_cases.lines(_RECORDS, _AGREEMENTS))


def test_seal_and_agreement_stay_within_their_budget(folder: Path) -> None:
    with counting(folder, COSTS) as band:
        numbers = run_to_its_end(band)
    sealing, heap_bytes, rekeying, masking, mask_bytes, agreement, longest_step, *agreements = numbers
    print(
        f"seal {sealing:,}, mask {masking:,}, new key {rekeying:,}, agreement {agreement:,}, "
        f"its longest step {longest_step:,}"
    )
    assert sealing <= _SEAL_BUDGET
    assert masking <= _MASK_BUDGET
    assert heap_bytes == mask_bytes == 0
    assert agreement <= _AGREEMENT_BUDGET
    assert longest_step <= _STEP_BUDGET
    of_none, none_bytes, of_all, all_bytes = agreements
    print(f"a key of no bits {of_none:,}, of all bits {of_all:,}, on the heap {none_bytes:,} bytes")
    assert abs(of_all - of_none) <= _KEYS_DIFFER
    assert max(none_bytes, all_bytes) <= _AGREEMENT_BYTES
