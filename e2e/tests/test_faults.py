"""The short form of `scripts/faults`: a few schedules, always the same."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from faults.report import report
from faults.run import heed_signals, perform
from faults.schedule import make

FIRST_SEED = 1
RUNS = 40
# Most of a run is waiting.
JOBS = 3


@pytest.mark.timeout(240)
def test_random_faults_leave_nothing_and_lose_nothing():
    heed_signals()
    schedules = map(make, range(FIRST_SEED, FIRST_SEED + RUNS))
    with ThreadPoolExecutor(JOBS) as pool:
        outcomes = list(pool.map(perform, schedules))
    reports = [report(outcome) for outcome in outcomes if outcome.problem]
    assert not reports, "\n".join(reports)
