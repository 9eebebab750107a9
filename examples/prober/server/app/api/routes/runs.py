"""Starts runs, tells how far they are, stops them and lets them go on."""

import asyncio

from fastapi import APIRouter, HTTPException

from app.api.dependencies import (
    LibraryNow,
    Limit,
    LiveNow,
    RequestSession,
    RunnerNow,
    RunOfPath,
    Skip,
)
from app.models import Message, RunCreate, RunPublic, RunResults, RunsPublic, RunState
from app.runs import store

router = APIRouter(prefix="/runs", tags=["runs"])


@router.get("/", name="list")
async def list_runs(runner: RunnerNow, skip: Skip = 0, limit: Limit = 50) -> RunsPublic:
    """Gives a page of runs, newest first."""
    data, count = await runner.read(
        lambda session: store.list_runs(session, skip=skip, limit=limit)
    )
    return RunsPublic(data=[runner.with_moment(run) for run in data], count=count)


@router.post("/", name="start", status_code=201)
async def start_run(
    library: LibraryNow, runner: RunnerNow, live: LiveNow, given: RunCreate
) -> RunPublic:
    """Starts a run; it goes on until every case has a result."""
    shelved = await asyncio.to_thread(library.find, given.suite_id)
    if not shelved:
        raise HTTPException(404, "This suite is no longer there")
    suite = shelved.suite
    if not suite:
        raise HTTPException(409, "This suite has mistakes: see them on its page")
    targets = list({(each.provider, each.model): each for each in given.targets}.values())
    run_id = await runner.write(lambda s: store.create(s, shelved.id, suite, targets))
    runner.begin(run_id)
    live.changed_soon("runs")
    return await describe(runner, run_id)


@router.get("/{id}", name="read")
async def read_run(runner: RunnerNow, run: RunOfPath) -> RunPublic:
    """Tells how far a run is."""
    return runner.with_moment(run)


@router.get("/{id}/results", name="results")
def read_results(session: RequestSession, run: RunOfPath) -> RunResults:
    """Gives all answers there are so far."""
    return store.results(session, run.id)


@router.post("/{id}/stop", name="stop")
async def stop_run(runner: RunnerNow, live: LiveNow, run: RunOfPath) -> RunPublic:
    """Stops asking; what has a result keeps it."""
    if run.state != RunState.RUNNING:
        raise HTTPException(409, "This run is not going on")
    await runner.stop(run.id)
    # It may have come to its end just then.
    if (await describe(runner, run.id)).state == RunState.RUNNING:
        await runner.write(lambda s: store.set_state(s, run.id, RunState.STOPPED))
    live.changed_soon("runs")
    return await describe(runner, run.id)


@router.post("/{id}/continue", name="continue")
async def continue_run(runner: RunnerNow, live: LiveNow, run: RunOfPath) -> RunPublic:
    """Lets a run go on that was stopped, and tries again at once what is held up."""
    if run.state == RunState.FINISHED:
        raise HTTPException(409, "This run is over")
    await runner.write(lambda s: store.set_state(s, run.id, RunState.RUNNING))
    runner.begin(run.id)
    runner.release(run.id)
    live.changed_soon("runs")
    return await describe(runner, run.id)


@router.post("/{id}/retry", name="retry")
async def retry_errors(runner: RunnerNow, live: LiveNow, run: RunOfPath) -> RunPublic:
    """Asks again what got no answer."""
    await runner.stop(run.id)
    count = await runner.write(lambda s: store.forget_errors(s, run.id))
    if not count and run.state != RunState.RUNNING:
        raise HTTPException(409, "There is nothing to ask again")
    runner.begin(run.id)
    live.changed_soon("results")
    return await describe(runner, run.id)


@router.delete("/{id}", name="delete")
async def delete_run(runner: RunnerNow, live: LiveNow, run: RunOfPath) -> Message:
    """Deletes a run, with its answers."""
    await runner.stop(run.id)
    await runner.write(lambda s: store.remove(s, run.id))
    live.changed_soon("runs")
    return Message(message="Run deleted")


async def describe(runner: RunnerNow, run_id: int) -> RunPublic:
    """Tells how far a run is."""
    run = await runner.read(lambda session: store.find(session, run_id))
    if not run:
        raise HTTPException(404, "This run is no longer there")
    return runner.with_moment(run)
