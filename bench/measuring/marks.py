"""Marks of time: messages of services, stamped by the kernel at the moment of their sending."""

import contextlib
import selectors
import socket
import struct
import threading
import time
from pathlib import Path

# Python does not name it; Linux has it by this number on all that Ensconce runs on.
SO_TIMESTAMPNS = 35
NANO = 10**9
LIMIT = 120


class Marks:
    """Takes marks until it is closed. Their times are those of the monotonic clock, in ns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._sockets = selectors.DefaultSelector()
        self._found: list[tuple[str, int]] = []
        self._news = threading.Condition()
        self._stop, stopped = socket.socketpair()
        self._sockets.register(stopped, selectors.EVENT_READ, None)
        self.path = self.socket("")
        # Always read, because a full queue would hold up those who send.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def socket(self, name: str) -> str:
        """Makes a socket at which every message is this mark; any, if there is no name."""
        path = str(self.folder / (name or "any"))
        taken = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        taken.bind(path)
        taken.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._sockets.register(taken, selectors.EVENT_READ, name)
        return path

    def _read(self) -> None:
        while True:
            for key, _ in self._sockets.select():
                if key.data is None:
                    return
                message, extra, _, _ = key.fileobj.recvmsg(4096, 256)
                mark = (key.data or message.decode(), monotonic(extra))
                with self._news:
                    self._found.append(mark)
                    self._news.notify_all()

    def all(self) -> list[tuple[str, int]]:
        """Returns what has come so far, in its order."""
        with self._news:
            return list(self._found)

    def times(self) -> dict[str, int]:
        """Returns when each mark came last."""
        return dict(self.all())

    def wait(self, name: str, count: int = 1, limit: float = LIMIT) -> int:
        """Waits until a mark has come so often; returns when."""
        deadline = time.monotonic() + limit
        with self._news:
            while True:
                times = [at for mark, at in self._found if mark == name]
                if len(times) >= count:
                    return times[count - 1]
                if not self._news.wait(max(0, deadline - time.monotonic())):
                    raise TimeoutError(f"{len(times)} of {count} marks {name} in {limit} s")

    def next_after(self, count: int) -> list[tuple[str, int]]:
        """Waits for more marks than this many; returns the further ones."""
        with self._news:
            if not self._news.wait_for(lambda: len(self._found) > count, LIMIT):
                raise TimeoutError(f"No further mark after {count} in {LIMIT} s")
            return self._found[count:]

    def wait_for_all(self, count: int) -> None:
        """Waits until so many marks have come."""
        self.next_after(count - 1)

    def close(self) -> None:
        """Takes no more."""
        self._stop.send(b"x")
        self._reader.join()
        for key in list(self._sockets.get_map().values()):
            key.fileobj.close()
        self._sockets.close()
        self._stop.close()
        for path in self.folder.iterdir():
            with contextlib.suppress(OSError):
                path.unlink()


def monotonic(extra: list[tuple[int, int, bytes]]) -> int:
    """Takes the kernel's stamp, which counts from 1970, to the clock that all processes share."""
    seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
    since_1970 = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.monotonic_ns()
    return seconds * NANO + nanoseconds - since_1970
