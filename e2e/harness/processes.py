"""Finds processes by a mark in their environment, never by name, and looks at what they hold."""

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from .waiting import eventually

LISTENING = "0A"


@dataclass(frozen=True)
class Process:
    """A living process."""

    pid: int
    argv: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where the kernel tells about it."""
        return Path("/proc") / str(self.pid)

    @property
    def inner_pid(self) -> int:
        """What it takes for its own number, in a namespace of processes too."""
        with contextlib.suppress(OSError):
            for line in (self.folder / "status").read_text().splitlines():
                if line.startswith("NSpid:"):
                    return int(line.split()[-1])
        return self.pid

    @property
    def program(self) -> str:
        """The name of the file that it runs."""
        with contextlib.suppress(OSError):
            return (self.folder / "exe").readlink().name
        return ""

    @property
    def environment(self) -> set[str]:
        """The environment that it was started with, as `NAME=value`."""
        return {pair.decode(errors="replace") for pair in read_parts(self.folder / "environ")}


def read_parts(path: Path) -> list[bytes]:
    """Reads what the kernel separates with NUL; nothing when the process is gone."""
    try:
        return [part for part in path.read_bytes().split(b"\0") if part]
    except OSError:
        return []


def everyone() -> list[Process]:
    """Finds all living processes; a dead one has no command line left."""
    return [of(folder) for folder in folders() if read_parts(folder / "cmdline")]


def marked(mark: str) -> list[Process]:
    """Finds the living processes that carry a mark; a dead one has no environment left."""
    return [of(folder) for folder in folders() if mark.encode() in read_parts(folder / "environ")]


def folders() -> list[Path]:
    """Where the kernel tells about each process."""
    return [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def of(folder: Path) -> Process:
    """Reads what the kernel tells about a process."""
    argv = tuple(part.decode(errors="replace") for part in read_parts(folder / "cmdline"))
    return Process(int(folder.name), argv)


def wait_until_gone(mark: str, within: float) -> None:
    """Fails when a process with the mark is still there after the limit."""
    eventually(lambda: Gone(marked(mark)), f"no process of {mark} is left", within=within)


class Gone:
    """True when a list of processes is empty; shows them when it is not."""

    def __init__(self, left: list[Process]) -> None:
        self.left = left

    def __bool__(self) -> bool:
        return not self.left

    def __repr__(self) -> str:
        return "; ".join(f"{process.pid}: {' '.join(process.argv)}" for process in self.left)


def kill_marked(mark: str) -> None:
    """Ends all processes with the mark, and what they start meanwhile."""

    def sweep() -> Gone:
        left = marked(mark)
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        return Gone(left)

    eventually(sweep, f"the processes of {mark} are killed", within=10)


def listening_ports(pid: int) -> set[int]:
    """Returns the TCP ports on which a process listens."""
    sockets = set()
    for entry in (Path("/proc") / str(pid) / "fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(entry.readlink())
            if target.startswith("socket:["):
                sockets.add(target.removeprefix("socket:[").removesuffix("]"))
    ports = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            columns = line.split()
            local, state, inode = columns[1], columns[3], columns[9]
            if state == LISTENING and inode in sockets:
                ports.add(int(local.rpartition(":")[2], 16))
    return ports


def listening_addresses(port: int) -> set[str]:
    """Returns the addresses at which somebody listens on a port, as the kernel writes them."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            columns = line.split()
            address, _, shown_port = columns[1].rpartition(":")
            if columns[3] == LISTENING and int(shown_port, 16) == port:
                found.add(address)
    return found
