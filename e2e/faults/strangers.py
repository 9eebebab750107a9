"""What comes from outside the app: taken ports, a full disk, a clock that jumps."""

import contextlib
import os
import random
import socket
import subprocess
from pathlib import Path

DISK = "512k"
# What a disk is filled with.
BLOCKS = (bytes(1 << 20), bytes(4096))
FIXED_PORTS = (10_000, 20_000)
# What runs of this process have by now, so that no two of them meet.
GIVEN: set[int] = set()
CLOCKS = ("-400d", "+30d", "-1h", "+3s", "+0")


def free_fixed_ports(count: int) -> list[int]:
    """Finds ports that neither Ensconce nor the system would choose by themselves."""
    stranger = Stranger()
    candidates = [port for port in random.sample(range(*FIXED_PORTS), 100) if port not in GIVEN]
    found = [port for port in candidates if len(stranger.sockets) < count and stranger.take(port)]
    GIVEN.update(found)
    stranger.leave()
    return found


class Stranger:
    """Somebody who listens on a port of the loopback address, and answers nobody."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []

    def take(self, port: int) -> bool:
        """Takes a port, if nobody has it."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen()
        except OSError:
            listener.close()
            return False
        self.sockets.append(listener)
        return True

    def leave(self) -> None:
        """Gives the ports back."""
        while self.sockets:
            self.sockets.pop().close()


class SmallDisk:
    """A disk of its own for a folder, that can be filled; needs root."""

    def __init__(self, folder: Path, size: str = DISK) -> None:
        self.folder = folder
        self.filler = folder / "filler"
        folder.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
        subprocess.run(mount, check=True)

    def fill(self) -> None:
        """Writes until nothing more fits; again, what has become free since is filled as well."""
        with self.filler.open("ab", buffering=0) as file:
            for block in BLOCKS:
                with contextlib.suppress(OSError):
                    while file.write(block):
                        pass

    def free(self) -> None:
        """Makes room again."""
        self.filler.unlink(missing_ok=True)

    def remove(self) -> None:
        """Unmounts it, whatever is in use."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False)


class LyingClock:
    """A time of day for the programs of an app that jumps; time that has passed is left alone."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.set("+0")

    def set(self, offset: str) -> None:
        """Moves the clock to so far from the real time; at once, for all of them."""
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{offset}\n")
        beside.rename(self.file)

    def environment(self) -> dict[str, str]:
        """Makes programs believe in it."""
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


def library() -> Path | None:
    """Finds libfaketime, which is Debian's package `faketime`."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def lacks(kind: str) -> str | None:
    """Says what a kind of schedule needs that this machine has not."""
    if kind == "clock" and not library():
        return "libfaketime (Debian: faketime)"
    if kind == "disk-full" and not may_mount():
        return "a root that may mount"
    return None


def may_mount() -> bool:
    """Whether a disk can be mounted here."""
    if os.geteuid() != 0:
        return False
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
