"""Reports how runs went."""

import statistics
from collections import Counter

from .launch import GONE_LIMIT
from .perform import Outcome
from .schedule import KINDS

LIMIT_MS = round(GONE_LIMIT * 1000)


def report(outcome: Outcome) -> str:
    """Tells of a failure all that is needed to see it again."""
    schedule = outcome.schedule
    return "\n".join(
        [
            f"\nFAILED: seed {schedule.seed}, {schedule.kind}",
            f"again with: scripts/faults --runs 1 --seed {schedule.seed} --only {schedule.kind}",
            outcome.problem or "",
            schedule.describe(),
        ]
    )


def line(outcome: Outcome) -> str:
    """Tells of a run in a line."""
    shown = outcome.skipped or f"{outcome.seconds:.1f} s"
    return f"{outcome.schedule.seed} {outcome.schedule.kind}: {shown}"


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
