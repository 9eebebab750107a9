"""Asks one model the cases of a run that are open, several at a time.

A case leaves the lane only with a result. What is not the fault of the case (no key, no network,
too many questions) puts the case back and holds the whole lane, and says why: until it is tried
again by itself, or until somebody does something about it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from app.expectations import judge
from app.models import HoldPublic, Outcome, ProviderName, Result, now
from app.providers.clients import Answer, Question
from app.providers.trouble import HOLDING, PASSES_BY_ITSELF, TroubleError
from app.runs.store import OpenCase, OpenTarget

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0


class Asks(Protocol):
    """Somebody who can be asked."""

    async def ask(self, provider: ProviderName, question: Question) -> Answer:
        """Asks a model."""
        ...


class Lane:
    """One model of a run."""

    def __init__(
        self,
        target: OpenTarget,
        providers: Asks,
        slots: asyncio.Semaphore,
        save: Callable[[Result], Awaitable[None]],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self.target = target
        self.providers = providers
        self.slots = slots
        self.save = save
        self.changed = changed
        self.open = deque(target.cases)
        self.asking = 0
        self.hold: HoldPublic | None = None
        self.released = asyncio.Event()
        self.pause = FIRST_PAUSE_SECONDS

    async def run(self, workers: int) -> None:
        """Asks until every case has its result."""
        async with asyncio.TaskGroup() as group:
            for _ in range(min(workers, len(self.open))):
                group.create_task(self.work())

    async def work(self) -> None:
        """Asks one case after the other."""
        while self.open:
            if self.hold:
                await self.wait_out(self.hold)
                continue
            async with self.slots:
                # Much may have happened while this waited for its turn.
                if self.open and not self.hold:
                    await self.ask(self.open.popleft())

    async def ask(self, open_case: OpenCase) -> None:
        """Asks a case, and keeps what comes of it."""
        self.asking += 1
        await self.changed()
        result = None
        try:
            result = await self.result_of(open_case)
        except TroubleError as trouble:
            self.hold_on(trouble)
        finally:
            self.asking -= 1
            if not result:
                self.open.appendleft(open_case)
        if result:
            self.pause = FIRST_PAUSE_SECONDS
            await self.save(result)
        else:
            await self.changed()

    async def result_of(self, open_case: OpenCase) -> Result:
        """Asks a case; fails with trouble that is not the fault of the case."""
        case = open_case.case
        question = Question(
            model=self.target.model,
            prompt=case.prompt,
            system=case.system,
            max_tokens=case.max_tokens,
        )
        result = Result(
            target_id=self.target.id, case_id=open_case.id, outcome=Outcome.ERROR, verdicts=[]
        )
        try:
            answer = await self.providers.ask(self.target.provider, question)
        except TroubleError as trouble:
            if trouble.kind in HOLDING:
                raise
            result.error = trouble.message
            return result
        # Patterns may take a while.
        verdicts = await asyncio.to_thread(judge, case.expect, answer.text, answer.seconds)
        passed = all(verdict.passed for verdict in verdicts)
        result.outcome = Outcome.PASSED if passed else Outcome.FAILED
        result.text = answer.text
        result.verdicts = [verdict.model_dump(mode="json") for verdict in verdicts]
        result.input_tokens = answer.input_tokens
        result.output_tokens = answer.output_tokens
        result.seconds = round(answer.seconds, 3)
        result.retries = answer.retries
        result.cut_off = answer.cut_off
        return result

    def hold_on(self, trouble: TroubleError) -> None:
        """Holds the lane; asks nothing until it is released."""
        if self.hold:
            # Another question that was open at the same time has found out already.
            return
        until = None
        if trouble.kind in PASSES_BY_ITSELF:
            until = now() + timedelta(seconds=trouble.retry_after or self.pause)
            self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        self.hold = HoldPublic(kind=trouble.kind, message=trouble.message, until=until)
        self.released.clear()

    async def wait_out(self, hold: HoldPublic) -> None:
        """Waits until the lane is released, or the time for the next try has come."""
        left = (hold.until - now()).total_seconds() if hold.until else None
        try:
            async with asyncio.timeout(left):
                await self.released.wait()
        except TimeoutError:
            # Only the first that wakes up; another may hold again by now.
            if self.hold is hold:
                self.hold = None

    def release(self) -> None:
        """Tries again now."""
        self.hold = None
        self.released.set()
