"""The command line: `scripts/faults`."""

import argparse
import random
import sys
import time

from . import perform, report, schedule
from .data import perform as data_perform
from .data import report as data_report
from .data import schedule as data_schedule
from .perform import heed_signals
from .schedule import KINDS

# How many runs there may be besides, for faults that came too late.
MOST_AGAIN = 50


def main() -> None:
    """Runs schedules and reports how they went."""
    options = arguments()
    seed = random.randrange(10**9) if options.seed is None else options.seed
    print(f"{options.runs} runs from seed {seed}", flush=True)
    heed_signals()
    begun = time.monotonic()
    schedules, performs, reports = schedule, perform, report
    if options.data:
        schedules, performs, reports = data_schedule, data_perform, data_report
    outcomes = []
    made = [schedules.make(number, options.only) for number in range(seed, seed + options.runs)]
    while made:
        for outcome in performs.perform_all(made, options.jobs):
            outcomes.append(outcome)
            if outcome.problem:
                print(reports.report(outcome), flush=True)
            elif options.verbose:
                print(reports.line(outcome), flush=True)
        made = missing(options, outcomes) if options.data else []
    print(reports.summary(outcomes, time.monotonic() - begun))
    sys.exit(any(outcome.problem for outcome in outcomes))


def missing(options: argparse.Namespace, outcomes: list) -> list:
    """Makes schedules for what a run that was to cover everything has not covered."""
    cells = len(data_schedule.all_cells())
    if options.only or options.runs < cells or len(outcomes) > options.runs + MOST_AGAIN:
        return []
    hit = {outcome.hit for outcome in outcomes}
    return data_schedule.again(outcomes[-1].schedule.seed + 1, hit)


def arguments() -> argparse.Namespace:
    """Reads what is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--data", action="store_true", help="faults of work on the app's data")
    parser.add_argument("--runs", type=int, default=40, help="how many schedules; 40")
    parser.add_argument("--seed", type=int, help="the first one's seed, the next have the next")
    kinds = [*KINDS, *data_schedule.PHASES]
    parser.add_argument("--only", choices=kinds, help="schedules of one kind, or of one work")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once; 2")
    parser.add_argument("--verbose", action="store_true", help="a line for each run")
    options = parser.parse_args()
    if options.only and (options.only in data_schedule.PHASES) != options.data:
        parser.error(f"--only {options.only} does {'not ' if options.data else ''}go with --data")
    return options


if __name__ == "__main__":
    main()
