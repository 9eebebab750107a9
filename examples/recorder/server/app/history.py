"""Keeps what was heard. Knows no HTTP; what changes something commits."""

from sqlmodel import Session, col, delete, func, select, update

from app.models import Hearing, HearingPublic, Track


def list_hearings(session: Session, *, skip: int, limit: int) -> tuple[list[HearingPublic], int]:
    """Returns one page of the history, newest first, and how long all of it is."""
    page = (
        select(Hearing, Track)
        .join(Track, col(Hearing.track_id) == col(Track.id), isouter=True)
        .order_by(col(Hearing.started_at).desc(), col(Hearing.id).desc())
        .offset(skip)
        .limit(limit)
    )
    count = session.exec(select(func.count()).select_from(Hearing)).one()
    return [public(hearing, track) for hearing, track in session.exec(page)], count


def public(hearing: Hearing, track: Track | None) -> HearingPublic:
    """Tells of a hearing, and of the track that it was."""
    named = {"title": None, "artist": None, "origin": None}
    if track:
        named = {"title": track.title, "artist": track.artist, "origin": track.origin}
    return HearingPublic.model_validate({**hearing.model_dump(), **named})


def end_ongoing(session: Session) -> None:
    """Ends what a recorder that died has left open."""
    session.exec(update(Hearing).where(col(Hearing.ongoing)).values(ongoing=False))
    session.commit()


def remove(session: Session, hearing: Hearing) -> None:
    """Deletes one hearing."""
    session.delete(hearing)
    session.commit()


def clear(session: Session) -> None:
    """Deletes all that is not going on."""
    session.exec(delete(Hearing).where(col(Hearing.ongoing).is_(False)))
    session.commit()
