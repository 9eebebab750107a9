"""Keeps runs and results. Knows no HTTP and no models; what changes something commits."""

from dataclasses import dataclass

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, delete, func, select

from app.models import (
    CasePublic,
    Outcome,
    ProviderName,
    Result,
    ResultPublic,
    Run,
    RunCase,
    RunPublic,
    RunResults,
    RunState,
    Target,
    TargetCreate,
    TargetPublic,
    now,
)
from app.suites.suite import Case, Suite

Counts = dict[tuple[int, Outcome], int]


@dataclass(frozen=True)
class OpenCase:
    """A case that a model has not answered yet."""

    id: int
    case: Case


@dataclass(frozen=True)
class OpenTarget:
    """A model, and what it still has to answer."""

    id: int
    provider: ProviderName
    model: str
    cases: list[OpenCase]


def create(session: Session, suite_id: str, suite: Suite, targets: list[TargetCreate]) -> int:
    """Writes a run down as a whole, so that it can go on from here whatever happens."""
    run = Run(suite_id=suite_id, suite_name=suite.name)
    session.add(run)
    session.flush()
    assert run.id is not None  # noqa: S101
    for target in targets:
        session.add(Target(run_id=run.id, provider=target.provider, model=target.model))
    for position, case in enumerate(suite.cases):
        definition = case.model_dump(mode="json")
        session.add(
            RunCase(run_id=run.id, position=position, name=case.name, definition=definition)
        )
    session.commit()
    return run.id


def unfinished(session: Session) -> list[int]:
    """Returns the runs that have to go on."""
    running = select(Run.id).where(Run.state == RunState.RUNNING).order_by(col(Run.id))
    return [id for id in session.exec(running) if id is not None]


def open_targets(session: Session, run_id: int) -> list[OpenTarget]:
    """Returns what is still to be asked: cases without a result, and no others."""
    cases = [
        OpenCase(case.id or 0, Case.model_validate(case.definition))
        for case in session.exec(
            select(RunCase).where(RunCase.run_id == run_id).order_by(col(RunCase.position))
        )
    ]
    open_now = []
    for target in session.exec(targets_of(run_id)):
        answered = set(
            session.exec(select(Result.case_id).where(Result.target_id == target.id)).all()
        )
        left = [case for case in cases if case.id not in answered]
        open_now.append(OpenTarget(target.id or 0, target.provider, target.model, left))
    return open_now


def save(session: Session, result: Result) -> bool:
    """Keeps a result, unless there is one already; tells whether it was kept."""
    values = result.model_dump(exclude={"id"})
    kept = session.connection().execute(insert(Result).values(values).on_conflict_do_nothing())
    session.commit()
    return kept.rowcount == 1


def set_state(session: Session, run_id: int, state: RunState) -> None:
    """Says how far a run is."""
    run = session.get(Run, run_id)
    if run:
        run.state = state
        run.finished_at = now() if state == RunState.FINISHED else None
        session.add(run)
        session.commit()


def finish(session: Session, run_id: int) -> bool:
    """Ends a run, if nothing is open in it."""
    if any(target.cases for target in open_targets(session, run_id)):
        return False
    set_state(session, run_id, RunState.FINISHED)
    return True


def forget_errors(session: Session, run_id: int) -> int:
    """Opens the cases again that got no answer; tells how many there were."""
    targets = select(Target.id).where(Target.run_id == run_id)
    errors = delete(Result).where(
        col(Result.target_id).in_(targets), col(Result.outcome) == Outcome.ERROR
    )
    count = session.exec(errors).rowcount
    if count:
        set_state(session, run_id, RunState.RUNNING)
    session.commit()
    return count


def remove(session: Session, run_id: int) -> None:
    """Deletes a run with all that belongs to it."""
    session.exec(delete(Run).where(col(Run.id) == run_id))
    session.commit()


def list_runs(session: Session, *, skip: int, limit: int) -> tuple[list[RunPublic], int]:
    """Returns a page of runs, newest first, and how many there are."""
    count = session.exec(select(func.count()).select_from(Run)).one()
    page = select(Run).order_by(col(Run.id).desc()).offset(skip).limit(limit)
    return [describe(session, run) for run in session.exec(page).all()], count


def find(session: Session, run_id: int) -> RunPublic | None:
    """Returns a run."""
    run = session.get(Run, run_id)
    return describe(session, run) if run else None


def describe(session: Session, run: Run) -> RunPublic:
    """Tells how far a run is, as far as the database knows."""
    run_id = run.id or 0
    counts = count_outcomes(session, run_id)
    cases = session.exec(
        select(func.count()).select_from(RunCase).where(RunCase.run_id == run_id)
    ).one()
    targets = [describe_target(target, counts) for target in session.exec(targets_of(run_id))]
    return RunPublic.model_validate({**run.model_dump(), "cases": cases, "targets": targets})


def describe_target(target: Target, counts: Counts) -> TargetPublic:
    """Tells how far a model is."""
    id = target.id or 0
    return TargetPublic(
        id=id,
        provider=target.provider,
        model=target.model,
        passed=counts.get((id, Outcome.PASSED), 0),
        failed=counts.get((id, Outcome.FAILED), 0),
        errors=counts.get((id, Outcome.ERROR), 0),
        asking=0,
        hold=None,
    )


def count_outcomes(session: Session, run_id: int) -> Counts:
    """Counts the results of each model."""
    counted = (
        select(Result.target_id, Result.outcome, func.count())
        .join(Target, col(Target.id) == col(Result.target_id))
        .where(Target.run_id == run_id)
        .group_by(col(Result.target_id), col(Result.outcome))
    )
    return {(target, outcome): count for target, outcome, count in session.exec(counted)}


def results(session: Session, run_id: int) -> RunResults:
    """Returns the cases of a run, and what came of them."""
    cases = select(RunCase).where(RunCase.run_id == run_id).order_by(col(RunCase.position))
    found = (
        select(Result)
        .join(Target, col(Target.id) == col(Result.target_id))
        .where(Target.run_id == run_id)
        .order_by(col(Result.case_id), col(Result.target_id))
    )
    return RunResults(
        cases=[
            CasePublic.model_validate({**case.definition, "id": case.id})
            for case in session.exec(cases)
        ],
        results=[public(result) for result in session.exec(found)],
    )


def public(result: Result) -> ResultPublic:
    """Tells what a model said."""
    return ResultPublic.model_validate(result.model_dump())


def targets_of(run_id: int):
    """Selects the models of a run."""
    return select(Target).where(Target.run_id == run_id).order_by(col(Target.id))
