"""Tells through Valkey what the recorder hears, and never makes it wait.

A thread of its own talks to Valkey. While Valkey is away, what is of the moment is dropped; what
must be kept is in the database, and who was away reads that.
"""

import json
import logging
import queue
import threading
from collections.abc import Callable

from redis import Redis

from app.core.valkey import CHANGES, CHANGES_KEPT, LEVELS, RECORDER, RECORDER_SECONDS, UNREACHABLE
from app.models import RecorderState
from app.sound.levels import Levels

logger = logging.getLogger(__name__)

WAITING_AT_MOST = 50
PAUSE_SECONDS = 0.25

Send = Callable[[], object]


class Announcer:
    """Tells what the recorder does; entered as a context manager."""

    def __init__(self, valkey: Redis) -> None:
        self.valkey = valkey
        self.waiting: queue.Queue[Send | None] = queue.Queue(WAITING_AT_MOST)
        self.thread = threading.Thread(target=self.work, name="announcer", daemon=True)
        self.leaving = threading.Event()
        self.away = False

    def __enter__(self) -> "Announcer":
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.leaving.set()
        self.put(lambda: self.valkey.delete(RECORDER))
        self.put(None)
        self.thread.join(RECORDER_SECONDS)
        self.valkey.close()

    def levels(self, levels: Levels) -> None:
        """Tells how loud it is."""
        text = json.dumps({"rms": levels.rms, "peak": levels.peak, "bands": levels.bands})
        self.put(lambda: self.valkey.publish(LEVELS, text))

    def state(self, state: RecorderState) -> None:
        """Tells what the recorder is at; to be repeated, because it is forgotten soon."""
        text = state.model_dump_json()
        self.put(lambda: self.valkey.set(RECORDER, text, ex=RECORDER_SECONDS))

    def changed(self, what: str) -> None:
        """Tells that something in the database is different now."""
        self.put(lambda: self.valkey.xadd(CHANGES, {"what": what}, maxlen=CHANGES_KEPT))

    def put(self, send: Send | None) -> None:
        """Leaves something to the thread; the oldest goes when there is too much."""
        while True:
            try:
                return self.waiting.put_nowait(send)
            except queue.Full:
                self.drop_oldest()

    def drop_oldest(self) -> None:
        """Forgets what waits longest, unless the thread has just taken it."""
        try:
            self.waiting.get_nowait()
        except queue.Empty:
            return

    def work(self) -> None:
        """Sends one after the other until the end."""
        while send := self.waiting.get():
            try:
                send()
                self.tell_reached(True)
            except UNREACHABLE:
                self.tell_reached(False)
                self.leaving.wait(PAUSE_SECONDS)

    def tell_reached(self, reached: bool) -> None:
        """Logs once when Valkey goes, and once when it is back."""
        if reached and self.away:
            logger.info("Valkey is back")
        elif not reached and not self.away:
            logger.warning("Valkey is away; the recorder goes on without it")
        self.away = not reached
