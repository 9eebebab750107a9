"""Runs a schedule, and reports how it went, whatever goes wrong."""

import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from ..strangers import may_mount
from .app import template
from .run import Run
from .schedule import JOURNALS, Cell, Schedule


@dataclass
class Outcome:
    """How a run went."""

    schedule: Schedule
    seconds: float
    hit: Cell | None = None
    problem: str | None = None
    skipped: str | None = None


def perform_all(schedules: Iterable[Schedule], jobs: int) -> Iterator[Outcome]:
    """Runs schedules, some at once; gives their outcomes in order.

    In processes, because threads would wait for each other while they look for short moments.
    """
    # What a process has made before it begins another one, both have.
    for journal in JOURNALS:
        template(journal)
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(perform, schedules)


def perform(schedule: Schedule) -> Outcome:
    """Runs a schedule; what goes wrong is in the outcome, never an exception."""
    begun = time.monotonic()
    if schedule.small_disk and not may_mount():
        return Outcome(schedule, 0.0, skipped="a root that may mount")
    run = Run(schedule)
    problem = None
    try:
        run.perform()
    except Exception as error:  # Whatever it is, it is told with the schedule.
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        problem = f"{error}\n{where}{run.evidence()}"
    finally:
        run.close()
    return Outcome(schedule, time.monotonic() - begun, run.hit, problem)
