"""How often supervisors wake up while nothing happens."""

import contextlib
import time
from pathlib import Path

from . import supervisors
from .places import program
from .supervisors import Service
from .world import World, descendants

# Longer than Ensconce keeps threads that have nothing to do; with each that ends, its count is gone.
SETTLE = 12
COUNTS = [1, 10]
WAKE_UPS = "voluntary_ctxt_switches:"
Rates = dict[str, list[float]]


def measure(world: World, folder: Path, seconds: float) -> Rates:
    """Returns wake-ups a second with 1 and 10 services; all supervisors idle side by side."""
    found: Rates = {}
    for count in COUNTS:
        services = [Service(f"idle-{number}", [program("sleep"), "100000"]) for number in range(count)]
        running = {}
        try:
            for title, start in supervisors.ALL.items():
                running[title] = start(world, folder / f"{title}-{count}", services)
            time.sleep(SETTLE)
            before = {title: threads(one.pid) for title, one in running.items()}
            time.sleep(seconds)
            after = {title: threads(one.pid) for title, one in running.items()}
        finally:
            for one in running.values():
                one.end()
        for title, counts in after.items():
            services_word = f"{count} service{'s' * (count > 1)}"
            for kind in sorted({kind for kind, _ in counts}):
                more = sum(now - before[title].get(key, 0) for key, now in counts.items() if key[0] == kind)
                found[f"{title}{kind}, {services_word}"] = [more / seconds]
    return found


def threads(root: int) -> dict[tuple[str, str], int]:
    """Counts the wake-ups of each thread of a supervisor and of its helpers, without the services'."""
    found = {}
    for pid in descendants(root):
        name = comm(pid)
        if name == "sleep":
            continue
        kind = "" if pid == root else f": {name}"
        for status in Path(f"/proc/{pid}/task").glob("*/status"):
            with contextlib.suppress(OSError):
                found[kind, status.parent.name] = wake_ups(status.read_text())
    return found


def comm(pid: int) -> str:
    """The name of a process."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def wake_ups(status: str) -> int:
    """Reports how often a thread has begun to wait."""
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith(WAKE_UPS))
