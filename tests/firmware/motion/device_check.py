"""Run by MicroPython: viper kernels against the plain ones, and allocation of the motion vitals.

Prints one line a check, `name ok` or `name` with what differed; imported by nothing.
"""

import gc
from array import array

import dsp.motion_plain
import dsp.motion_viper
import dsp.step_kernels_plain
import dsp.step_kernels_viper
from dsp.motion import OUTPUT_UNITS, SAMPLE_UNITS, STATE_WORDS, units
from readings import ReadingTable
from vitals.motion import MotionVital
from vitals.sleep import SleepVital

_RATES_MILLIHERTZ = (26000, 25000, 12500, 12000, 10001, 31250, 50000, 100000, 125000, 200000)
_EDGES = (-32768, 32767, -1, 0, 1)


class Noise:
    """The same sequence everywhere."""

    def __init__(self, seed):
        self._state = seed

    def below(self, limit):
        self._state = (self._state * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._state >> 10) % limit


def report(name, differs):
    print(name, differs if differs else "ok")


def check_front():
    noise = Noise(3)
    states = array("i", bytes(4 * STATE_WORDS)), array("i", bytes(4 * STATE_WORDS))
    outputs = array("h", bytes(128)), array("h", bytes(128))
    for turn in range(500):
        if turn % 50 == 0:
            for state in states:
                for index in range(STATE_WORDS):
                    state[index] = 0
                state[SAMPLE_UNITS], state[OUTPUT_UNITS] = units(_RATES_MILLIHERTZ[turn // 50])
        count = noise.below(24)
        samples = array("h", (noise.below(65536) - 32768 for _ in range(3 * count)))
        if turn % 3 == 0:
            samples = array("h", (_EDGES[noise.below(5)] for _ in range(3 * count)))
        got = dsp.motion_viper.front(samples, count, states[0], outputs[0])
        wanted = dsp.motion_plain.front(samples, count, states[1], outputs[1])
        if got != wanted or states[0] != states[1] or list(outputs[0][:got]) != list(outputs[1][:got]):
            return f"turn {turn}: {list(states[0])} {list(states[1])}"
    return ""


def check_autocorrelation():
    noise = Noise(5)
    for turn in range(100):
        scaled = array("h", (noise.below(512) - 256 for _ in range(75)))
        if turn == 0:
            scaled = array("h", (255 for _ in range(75)))
        if turn == 1:
            scaled = array("h", (255 if index & 1 else -256 for index in range(75)))
        got = dsp.step_kernels_viper.autocorrelation(scaled, 75, 4, 19)
        wanted = dsp.step_kernels_plain.autocorrelation(scaled, 75, 4, 19)
        if got != wanted:
            return f"turn {turn}: {got} {wanted}"
    return ""


def check_allocation():
    noise = Noise(7)
    table = ReadingTable()
    motion = MotionVital(table)
    sleep = SleepVital(table)
    batches = [array("h", (noise.below(20000) - 10000 for _ in range(63))) for _ in range(5)]
    for turn in range(1200):
        if turn == 900:
            gc.collect()
            before = gc.mem_alloc()
        motion.on_motion(batches[turn % 5], 21)
        if turn % 5 == 4:
            motion.update(False)
            sleep.update(motion.activity_counts_q4, 700, True)
    grown = gc.mem_alloc() - before
    return f"{grown} bytes" if grown else ""


report("front", check_front())
report("autocorrelation", check_autocorrelation())
report("allocation", check_allocation())
