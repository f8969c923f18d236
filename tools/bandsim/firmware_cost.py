"""What the firmware costs on a lane that counts instructions: the payload of `COST`."""

from dataclasses import dataclass

from bandsim.protocol import COST_LINE, COST_WORDS


@dataclass(frozen=True)
class TaskCost:
    """The steps of one task: how many, their instructions and the bytes of heap that they took in all, and
    the instructions of the dearest. `budget`: the instructions that it states for two seconds, 0 for none.
    """

    name: str
    budget: int
    steps: int
    instructions: int
    most_instructions: int
    allocated_bytes: int

    def __add__(self, more: "TaskCost") -> "TaskCost":
        """Give the cost of both stretches."""
        return TaskCost(
            self.name,
            self.budget,
            self.steps + more.steps,
            self.instructions + more.instructions,
            max(self.most_instructions, more.most_instructions),
            self.allocated_bytes + more.allocated_bytes,
        )


@dataclass(frozen=True)
class CostReading:
    """Instructions, heap and stack of the firmware at a virtual time, the simulation left out.

    `instructions`, those of collections apart (`collecting_instructions`), `collections` and
    `allocated_bytes` count from the boot on, modulo 2^32; `tasks`, `most_used_bytes` (garbage too) and
    `most_alive_bytes` (after a collection, 0 without one) since the reading before. The stack's most counts
    from the boot on.
    """

    now_us: int
    instructions: int
    collecting_instructions: int
    collections: int
    allocated_bytes: int
    most_used_bytes: int
    alive_bytes: int
    most_alive_bytes: int
    most_stack_bytes: int
    tasks: tuple[TaskCost, ...]


def cost_of(payload: memoryview, now_us: int) -> CostReading:
    """Read the payload of a COST request."""
    lines = payload[COST_WORDS.size :]
    tasks = tuple(
        TaskCost(name.rstrip(b"\0").decode(), *counts) for name, *counts in COST_LINE.iter_unpack(lines)
    )
    return CostReading(now_us, *COST_WORDS.unpack_from(payload), tasks=tasks)
