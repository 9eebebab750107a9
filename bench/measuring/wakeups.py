"""How often supervisors wake up while nothing happens."""

import contextlib
import time
from pathlib import Path

from . import supervisors
from .places import program
from .supervisors import Service
from .world import World, descendants

SETTLE = 4
COUNTS = [1, 10]
WAKE_UPS = "voluntary_ctxt_switches:"
Rates = dict[str, list[float]]


def measure(world: World, folder: Path, seconds: float) -> Rates:
    """Gives wake-ups a second with 1 and 10 services; all supervisors idle side by side."""
    found: Rates = {}
    for count in COUNTS:
        services = [Service(f"idle-{number}", [program("sleep"), "100000"]) for number in range(count)]
        running = {}
        try:
            for title, start in supervisors.ALL.items():
                running[title] = start(world, folder / f"{title}-{count}", services)
            time.sleep(SETTLE)
            before = {title: parts(one.pid) for title, one in running.items()}
            time.sleep(seconds)
            after = {title: parts(one.pid) for title, one in running.items()}
        finally:
            for one in running.values():
                one.end()
        for title, kinds in after.items():
            for kind, wake_ups in kinds.items():
                rate = (wake_ups - before[title].get(kind, 0)) / seconds
                found[f"{title}{kind}, {count} service{'s' * (count > 1)}"] = [rate]
    return found


def parts(root: int) -> dict[str, int]:
    """Counts the wake-ups of a supervisor and of its helpers, without the services'."""
    found = {"": 0}
    for pid in descendants(root):
        name = comm(pid)
        if name == "sleep":
            continue
        kind = "" if pid == root else f": {name}"
        found[kind] = found.get(kind, 0) + wake_ups_of(pid)
    return found


def comm(pid: int) -> str:
    """The name of a process."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def wake_ups_of(pid: int) -> int:
    """Counts how often its threads have begun to wait."""
    count = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):
            lines = status.read_text().splitlines()
            count += sum(int(line.split()[1]) for line in lines if line.startswith(WAKE_UPS))
    return count
