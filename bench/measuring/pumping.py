"""What it costs to keep what a service writes as fast as it can."""

import random
import shlex
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .busy import TICK
from .marks import Marks
from .places import program
from .supervisors import Service, ensconce, marked, supervisord
from .world import Program, World, descendants

LENGTHS = [100, 1000]
MEGA = 10**6
# CPU time comes in ticks of 10 ms; when none has come for so long, the work is done.
QUIET = 0.3
# Before it writes, so that the start is not counted.
BEGIN = 800


@dataclass
class Pumped:
    """What one run has shown."""

    cpu: float
    """CPU seconds of the supervisor for each 100 MB."""
    rate: float
    """MB/s that the service could write."""
    kept: float
    """MB on the disk in the end."""


Results = dict[str, list[Pumped]]


def measure(world: World, folder: Path, megabytes: int) -> Results:
    """Lets each take the same lines once, in a new order."""
    cases = [(title, length) for title in KINDS for length in LENGTHS]
    found: Results = {}
    for title, length in random.sample(cases, len(cases)):
        own = folder / f"{KINDS[title].__name__}-{length}"
        own.mkdir(parents=True)
        found[f"{title}, lines of {length}"] = [pump(world, own, KINDS[title], length, megabytes)]
        # Disks are small.
        shutil.rmtree(own)
    return found


def pump(world: World, folder: Path, kind: Callable, length: int, megabytes: int) -> Pumped:
    """Lets one take the lines; returns what that cost."""
    marks = Marks(folder / "m")
    steps = ["mark=there", f"wait={BEGIN}", "mark=begun", f"lines={length},{megabytes * MEGA}", "mark=written", "stay"]
    service = Service("lines", marked(marks.path, *steps))
    running = kind(world, folder, [service])
    try:
        marks.wait("there")
        time.sleep(BEGIN / 2000)
        before = own_cpu(running.pid)
        begun, written = marks.wait("begun"), marks.wait("written")
        cpu = when_quiet(running.pid) - before
        kept = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    finally:
        running.end()
        marks.close()
    return Pumped(cpu * 100 / megabytes, megabytes * 1e9 / (written - begun), kept / MEGA)


def when_quiet(root: int) -> float:
    """Waits until the last line is dealt with; returns the CPU seconds used by then."""
    used = own_cpu(root)
    while True:
        time.sleep(QUIET)
        before, used = used, own_cpu(root)
        if used == before:
            return used


def own_cpu(root: int) -> float:
    """Returns the CPU seconds of a tree without the service that writes."""
    return sum(cpu_of(pid) for pid in descendants(root))


def cpu_of(pid: int) -> float:
    """Returns the CPU seconds of a process, unless it is the one that writes."""
    try:
        name, fields = Path(f"/proc/{pid}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
    except OSError:
        return 0
    return 0 if name == "perl" else sum(int(ticks) for ticks in fields.split()[11:13]) / TICK


def s6_log(world: World, folder: Path, services: list[Service]) -> Program:
    """s6's logger: five files of 10 MB, as supervisord keeps them."""
    (folder / "log").mkdir()
    return piped(world, folder, services, [program("s6-log"), "n5", "s10000000", str(folder / "log")])


def cat(world: World, folder: Path, services: list[Service]) -> Program:
    """What reading and writing cost at least."""
    return piped(world, folder, services, [program("sh"), "-c", f"exec cat > {folder}/log"])


def piped(world: World, folder: Path, services: list[Service], logger: list[str]) -> Program:
    """Writes into a logger's standard input."""
    script = folder / "pipe.sh"
    script.write_text(f"{shlex.join(services[0].command)} | {shlex.join(logger)}\n")
    return Program([program("sh"), script], world.environment, folder / "pipe.log")


KINDS = {"Ensconce": ensconce, "supervisord": supervisord, "s6-log": s6_log, "cat > file": cat}
