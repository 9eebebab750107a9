"""Decides what to listen to, and goes on listening until it is told to stop."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from app import history, wishes
from app.core.db import reading_session, writing_session
from app.core.paths import inbox_dir
from app.models import HearingNow, QueuedFile, RecorderDoing, RecorderState
from app.recorder.announcer import Announcer
from app.recorder.listener import Listener
from app.recorder.sources import FileSource, NoDeviceError, Source, open_microphone
from app.sound.wav import WavError, open_wav
from app.wishes import Wishes

logger = logging.getLogger(__name__)

# How often the user's wishes are looked at, and the state is told.
TICK_SECONDS = 0.5
# How often it is looked whether a microphone was plugged in.
DEVICE_SECONDS = 5.0


class Recorder:
    """Listens to files, or else to the microphone."""

    def __init__(
        self, data: Path, engine: Engine, announcer: Announcer, stopping: threading.Event
    ) -> None:
        self.data = data
        self.engine = engine
        self.announcer = announcer
        self.stopping = stopping

    def run(self) -> None:
        """Listens until it is told to stop."""
        with writing_session(self.engine) as session:
            history.end_ongoing(session)
        while not self.stopping.is_set():
            wanted = self.wishes()
            if wanted.queue:
                self.listen_to_file(wanted.queue[0])
            elif wanted.microphone:
                self.listen_to_microphone()
            else:
                self.pause(RecorderState(doing=RecorderDoing.IDLE))

    def wishes(self) -> Wishes:
        """Reads what the user wants."""
        with reading_session(self.engine) as session:
            return wishes.read(session)

    def listen_to_file(self, queued: QueuedFile) -> None:
        """Listens to a file to its end, unless the user takes it away."""
        try:
            file = open_wav(inbox_dir(self.data) / queued.file)
            source = FileSource(queued.name, file, self.stopping)
            self.listen(source, lambda: queued.id in [wanted.id for wanted in self.wishes().queue])
        except (WavError, OSError) as error:
            logger.warning("Cannot listen to %s: %s", queued.name, error)
        if not self.stopping.is_set():
            self.take_out(queued)

    def take_out(self, queued: QueuedFile) -> None:
        """Takes a file out of the queue, if the user has not."""
        with writing_session(self.engine) as session:
            known = session.get(QueuedFile, queued.id)
            if known:
                wishes.dequeue(session, known, self.data)
        self.announcer.changed("source")

    def listen_to_microphone(self) -> None:
        """Listens to the microphone until something else is wanted, or waits for one."""
        try:
            self.listen(open_microphone(), self.microphone_is_wanted)
        except NoDeviceError as error:
            missing = RecorderState(doing=RecorderDoing.NO_DEVICE, detail=str(error))
            until = time.monotonic() + DEVICE_SECONDS
            while time.monotonic() < until and self.microphone_is_wanted():
                self.pause(missing)

    def microphone_is_wanted(self) -> bool:
        """Whether nothing else is to be listened to."""
        wanted = self.wishes()
        return wanted.microphone and not wanted.queue and not self.stopping.is_set()

    def listen(self, source: Source, still_wanted: Callable[[], bool]) -> None:
        """Listens to a source while it gives sound and is wanted."""
        logger.info("Listening to %s", source.name)
        listener = Listener(source, self.engine, self.announcer)
        next_tick = 0.0
        try:
            for block in source.blocks():
                listener.hear(block)
                if time.monotonic() >= next_tick:
                    next_tick = time.monotonic() + TICK_SECONDS
                    self.announcer.state(listening(source, listener.hearing_now()))
                    if self.stopping.is_set() or not still_wanted():
                        return
        finally:
            listener.end()

    def pause(self, state: RecorderState) -> None:
        """Says why nothing is listened to, and waits a moment."""
        self.announcer.state(state)
        self.stopping.wait(TICK_SECONDS)


def listening(source: Source, hearing: HearingNow | None) -> RecorderState:
    """Tells what is listened to, and what is heard."""
    return RecorderState(doing=RecorderDoing.LISTENING, source=source.name, hearing=hearing)
