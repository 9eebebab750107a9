"""Waits for the moment of a fault, and holds the helper program there.

Most phases last for less than a look. So the helper is stopped, looked at, and let go on for as
little as can be, until what it has written down says that it is there.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HELPER = "ensconce-helper"
GUARD = "ensconce-guard"
# How long one look waits for a signal to have its effect.
STOP_LIMIT = 1.0
# How long the helper goes on between two looks: a stopped program must get to a processor first.
SHORT_STEP, LONG_STEP = 0.00002, 0.0005
# Phases that last long, and lead to none that is short at once.
LONG = ("running",)


@dataclass(frozen=True)
class Held:
    """A process that cannot become another one unseen."""

    pid: int
    handle: int

    def send(self, number: signal.Signals) -> None:
        """Signals it, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)

    def state(self) -> str:
        """The kernel's letter for what it does; `X` when it is gone."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return "X"
        return "X" if fields[0] == "Z" else fields[0]

    def stop(self) -> bool:
        """Stops it, and waits until it stands still; whether it does."""
        self.send(signal.SIGSTOP)
        limit = time.monotonic() + STOP_LIMIT
        while time.monotonic() < limit:
            state = self.state()
            if state in "TX":
                return state == "T"
        return False

    def close(self) -> None:
        """Lets go of it; if it was stopped, it goes on."""
        self.send(signal.SIGCONT)
        os.close(self.handle)


def children(pid: int) -> list[int]:
    """Lists the children of a process."""
    found = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children") as file:  # noqa: PTH123
                found += [int(child) for child in file.read().split()]
    return found


def program_of(pid: int) -> str:
    """The name of the file that a process runs."""
    try:
        return os.readlink(f"/proc/{pid}/exe").rpartition("/")[2]  # noqa: PTH115
    except OSError:
        return ""


def find_helper(app: int) -> tuple[int, int] | None:
    """Finds the guard and the helper program that work for an app on its data."""
    for guard in children(app):
        if program_of(guard) == GUARD:
            for child in children(guard):
                if program_of(child) == HELPER:
                    return guard, child
    return None


def held(pid: int) -> Held | None:
    """Takes hold of a process, if it is there."""
    try:
        return Held(pid, os.pidfd_open(pid))
    except OSError:
        return None


@dataclass
class Moment:
    """The moment that was waited for."""

    phase: str
    guard: Held | None
    helper: Held | None

    def go_on(self) -> None:
        """Lets the work go on."""
        for process in (self.helper, self.guard):
            if process:
                process.close()
        self.guard = self.helper = None


def wait_for(
    app: int,
    phase: Callable[[bool], str],
    wanted: Callable[[str, bool], bool],
    over: Callable[[], bool],
    steps: int = 0,
) -> Moment:
    """Waits until the work is in a phase, with its helper stopped if there is one.

    `phase` and `wanted` are told whether there is a helper. With `steps`, it then goes on for that
    many more looks. When the work is over first, that is the phase.
    """
    while not over():
        found = find_helper(app)
        if found is None:
            now = phase(False)
            if wanted(now, False):
                return Moment(now, None, None)
            continue
        moment = Moment("", held(found[0]), held(found[1]))
        while moment.helper and moment.guard and moment.helper.stop():
            moment.phase = phase(True)
            if wanted(moment.phase, True):
                return go_further(moment, phase, steps)
            moment.helper.send(signal.SIGCONT)
            time.sleep(LONG_STEP if moment.phase in LONG else SHORT_STEP)
        moment.go_on()
    return Moment("over", None, None)


def go_further(moment: Moment, phase: Callable[[bool], str], steps: int) -> Moment:
    """Lets the helper go on a little, if it does not end meanwhile."""
    for _ in range(steps):
        moment.helper.send(signal.SIGCONT)
        time.sleep(SHORT_STEP)
        if not moment.helper.stop():
            break
        moment.phase = phase(True)
    return moment
