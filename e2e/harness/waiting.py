"""The one way to wait: until something is so, and never longer than a limit that has a name."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.1


def eventually(
    probe: Callable[[], T],
    what: str,
    *,
    within: float = 20.0,
    ignoring: tuple[type[Exception], ...] = (),
) -> T:
    """Asks `probe` until its answer is true, and returns that answer."""
    deadline = time.monotonic() + within
    pause = FIRST_PAUSE
    while True:
        last: object
        try:
            last = answer = probe()
            if answer:
                return answer
        except ignoring as error:
            last = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"Not within {within:g} s: {what} (last seen: {last!r})")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
