"""Keeps runs going. What is in the database decides: a run goes on with what has no result there.

So it does not matter how a process ended. The next one finds the runs that are not over, and asks
the cases that have no result; a case that has one is never asked again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from app.core.db import reading_session, writing_session
from app.models import LiveMessage, Result, RunPublic, RunState
from app.providers.providers import Providers
from app.runs import store
from app.runs.lane import Asks, Lane

logger = logging.getLogger(__name__)

T = TypeVar("T")

AGAIN_SECONDS = 10.0

Tell = Callable[[LiveMessage], None]


class Runner:
    """All runs that are going on."""

    def __init__(
        self, engine: Engine, providers: Providers | Asks, tell: Tell, at_once: int
    ) -> None:
        self.engine = engine
        self.providers = providers
        self.tell = tell
        self.at_once = at_once
        # Shared by all runs, so that two runs do not ask twice as much at the same time.
        self.slots = asyncio.Semaphore(at_once)
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.lanes: dict[int, list[Lane]] = {}
        self.loop = asyncio.get_running_loop()
        self.closed = False

    async def start(self) -> None:
        """Goes on with what an earlier process has begun."""
        for run_id in await self.read(store.unfinished):
            logger.info("Run %s goes on", run_id)
            self.begin(run_id)

    def begin(self, run_id: int) -> None:
        """Lets a run go on, from wherever it is."""
        if run_id not in self.tasks:
            task = asyncio.create_task(self.run(run_id))
            self.tasks[run_id] = task
            task.add_done_callback(lambda done: self.ended(run_id, done))

    def ended(self, run_id: int, task: asyncio.Task[None]) -> None:
        """Forgets a run that is over; says why, if that was not meant to be."""
        self.tasks.pop(run_id, None)
        self.lanes.pop(run_id, None)
        if not task.cancelled() and (error := task.exception()):
            # Only the kind: what is in an error is nobody's to know.
            logger.error("Run %s broke off, and goes on: %s", run_id, kinds(error))
            # As when the disk is full for a while.
            self.loop.call_later(AGAIN_SECONDS, self.begin_again, run_id)

    def begin_again(self, run_id: int) -> None:
        """Lets a run go on that broke off, unless all is about to end."""
        if not self.closed:
            self.begin(run_id)

    async def stop(self, run_id: int) -> None:
        """Ends the asking; answers that are there by now are kept."""
        if task := self.tasks.get(run_id):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Ends all asking; the runs go on with the next start."""
        self.closed = True
        for run_id in list(self.tasks):
            await self.stop(run_id)

    def release(self, run_id: int) -> None:
        """Tries again now what is held up."""
        for lane in self.lanes.get(run_id, []):
            lane.release()

    async def run(self, run_id: int) -> None:
        """Asks every case that is open, and ends the run."""
        run = await self.read(lambda session: store.find(session, run_id))
        if not run or run.state != RunState.RUNNING:
            # It was stopped or deleted since somebody wanted it to go on.
            return
        targets = await self.read(lambda session: store.open_targets(session, run_id))

        async def save(result: Result) -> None:
            await self.save(run_id, result)

        async def changed() -> None:
            await self.tell_run(run_id)

        lanes = [Lane(target, self.providers, self.slots, save, changed) for target in targets]
        self.lanes[run_id] = lanes
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(lane.run(self.at_once))
        await self.write(lambda session: store.finish(session, run_id))
        self.lanes.pop(run_id, None)
        await self.tell_run(run_id)

    async def save(self, run_id: int, result: Result) -> None:
        """Keeps a result, and tells of it."""
        told = store.public(result)
        if await self.write(lambda session: store.save(session, result)):
            self.tell(LiveMessage(kind="result", run_id=run_id, result=told))
        await self.tell_run(run_id)

    async def tell_run(self, run_id: int) -> None:
        """Tells how far a run is."""
        run = await self.read(lambda session: store.find(session, run_id))
        if run:
            self.tell(LiveMessage(kind="run", run=self.with_moment(run)))

    def with_moment(self, run: RunPublic) -> RunPublic:
        """Adds what only this process knows: what is being asked, and what is held up."""
        lanes = {lane.target.id: lane for lane in self.lanes.get(run.id, [])}
        for target in run.targets:
            if run.state == RunState.RUNNING and (lane := lanes.get(target.id)):
                target.asking = lane.asking
                target.hold = lane.hold
        return run

    async def read(self, query: Callable[[Session], T]) -> T:
        """Reads from the database, beside everything else."""

        def work() -> T:
            with reading_session(self.engine) as session:
                return query(session)

        return await asyncio.to_thread(work)

    async def write(self, change: Callable[[Session], T]) -> T:
        """Changes the database; what has begun is ended, also when the run is stopped."""

        def work() -> T:
            with writing_session(self.engine) as session:
                return change(session)

        return await unbroken(asyncio.to_thread(work))


async def unbroken(work: Awaitable[T]) -> T:
    """Waits for something to its end; what interrupts it comes after that."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def kinds(error: BaseException) -> str:
    """Names the kinds of what went wrong."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(sorted({kinds(each) for each in error.exceptions}))
    return type(error).__name__
