"""The short form of `scripts/faults`: a few schedules of each kind, always the same."""

import pytest

from faults.data import perform as data_perform
from faults.data import report as data_report
from faults.data import schedule as data_schedule
from faults.perform import heed_signals, perform_all
from faults.report import report
from faults.schedule import KINDS, Schedule, make

FIRST_SEED = 1
# Most of a run is waiting.
JOBS = 3
# Seeds in a row are spread over all works, phases and faults.
DATA_RUNS = 36


def schedules() -> list[Schedule]:
    """Makes one to three of each kind, about forty."""
    counts = {kind: min(3, (weight + 2) // 2) for kind, weight in KINDS.items() if weight}
    return [make(FIRST_SEED + i, kind) for kind, count in counts.items() for i in range(count)]


@pytest.mark.timeout(240)
def test_random_faults_leave_nothing_and_lose_nothing():
    heed_signals()
    outcomes = list(perform_all(schedules(), JOBS))
    reports = [report(outcome) for outcome in outcomes if outcome.problem]
    assert not reports, "\n".join(reports)


@pytest.mark.timeout(240)
def test_faults_of_work_on_data_leave_the_old_or_the_new():
    chosen = map(data_schedule.make, range(DATA_RUNS))
    outcomes = list(data_perform.perform_all(chosen, JOBS))
    reports = [data_report.report(outcome) for outcome in outcomes if outcome.problem]
    assert not reports, "\n".join(reports)
    missed = [data_report.line(one) for one in outcomes if not one.hit and not one.skipped]
    # On a busy machine a short phase may be over before it is seen.
    assert len(missed) <= DATA_RUNS // 3, "\n".join(missed)
