"""Reports how runs went, and which faults have befallen which phases."""

from collections import Counter

from .perform import Outcome
from .schedule import FAULTS, PHASES, Cell, all_cells, is_possible


def report(outcome: Outcome) -> str:
    """Tells of a failure all that is needed to see it again."""
    schedule = outcome.schedule
    cell = schedule.cell
    return "\n".join(
        [
            f"\nFAILED: seed {schedule.seed}, {cell.fault} at {cell.phase} of {cell.work}",
            f"again with: scripts/faults --data --runs 1 --seed {schedule.seed}",
            outcome.problem or "",
            schedule.describe(),
        ]
    )


def line(outcome: Outcome) -> str:
    """Tells of a run in a line."""
    cell = outcome.hit or outcome.schedule.cell
    shown = outcome.skipped or f"{outcome.seconds:.1f} s"
    missed = "" if outcome.hit else " (too late)"
    return f"{outcome.schedule.seed} {cell.work} {cell.phase} {cell.fault}{missed}: {shown}"


def summary(outcomes: list[Outcome], seconds: float) -> str:
    """Counts, and shows what was covered."""
    failed = [outcome.schedule.seed for outcome in outcomes if outcome.problem]
    skipped = Counter(outcome.skipped for outcome in outcomes if outcome.skipped)
    passed = len(outcomes) - len(failed) - skipped.total()
    missed = sum(1 for one in outcomes if not one.hit and not one.skipped)
    lines = [
        coverage(outcomes),
        f"passed {passed}, failed {len(failed)}, skipped {skipped.total()}, {seconds:.0f} s; "
        f"{missed} faults came when the work was over",
    ]
    lines += [f"skipped {count}: needs {what}" for what, count in skipped.items()]
    if failed:
        lines.append(f"failed seeds: {failed}")
    return "\n".join(lines)


def coverage(outcomes: list[Outcome]) -> str:
    """Shows how often each fault has befallen each phase."""
    hits = Counter(outcome.hit for outcome in outcomes if outcome.hit)
    width = max(len(fault) for fault in FAULTS) + 1
    lines = [" " * 22 + "".join(fault.rjust(width) for fault in FAULTS)]
    for work, phases in PHASES.items():
        for phase in phases:
            cells = [counted(hits, work, phase, fault) for fault in FAULTS]
            lines.append(f"{work:8} {phase:13}" + "".join(cell.rjust(width) for cell in cells))
    never = [cell for cell in all_cells() if not hits[cell]]
    lines.append(f"{len(all_cells()) - len(never)} of {len(all_cells())} cells were hit")
    if never and len(never) <= 20:
        lines.append("not hit: " + ", ".join(f"{c.fault} at {c.work} {c.phase}" for c in never))
    return "\n".join(lines)


def counted(hits: Counter, work: str, phase: str, fault: str) -> str:
    """How often a cell was hit; a dash where it cannot be."""
    if not is_possible(work, phase, fault):
        return "-"
    return str(hits[Cell(work, phase, fault)])
