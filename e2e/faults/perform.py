"""Runs a schedule, and reports how it went, whatever goes wrong."""

import signal
import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .run import Run
from .schedule import Schedule
from .strangers import lacks


@dataclass
class Outcome:
    """How a run went."""

    schedule: Schedule
    seconds: float
    # Seconds from each kill until nothing was left.
    gone_after: list[float]
    problem: str | None = None
    skipped: str | None = None


def perform_all(schedules: Iterable[Schedule], jobs: int) -> Iterator[Outcome]:
    """Runs schedules, some at once; returns their outcomes in order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(perform, schedules)


def heed_signals() -> None:
    """Lets apps be asked by SIGINT and SIGHUP, which a shell's background jobs ignore."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def perform(schedule: Schedule) -> Outcome:
    """Runs a schedule; what goes wrong is in the outcome, never an exception."""
    begun = time.monotonic()
    if missing := lacks(schedule.kind):
        return Outcome(schedule, 0.0, [], skipped=missing)
    run = Run(schedule)
    problem = None
    try:
        run.perform()
    except Exception as error:  # Whatever it is, it is told with the schedule.
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        problem = f"{error}\n{where}{run.evidence()}"
    finally:
        run.close()
    return Outcome(schedule, time.monotonic() - begun, run.gone_after, problem)
