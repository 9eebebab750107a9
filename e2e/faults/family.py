"""Finds the processes of a launch by the marks in their environment, and signals them safely."""

import contextlib
import os
import signal
from dataclasses import dataclass

from harness import processes
from harness.processes import Process

JOB_MARK = "ENSCONCE_JOB="
GUARD = "ensconce-guard"


@dataclass(frozen=True)
class Member:
    """A process of a part of the app."""

    process: Process
    part: str
    is_guard: bool
    parent: int


def members(mark: str) -> list[Member]:
    """Finds all that belong to a part of the app; the app's own process does not."""
    found = []
    for process in processes.marked(mark):
        job = [value for value in process.environment if value.startswith(JOB_MARK)]
        if job:
            part = job[0].removeprefix(JOB_MARK).split("/")[1]
            is_guard = process.program == GUARD
            found.append(Member(process, part, is_guard, parent_of(process)))
    return found


def guards(mark: str, part: str) -> list[Process]:
    """Finds the guard of a part."""
    return [one.process for one in members(mark) if one.part == part and one.is_guard]


def leaders(mark: str, part: str) -> list[Process]:
    """Finds the program that a part's guard started: its oldest child."""
    own = [one for one in members(mark) if one.part == part]
    above = {one.process.pid for one in own if one.is_guard}
    below = [one.process for one in own if one.parent in above]
    return sorted(below, key=start_time)[:1]


def others(mark: str, part: str) -> list[Process]:
    """Finds what the program of a part has started."""
    leading = {process.pid for process in leaders(mark, part)}
    return [
        one.process
        for one in members(mark)
        if one.part == part and not one.is_guard and one.process.pid not in leading
    ]


def parent_of(process: Process) -> int:
    """Returns the number of the process above."""
    return int(stat_fields(process)[1])


def start_time(process: Process) -> tuple[int, int]:
    """Returns what sorts processes by age."""
    return int(stat_fields(process)[19]), process.pid


def stat_fields(process: Process) -> list[str]:
    """Reads what the kernel says about a process, from its state on; zeros when it is gone."""
    with contextlib.suppress(OSError):
        return (process.folder / "stat").read_text().rpartition(")")[2].split()
    return ["0"] * 20


def send(process: Process, mark: str, number: signal.Signals) -> bool:
    """Signals a process, if it is still the one that carries the mark."""
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:
        return False
    try:
        # Looked at again, now that the handle is fixed: the number may have a new owner.
        if mark not in process.environment:
            return False
        signal.pidfd_send_signal(handle, number)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
