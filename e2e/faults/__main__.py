"""The command line: `scripts/faults`."""

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from .launch import GONE_LIMIT
from .run import Outcome, perform
from .schedule import KINDS, make

LIMIT_MS = round(GONE_LIMIT * 1000)


def main() -> None:
    """Runs schedules and tells how they went."""
    options = arguments()
    seed = random.randrange(10**9) if options.seed is None else options.seed
    print(f"{options.runs} runs from seed {seed}", flush=True)
    begun = time.monotonic()
    outcomes = []
    for outcome in run_all(seed, options.runs, options.only, options.jobs):
        outcomes.append(outcome)
        if outcome.problem:
            print(report(outcome, options.only), flush=True)
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


def report(outcome: Outcome, only: str | None) -> str:
    """Tells of a failure all that is needed to see it again."""
    schedule = outcome.schedule
    kind = f" --only {only}" if only else ""
    return "\n".join(
        [
            f"\nFAILED: seed {schedule.seed}, {schedule.kind}",
            f"again with: scripts/faults --seed {schedule.seed} --runs 1{kind}",
            outcome.problem or "",
            schedule.describe(),
        ]
    )


def summary(outcomes: list[Outcome], seconds: float) -> str:
    """Counts."""
    failed = [outcome.schedule.seed for outcome in outcomes if outcome.problem]
    skipped = Counter(outcome.skipped for outcome in outcomes if outcome.skipped)
    kinds = Counter(o.schedule.kind for o in outcomes if not o.problem and not o.skipped)
    gone = [value * 1000 for outcome in outcomes for value in outcome.gone_after]
    lines = [
        f"passed {kinds.total()}, failed {len(failed)}, skipped {skipped.total()}, {seconds:.0f} s",
        "passed by kind: " + ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS if kinds[kind]),
    ]
    if gone:
        median, most = statistics.median(gone), max(gone)
        lines.append(
            f"from {len(gone)} kills until nothing was left: "
            f"median {median:.0f} ms, at most {most:.0f} ms, "
            f"{sum(value <= LIMIT_MS for value in gone)} within {LIMIT_MS} ms"
        )
    lines += [f"skipped {count}: needs {what}" for what, count in skipped.items()]
    if failed:
        lines.append(f"failed seeds: {failed}")
    return "\n".join(lines)


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
