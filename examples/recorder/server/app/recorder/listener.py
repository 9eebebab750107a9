"""Follows one source: where a sound begins and ends, and what it is."""

import logging

import numpy as np
from sqlalchemy import Engine
from sqlmodel import Session

from app import library
from app.core.db import writing_session
from app.models import Hearing, HearingNow, Track
from app.recorder.announcer import Announcer
from app.recorder.sources import Source
from app.sound.fingerprint import fingerprint
from app.sound.levels import LevelMeter, Levels
from app.sound.matching import Match
from app.sound.spectrogram import STEP_SECONDS, Columns, Spectrogram
from app.sound.wav import Samples

logger = logging.getLogger(__name__)

# Louder than this is a sound, in decibels below full scale.
LOUD = -50.0
# So much quiet ends a sound; a shorter one is a pause within it.
QUIET_SECONDS = 1.5
# A shorter sound is a knock on the table.
SHORTEST_SECONDS = 1.0
# A sound that is not known by then goes on as another one, so that memory has a bound.
LONGEST_SECONDS = 600.0
# How often, and by how much of what was heard last, sounds are recognised.
LOOK_SECONDS = 1.0
WINDOW_COLUMNS = round(8 / STEP_SECONDS)
# Shorter sounds are not remembered: many others would seem to be them.
SHORTEST_REMEMBERED_SECONDS = 3.0
# Of a longer one only the beginning is remembered: a fan hums all day.
REMEMBERED_COLUMNS = round(180 / STEP_SECONDS)


class Listener:
    """Hears blocks of sound."""

    def __init__(self, source: Source, engine: Engine, announcer: Announcer) -> None:
        self.source = source
        self.engine = engine
        self.announcer = announcer
        self.meter = LevelMeter(source.rate)
        self.sound: Sound | None = None

    def hear(self, block: Samples) -> None:
        """Takes the next block."""
        levels = self.meter.measure(block)
        self.announcer.levels(levels)
        if self.sound is None and levels.rms > LOUD:
            self.sound = Sound(self.source, self.engine, self.announcer)
        if self.sound:
            self.sound.add(block, levels)
            if self.sound.is_over():
                self.end()

    def end(self) -> None:
        """Ends the sound that is heard, if there is one."""
        if self.sound:
            self.sound.end()
            self.sound = None

    def hearing_now(self) -> HearingNow | None:
        """Tells what is heard, once it is long enough to count."""
        return self.sound.now() if self.sound else None


class Sound:
    """One sound, from its beginning to the silence after it."""

    def __init__(self, source: Source, engine: Engine, announcer: Announcer) -> None:
        self.rate = source.rate
        self.engine = engine
        self.announcer = announcer
        self.spectrogram = Spectrogram(source.rate)
        self.columns: list[Columns] = []
        self.hearing = Hearing(peak=0, source=source.name)
        self.track: Track | None = None
        self.peak = -np.inf
        self.seconds = 0.0
        self.quiet = 0.0
        self.looked_at = 0.0
        self.followed_by_another = False

    def add(self, block: Samples, levels: Levels) -> None:
        """Takes the next block, and looks from time to time what it could be."""
        length = len(block) / self.rate
        self.seconds += length
        self.quiet = 0.0 if levels.rms > LOUD else self.quiet + length
        self.peak = max(self.peak, levels.peak)
        self.columns.append(self.spectrogram.add(block))
        if self.seconds - self.looked_at >= LOOK_SECONDS and self.length() >= SHORTEST_SECONDS:
            self.looked_at = self.seconds
            self.look()

    def length(self) -> float:
        """How long it is, without the quiet at its end."""
        return self.seconds - self.quiet

    def is_over(self) -> bool:
        """Whether what comes next is no part of it."""
        too_long = self.seconds >= LONGEST_SECONDS
        return self.quiet >= QUIET_SECONDS or too_long or self.followed_by_another

    def look(self) -> None:
        """Recognises what was heard last, and keeps what is known by now."""
        recent = fingerprint(self.last_columns(WINDOW_COLUMNS))
        with writing_session(self.engine) as session:
            match = library.recognise(session, recent)
            if match and self.hearing.track_id not in (None, match.track_id):
                self.followed_by_another = True
            elif match and self.is_surer(match):
                self.track = session.get(Track, match.track_id)
                self.hearing.track_id = match.track_id
                self.hearing.confidence = round(min(1.0, match.share), 3)
            self.keep(session)

    def is_surer(self, match: Match) -> bool:
        """Whether a match says more than the last one."""
        return self.hearing.confidence is None or match.share > self.hearing.confidence

    def last_columns(self, count: int) -> Columns:
        """Gives so many columns of the end, or all there are."""
        self.columns = [np.concatenate(self.columns)]
        return self.columns[0][-count:]

    def keep(self, session: Session) -> None:
        """Writes to the history what is known by now."""
        self.hearing.seconds = round(self.length(), 2)
        self.hearing.peak = round(float(self.peak), 1)
        self.forget_deleted_track(session)
        self.hearing = session.merge(self.hearing)
        session.commit()
        session.refresh(self.hearing)
        self.announcer.changed("history")

    def forget_deleted_track(self, session: Session) -> None:
        """Knows no track any more that the user has deleted meanwhile."""
        if self.hearing.track_id and not session.get(Track, self.hearing.track_id):
            self.track, self.hearing.track_id, self.hearing.confidence = None, None, None

    def end(self) -> None:
        """Closes the hearing, and remembers a sound that was not known."""
        if self.length() < SHORTEST_SECONDS:
            return
        self.hearing.ongoing = False
        with writing_session(self.engine) as session:
            if self.hearing.track_id is None:
                self.remember(session)
            self.keep(session)
        self.announcer.changed("library")
        logger.info("Heard %.1f s: %s", self.length(), self.track.title if self.track else "?")

    def remember(self, session: Session) -> None:
        """Makes an unknown sound a track, so that it is known the next time."""
        whole = fingerprint(self.last_columns(0)[:REMEMBERED_COLUMNS])
        too_short = self.length() < SHORTEST_REMEMBERED_SECONDS
        if too_short or len(whole) < library.FEWEST_HASHES:
            return
        match = library.recognise(session, whole)
        if match:
            self.track = session.get(Track, match.track_id)
            self.hearing.confidence = round(min(1.0, match.share), 3)
        else:
            self.track = library.add_heard(session, self.length(), whole)
            self.hearing.first_time = True
        self.hearing.track_id = self.track.id if self.track else None

    def now(self) -> HearingNow | None:
        """Tells what it is, once it counts."""
        if self.hearing.id is None:
            return None
        title, artist = (self.track.title, self.track.artist) if self.track else (None, None)
        return HearingNow(
            id=self.hearing.id,
            track_id=self.hearing.track_id,
            title=title,
            artist=artist,
            seconds=round(self.length(), 1),
        )
