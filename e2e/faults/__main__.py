"""The command line: `scripts/faults`."""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from .perform import Outcome, heed_signals, perform
from .report import report, summary
from .schedule import KINDS, make


def main() -> None:
    """Runs schedules and tells how they went."""
    options = arguments()
    seed = random.randrange(10**9) if options.seed is None else options.seed
    print(f"{options.runs} runs from seed {seed}", flush=True)
    heed_signals()
    begun = time.monotonic()
    outcomes = []
    for outcome in run_all(seed, options.runs, options.only, options.jobs):
        outcomes.append(outcome)
        if outcome.problem:
            print(report(outcome), flush=True)
        elif options.verbose:
            shown = outcome.skipped or f"{outcome.seconds:.1f} s"
            print(f"{outcome.schedule.seed} {outcome.schedule.kind}: {shown}", flush=True)
    print(summary(outcomes, time.monotonic() - begun))
    sys.exit(any(outcome.problem for outcome in outcomes))


def run_all(seed: int, runs: int, only: str | None, jobs: int) -> Iterator[Outcome]:
    """Runs schedules, some at once; gives their outcomes in order."""
    with ThreadPoolExecutor(jobs) as pool:
        schedules = (make(number, only) for number in range(seed, seed + runs))
        yield from pool.map(perform, schedules)


def arguments() -> argparse.Namespace:
    """Reads what is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=40, help="how many schedules; 40")
    parser.add_argument("--seed", type=int, help="the first one's seed, the next have the next")
    parser.add_argument("--only", choices=list(KINDS), help="schedules of one kind")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once; 2")
    parser.add_argument("--verbose", action="store_true", help="a line for each run")
    return parser.parse_args()


main()
