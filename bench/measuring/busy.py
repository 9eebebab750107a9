"""How much of the machine others use while something is measured."""

import contextlib
import os
import time
from pathlib import Path

from .world import descendants

TICK = os.sysconf("SC_CLK_TCK")
# Of a line of /proc/stat: all but idle and waiting for disks.
BUSY_COLUMNS = (1, 2, 3, 6, 7, 8)


class BusyClock:
    """Counts from when it is made."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.busy = machine_cpu()
        self.own = time.process_time()

    def others(self, roots: list[int]) -> float:
        """Returns the part of all cores that went to anything but these trees of processes."""
        capacity = (time.monotonic() - self.begun) * (os.cpu_count() or 1)
        used = machine_cpu() - self.busy
        # This script's own polling is no one else's.
        own = time.process_time() - self.own + sum(tree_cpu(root) for root in roots)
        return max(0.0, (used - own) / capacity)


def machine_cpu() -> float:
    """Returns the CPU seconds that the machine has used."""
    columns = Path("/proc/stat").read_text().splitlines()[0].split()
    return sum(int(columns[i]) for i in BUSY_COLUMNS) / TICK


def tree_cpu(root: int) -> float:
    """Returns the CPU seconds that a tree has used, with those of it that have ended."""
    ticks = 0
    for pid in descendants(root):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICK
