"""Puts models of one or more runs side by side. Knows no HTTP."""

import math
import statistics
from typing import Any

from sqlmodel import Session, col, select

from app.catalogue import Catalogue
from app.models import (
    CellPublic,
    ColumnPublic,
    ComparisonPublic,
    Outcome,
    Result,
    RowPublic,
    Run,
    RunCase,
    Target,
)

# A case is the same in two runs when suite and name are.
CaseKey = tuple[str, str]

LONGEST_WANTED = 40


def compare(session: Session, catalogue: Catalogue, run_ids: list[int]) -> ComparisonPublic:
    """Compares all models of some runs."""
    columns: list[ColumnPublic] = []
    cells: dict[CaseKey, list[CellPublic]] = {}
    for run_id in run_ids:
        run = session.get(Run, run_id)
        if not run:
            continue
        cases = list(session.exec(cases_of(run_id)))
        for target in session.exec(
            select(Target).where(Target.run_id == run_id).order_by(col(Target.id))
        ):
            results = list(session.exec(select(Result).where(Result.target_id == target.id)))
            columns.append(column(run, target, len(cases), results, catalogue))
            by_case = {result.case_id: result for result in results}
            for case in cases:
                row = cells.setdefault((run.suite_name, case.name), [])
                row.append(cell(target.id or 0, by_case.get(case.id or 0)))
    rows = [
        RowPublic(suite_name=suite, name=name, cells=row, differs=differs(row))
        for (suite, name), row in cells.items()
    ]
    return ComparisonPublic(columns=columns, rows=rows)


def column(
    run: Run, target: Target, cases: int, results: list[Result], catalogue: Catalogue
) -> ColumnPublic:
    """Adds up what one model did."""
    passed, failed, errors = (
        sum(result.outcome == outcome for result in results) for outcome in Outcome
    )
    latencies = sorted(result.seconds for result in results if result.seconds is not None)
    tokens_in = sum(result.input_tokens or 0 for result in results)
    tokens_out = sum(result.output_tokens or 0 for result in results)
    return ColumnPublic(
        run_id=run.id or 0,
        target_id=target.id or 0,
        suite_name=run.suite_name,
        created_at=run.created_at,
        provider=target.provider,
        model=target.model,
        cases=cases,
        passed=passed,
        failed=failed,
        errors=errors,
        pass_rate=passed / len(results) if results else None,
        latency_median=statistics.median(latencies) if latencies else None,
        latency_p95=percentile(latencies, 0.95),
        latencies=latencies,
        input_tokens=tokens_in,
        output_tokens=tokens_out,
        cost=catalogue.cost(target.provider, target.model, tokens_in, tokens_out),
    )


def percentile(ordered: list[float], share: float) -> float | None:
    """Gives the smallest value that this share of all values does not exceed."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def cell(target_id: int, result: Result | None) -> CellPublic:
    """Tells what became of a case."""
    if not result:
        return CellPublic(target_id=target_id, outcome=None, seconds=None, note=None)
    return CellPublic(
        target_id=target_id, outcome=result.outcome, seconds=result.seconds, note=note(result)
    )


def note(result: Result) -> str | None:
    """Says why a case was not passed."""
    if result.error:
        return result.error
    missed = [verdict for verdict in result.verdicts if not verdict["passed"]]
    return "; ".join(f"{missed_words(verdict)}: {verdict['note']}" for verdict in missed) or None


def missed_words(verdict: dict[str, Any]) -> str:
    """Names an expectation as the suite writes it; without what would be too long."""
    kind, wanted = verdict["kind"], verdict["wanted"]
    if not isinstance(wanted, str | int | float) or len(str(wanted)) > LONGEST_WANTED:
        return kind
    return f"{kind} {wanted}"


def differs(row: list[CellPublic]) -> bool:
    """Tells whether models disagree about a case, as far as they are through with it."""
    return len({cell.outcome for cell in row if cell.outcome}) > 1


def cases_of(run_id: int):
    """Selects the cases of a run."""
    return select(RunCase).where(RunCase.run_id == run_id).order_by(col(RunCase.position))
