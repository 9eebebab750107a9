"""Waits for the moment of a fault, and holds the helper program there.

Most phases last for less than a look. So the helper is stopped at each of its system calls until
what it has written down says that it is there.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

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


def guards(app: int) -> Iterator[tuple[int, list[int]]]:
    """Finds the guards of an app's programs, each with its children."""
    for child in children(app):
        if program_of(child) == GUARD:
            yield child, children(child)


def is_traced(pid: int) -> bool:
    """Whether somebody traces a process."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:  # noqa: PTH123
        return any(line.startswith("TracerPid:") and line.split()[1] != "0" for line in file)
    return False


@contextlib.contextmanager
def attentive() -> Iterator[None]:
    """Comes before others when processors are scarce: what is looked for is soon over."""
    thread = threading.get_native_id()
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, thread, -5)
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
    # Guards whose program was waited for.
    looked_at: set[int] = field(default_factory=set)

    def wait(self) -> Moment:
        """Waits, until the work is over at last; its helper stands still then, if it has one."""
        with attentive():
            return self.watch()

    def watch(self) -> Moment:
        """Looks at every helper that comes."""
        while not self.over():
            moment = None
            with contextlib.suppress(ProcessLookupError):
                moment = self.find()
            if moment is None:
                moment = Moment(self.phase(False))
                if self.wanted(moment.phase, False):
                    return moment
            elif self.reach(moment):
                return moment
            moment.go_on()
        return Moment("over")

    def find(self) -> Moment | None:
        """Finds a helper, or one that is about to be."""
        for guard, programs in guards(self.app):
            for program in programs:
                if program_of(program) == HELPER:
                    return Moment("", Held(guard), Held(program), Traced(program))
            if not programs and guard not in self.looked_at:
                # Every guard is one process for one program.
                self.looked_at.add(guard)
                return self.birth(guard)
        return None

    def birth(self, guard: int) -> Moment | None:
        """Waits for the program of a guard, which it has just been started for."""
        parent = Traced(guard, with_children=True)
        try:
            born = None
            while born is None and parent.is_there and not self.over() and not children(guard):
                if self.wanted(self.phase(False), False):
                    return None
                born = parent.child()
            # What has not been told yet; or it was born before anybody looked.
            born = born or next(filter(is_traced, children(guard)), None)
        finally:
            child = Traced(born, born=True) if born else None
            parent.let_go()
        while child and child.is_there and program_of(child.pid) == GUARD:
            child.step()
        if child and child.is_there and program_of(child.pid) == HELPER:
            return Moment("", Held(guard), Held(child.pid), child)
        if child:
            child.let_go()
        return None

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
