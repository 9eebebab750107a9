"""Passes on to all open pages what happens: levels, changes, how the processes are.

Reads from Valkey what the recorder tells. While Valkey is away it is tried again and again, and
when it is back the pages are told to read everything anew, for something may have been missed.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pydantic import ValidationError
from redis.asyncio import Redis

from app import processes
from app.control import Control, ControlError, Job
from app.core.valkey import CHANGES, LEVELS, RECORDER, UNREACHABLE
from app.models import LiveState, RecorderState

LOOK_SECONDS = 0.5
AGAIN_SECONDS = 0.25
# The longest wait for the next change, in milliseconds.
PATIENCE = 10_000
MESSAGES_WAITING = 100
EVERYTHING = "everything"

Page = asyncio.Queue[str]


class Live:
    """Everything that is of the moment."""

    def __init__(self, valkey: Redis, control: Control | None) -> None:
        self.valkey = valkey
        self.control = control
        self.pages: set[Page] = set()
        # What all pages know by now; nothing when one of them may know something else.
        self.told: LiveState | None = None
        self.look_now = asyncio.Event()
        self.loop = asyncio.get_running_loop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows what happens until the end of the block."""
        tasks = [
            asyncio.create_task(again_and_again(self.follow_levels)),
            asyncio.create_task(again_and_again(self.follow_changes)),
            asyncio.create_task(self.keep_looking()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.valkey.aclose()
            if self.control:
                await self.control.close()

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        """Gives the messages for one page, beginning with how things are."""
        messages: Page = asyncio.Queue(MESSAGES_WAITING)
        messages.put_nowait(state_message(await self.look()))
        self.told = None
        self.pages.add(messages)
        try:
            yield messages
        finally:
            self.pages.discard(messages)

    def changed_soon(self, what: str) -> None:
        """Does the same as [`changed`], from any thread."""
        self.loop.call_soon_threadsafe(self.changed, what)

    def changed(self, what: str) -> None:
        """Tells the pages that something in the database is different now."""
        self.pass_on(json.dumps({"kind": "changed", "what": what}))

    def pass_on(self, text: str) -> None:
        """Gives a message to all pages; one that does not read loses the oldest."""
        for messages in self.pages:
            if messages.full():
                messages.get_nowait()
            messages.put_nowait(text)

    async def follow_levels(self) -> None:
        """Passes levels on, as they come."""
        async with self.valkey.pubsub() as channel:
            await channel.subscribe(LEVELS)
            async for message in channel.listen():
                if message["type"] == "message":
                    self.pass_on(f'{{"kind":"levels","levels":{message["data"]}}}')

    async def follow_changes(self) -> None:
        """Passes changes on; begins with everything, for nobody knows what was missed."""
        last = await self.newest_change()
        self.changed(EVERYTHING)
        self.look_now.set()
        while True:
            found = await self.valkey.xread({CHANGES: last}, block=PATIENCE)
            for _, entries in found:
                for last, fields in entries:  # noqa: B007
                    self.changed(fields["what"])
                self.look_now.set()

    async def newest_change(self) -> str:
        """Gives the place in the stream after which all is new."""
        newest = await self.valkey.xrevrange(CHANGES, count=1)
        return newest[0][0] if newest else "0"

    async def keep_looking(self) -> None:
        """Tells the pages how things are, whenever that is different."""
        while True:
            self.look_now.clear()
            # Without a page nobody wants to know.
            if self.pages:
                await self.tell_state()
            await wait_at_most(self.look_now, LOOK_SECONDS)

    async def tell_state(self) -> None:
        """Tells the pages how things are, if that is news to them."""
        state = await self.look()
        if state != self.told:
            self.told = state
            self.pass_on(state_message(state))

    async def look(self) -> LiveState:
        """Sees how things are."""
        valkey_answers, recorder = await self.ask_recorder()
        known = processes.processes(
            await self.jobs(),
            valkey_answers=valkey_answers,
            recorder_answers=recorder is not None,
        )
        return LiveState(
            recorder=recorder, processes=known, restart_available=self.control is not None
        )

    async def ask_recorder(self) -> tuple[bool, RecorderState | None]:
        """Tells whether Valkey answers, and what the recorder said last."""
        try:
            told = await self.valkey.get(RECORDER)
            names = [client["name"] for client in await self.valkey.client_list()]
            alive = told and RECORDER in names
            return True, RecorderState.model_validate_json(told) if alive else None
        except UNREACHABLE:
            return False, None
        except ValidationError:
            # A recorder of another version.
            return True, None

    async def jobs(self) -> list[Job] | None:
        """Asks Ensconce; without an answer, one has to see for oneself."""
        try:
            return await self.control.jobs() if self.control else None
        except ControlError:
            return None


def state_message(state: LiveState) -> str:
    """Writes how things are."""
    return json.dumps({"kind": "state", "state": state.model_dump(mode="json")})


async def again_and_again(follow: Callable[[], Awaitable[None]]) -> None:
    """Follows something; begins anew when Valkey has gone."""
    while True:
        try:
            await follow()
        except UNREACHABLE:
            await asyncio.sleep(AGAIN_SECONDS)


async def wait_at_most(event: asyncio.Event, seconds: float) -> None:
    """Waits for an event, but not for longer."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
