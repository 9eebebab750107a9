"""Keeps the tracks that can be recognised. Knows no HTTP; what changes something commits."""

import json

import numpy as np
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, func, select, update

from app.models import FingerprintEntry, Hearing, Origin, Track, TrackPublic
from app.sound.fingerprint import Fingerprint
from app.sound.matching import Hits, Match, best_match

# A sound with fewer numbers could not be told from others.
FEWEST_HASHES = 60

# So many sounds without a name are remembered; a microphone hears new ones all day.
UNNAMED_KEPT = 200

ADD_HASHES = "INSERT OR IGNORE INTO fingerprint (hash, track_id, position) VALUES (?, ?, ?)"
FIND_HASHES = (
    "SELECT hash, track_id, position FROM fingerprint "
    "WHERE hash IN (SELECT value FROM json_each(?))"
)


class KnownTrackError(Exception):
    """The library has this sound already."""

    def __init__(self, track: Track) -> None:
        super().__init__(track.title)
        self.track = track


def recognise(session: Session, heard: Fingerprint) -> Match | None:
    """Finds the track that a fingerprint belongs to."""
    wanted = json.dumps(np.unique(heard.hashes).tolist())
    rows = session.connection().exec_driver_sql(FIND_HASHES, (wanted,)).fetchall()
    found = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 3)
    return best_match(heard, Hits(found[:, 0], found[:, 1], found[:, 2]))


def add_track(session: Session, track: Track, fingerprint: Fingerprint) -> Track:
    """Stores a track of the user's; one that was only heard so far becomes this one."""
    match = recognise(session, fingerprint)
    known = session.get(Track, match.track_id) if match else None
    if known and known.origin is Origin.LIBRARY:
        raise KnownTrackError(known)
    store(session, track, fingerprint)
    if known:
        replace(session, known, track)
    session.commit()
    return track


def add_heard(session: Session, seconds: float, fingerprint: Fingerprint) -> Track:
    """Stores a sound that nobody knows yet; the oldest ones without a name are forgotten."""
    newest = session.exec(select(func.max(Track.id))).one() or 0
    title = f"Unknown sound {newest + 1}"
    track = Track(title=title, origin=Origin.HEARD, seconds=seconds)
    store(session, track, fingerprint)
    forget_oldest(session)
    session.commit()
    return track


def forget_oldest(session: Session) -> None:
    """Keeps as many sounds without a name as there may be; the database takes along the rest."""
    unnamed = select(Track.id).where(Track.origin == Origin.HEARD).order_by(col(Track.id).desc())
    surplus = session.exec(unnamed.offset(UNNAMED_KEPT)).all()
    session.exec(delete(Track).where(col(Track.id).in_(surplus)))


def store(session: Session, track: Track, fingerprint: Fingerprint) -> None:
    """Adds a track and the numbers of its fingerprint."""
    session.add(track)
    session.flush()
    rows = zip(fingerprint.hashes.tolist(), fingerprint.columns.tolist(), strict=True)
    values = [(number, track.id, position) for number, position in rows]
    session.connection().exec_driver_sql(ADD_HASHES, values)


def replace(session: Session, old: Track, new: Track) -> None:
    """Lets one track take the place of another, in the history too."""
    session.exec(update(Hearing).where(col(Hearing.track_id) == old.id).values(track_id=new.id))
    session.delete(old)


def list_tracks(session: Session, *conditions: ColumnElement[bool]) -> list[TrackPublic]:
    """Returns tracks by title, the user's own before those that were only heard."""
    heard = (
        select(
            Hearing.track_id,
            func.count().label("times"),
            func.max(Hearing.started_at).label("last"),
        )
        .group_by(col(Hearing.track_id))
        .subquery()
    )
    rows = session.exec(
        select(Track, heard.c.times, heard.c.last)
        .join(heard, heard.c.track_id == col(Track.id), isouter=True)
        .where(*conditions)
        .order_by(col(Track.origin) != Origin.LIBRARY, func.lower(Track.title), col(Track.id))
    )
    return [
        TrackPublic.model_validate(
            {**track.model_dump(), "times_heard": times or 0, "last_heard_at": last}
        )
        for track, times, last in rows
    ]


def describe(session: Session, track: Track) -> TrackPublic:
    """Tells of one track."""
    return list_tracks(session, col(Track.id) == track.id)[0]


def rename(session: Session, track: Track, changes: dict[str, str]) -> None:
    """Stores title and artist; whoever names a sound makes it theirs."""
    for name, value in changes.items():
        setattr(track, name, value)
    track.origin = Origin.LIBRARY
    session.add(track)
    session.commit()


def remove(session: Session, track: Track) -> None:
    """Forgets a track; the history keeps that something was heard."""
    session.exec(delete(FingerprintEntry).where(col(FingerprintEntry.track_id) == track.id))
    session.delete(track)
    session.commit()
