"""Memory of a window and all that belongs to it, by proportional set size (PSS)."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from .busy import tree_cpu
from .cases import Start
from .places import EMPTY_WINDOW, PYTHON, SERVER, SHELL
from .world import SAFE_DRAWING, Program, descendants

# At rest: a process tree that has used no more than this much CPU time in a row of looks.
REST_LOOKS = 5
REST_PAUSE = 0.5
REST_CPU = 0.02
REST_LIMIT = 30

# Which processes count as the window's, and under which name; all others are the app's own.
KINDS = {
    "ensconce-shell": "main",
    "empty-window": "main",
    "ensconce-guard": "guards",
    "WebKitWebProcess": "web",
    "WebKitNetworkProcess": "network",
}


def measure(program: Program) -> dict[str, float]:
    """Returns the PSS in MB of each kind of process, when all are at rest."""
    rest(program)
    sums: dict[str, float] = {}
    for pid in descendants(program.pid):
        with contextlib.suppress(OSError):
            kind = KINDS.get(Path(f"/proc/{pid}/exe").readlink().name)
            if kind:
                sums[kind] = sums.get(kind, 0) + pss(pid)
    return sums | {"all": sum(sums.values())}


def pss(pid: int) -> float:
    """Returns a process's PSS in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError("smaps_rollup without Pss")


def rest(program: Program) -> None:
    """Waits until nothing of a program works any more."""
    deadline = time.monotonic() + REST_LIMIT
    quiet, last = 0, tree_cpu(program.pid)
    while quiet < REST_LOOKS and time.monotonic() < deadline:
        time.sleep(REST_PAUSE)
        now = tree_cpu(program.pid)
        quiet = quiet + 1 if now - last <= REST_CPU else 0
        last = now


def of_ensconce(start: Start) -> dict[str, float]:
    """Ensconce with the manifest of this start."""
    program = start.program([SHELL, "--manifest", start.manifest, "--data-dir", start.data])
    return measured(program, lambda: None)


def of_empty_window(start: Start) -> dict[str, float]:
    """A Tauri window with the static page."""
    program = start.program([EMPTY_WINDOW])
    return measured(program, lambda: start.wait_for_event("loaded", "loaded-hidden"))


def of_empty_window_as_it_comes(start: Start) -> dict[str, float]:
    """The same without the switch that Ensconce sets where there is no graphics card."""
    start.environment.pop(SAFE_DRAWING, None)
    return of_empty_window(start)


def of_by_hand(start: Start) -> dict[str, float]:
    """Tauri by hand, with the page of Items."""
    program = start.program(
        [EMPTY_WINDOW, "--by-hand"],
        BENCH_PORT="38117",
        BENCH_PYTHON=str(PYTHON),
        BENCH_SERVER=str(SERVER),
        DATA_DIR=str(start.data),
        WEB_DIST=str(start.manifest.parent / "web" / "dist"),
    )
    return measured(program, lambda: start.wait_for_event("items-answered"))


def measured(program: Program, wait: Callable[[], None]) -> dict[str, float]:
    """Waits, measures, and ends the program whatever happens."""
    try:
        wait()
        return measure(program)
    finally:
        program.end()
