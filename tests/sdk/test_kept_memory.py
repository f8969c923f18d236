"""What large arrays give back is there for the next ones without a page fault."""

import subprocess
import sys

import pytest

_CHILD = """
import resource
import numpy as np
import vitalband.{module}

def faults():
    [np.ones(1 << 18) for _ in range(4)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

before = [faults() for _ in range(3)][-1]
print(faults() - before)
"""
_PAGES = (8 << 20) // 4096


@pytest.mark.skipif(sys.platform != "linux", reason="of the glibc")
@pytest.mark.parametrize("module", ["runs.decode", "blocks.decode"])
def test_a_large_array_takes_the_memory_of_the_one_before(module: str) -> None:
    command = [sys.executable, "-c", _CHILD.format(module=module)]
    found = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    assert int(found.stdout) < _PAGES // 20
