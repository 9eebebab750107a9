"""Runs a schedule, and tells how it went, whatever goes wrong."""

import time
import traceback
from dataclasses import dataclass

from ..strangers import may_mount
from .run import Run
from .schedule import Cell, Schedule


@dataclass
class Outcome:
    """How a run went."""

    schedule: Schedule
    seconds: float
    hit: Cell | None = None
    problem: str | None = None
    skipped: str | None = None


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
