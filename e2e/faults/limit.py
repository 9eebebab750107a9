"""A limit in time that a machine which is busy with other things does not break."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

PRESSURE = Path("/proc/pressure/cpu")
# However busy the machine is, more than this is too late.
MOST_EXTRA = 2.0
PAUSE = 0.005


class Limit:
    """Seconds from now; time in which programs had to wait for a processor does not count.

    On a machine that is not busy, and where the kernel does not tell, these are plain seconds.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun = time.monotonic()
        self.waited_before = waited_for_processors()

    def elapsed(self) -> float:
        """Returns the plain seconds that have passed."""
        return time.monotonic() - self.begun

    def is_over(self) -> bool:
        """Whether the time is up."""
        extra = min(waited_for_processors() - self.waited_before, MOST_EXTRA)
        return self.elapsed() > self.seconds + extra

    def until(self, is_so: Callable[[], object], what: str) -> float:
        """Waits until something is so; returns the seconds that it took, or fails."""
        while True:
            over = self.is_over()
            seen = is_so()
            if seen:
                return self.elapsed()
            assert not over, f"Not within {self.seconds:g} s: {what} (last seen: {seen!r})"
            time.sleep(PAUSE)


def waited_for_processors() -> float:
    """Seconds in which any program had to wait for a processor, since the machine's start."""
    with contextlib.suppress(OSError):
        for line in PRESSURE.read_text().splitlines():
            kind, *fields = line.split()
            if kind == "some":
                return int(fields[-1].removeprefix("total=")) / 1e6
    return 0.0
