"""Waits for the moment of a fault, and holds the helper program there.

Most phases last for less than a look. So the helper is stopped at each of its system calls until
what it has written down says that it is there.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .traced import Traced

# The kernel keeps 15 characters of a name.
HELPER = "ensconce-helper"
GUARD = "ensconce-guard"


class Held:
    """A process that cannot become another one unseen."""

    def __init__(self, pid: int) -> None:
        self.handle = os.pidfd_open(pid)

    def send(self, number: signal.Signals) -> None:
        """Signals it, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)

    def close(self) -> None:
        """Lets go of it."""
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
    """The name of a process, which is its program's; to ask for the file would wait for an exec."""
    try:
        with open(f"/proc/{pid}/comm") as file:  # noqa: PTH123
            return file.read().rstrip("\n")
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


@contextlib.contextmanager
def attentive() -> Iterator[None]:
    """Comes before others when processors are scarce: what is looked for is soon over."""
    thread = threading.get_native_id()
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, thread, -15)
    try:
        yield
    finally:
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, thread, 0)


@dataclass
class Moment:
    """The moment that was waited for."""

    phase: str
    guard: Held | None = None
    helper: Held | None = None
    traced: Traced | None = None

    def go_on(self) -> None:
        """Lets the work go on."""
        for process in (self.helper, self.guard):
            if process:
                process.close()
        if self.traced:
            self.traced.let_go()
        self.guard = self.helper = self.traced = None


@dataclass(frozen=True)
class Wait:
    """What is waited for: asked with whether there is a helper."""

    app: int
    phase: Callable[[bool], str]
    wanted: Callable[[str, bool], bool]
    over: Callable[[], bool]
    # For how many system calls more the helper then goes on.
    steps: int

    def wait(self) -> Moment:
        """Waits, until the work is over at last; its helper stands still then, if it has one."""
        with attentive():
            return self.watch()

    def watch(self) -> Moment:
        """Looks at every helper that comes."""
        while not self.over():
            found = find_helper(self.app)
            if found is None:
                now = self.phase(False)
                if self.wanted(now, False):
                    return Moment(now)
                continue
            with contextlib.suppress(ProcessLookupError):
                moment = Moment("", Held(found[0]), Held(found[1]), Traced(found[1]))
                if self.reach(moment):
                    return moment
                moment.go_on()
        return Moment("over")

    def reach(self, moment: Moment) -> bool:
        """Lets a helper go on until the moment has come; whether that was before its end."""
        helper = moment.traced
        helper.stop()
        while helper.is_there and not self.over():
            moment.phase = self.phase(True)
            if self.wanted(moment.phase, True):
                if helper.is_stopped:
                    self.go_further(moment)
                    return helper.is_there
                helper.stop()
            else:
                helper.step()
        return False

    def go_further(self, moment: Moment) -> None:
        """Lets the helper go on a little, as long as it stays in the phase."""
        for _ in range(self.steps):
            moment.traced.step()
            phase = self.phase(True)
            if not moment.traced.stop() or phase != moment.phase:
                moment.phase = phase
                return
