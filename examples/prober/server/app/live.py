"""Tells all open pages what happens, as it happens."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from app.models import LiveMessage

MESSAGES_WAITING = 1000

Page = asyncio.Queue[LiveMessage]


class Live:
    """The pages that are open."""

    def __init__(self) -> None:
        self.pages: set[Page] = set()
        self.loop = asyncio.get_running_loop()

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Gives the messages for one page."""
        messages: Page = asyncio.Queue(MESSAGES_WAITING)
        self.pages.add(messages)
        try:
            yield messages
        finally:
            self.pages.discard(messages)

    def changed_soon(self, what: str) -> None:
        """Tells that something has to be read anew; from any thread."""
        self.loop.call_soon_threadsafe(self.tell, LiveMessage(kind="changed", what=what))

    def tell(self, message: LiveMessage) -> None:
        """Tells all pages; one that does not keep up reads everything anew."""
        for messages in self.pages:
            if messages.full():
                empty(messages)
                messages.put_nowait(LiveMessage(kind="changed", what="everything"))
            else:
                messages.put_nowait(message)


def empty(messages: Page) -> None:
    """Throws away what nobody has read."""
    while not messages.empty():
        messages.get_nowait()
