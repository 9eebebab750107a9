"""Opens sessions, for reading or for writing; `app.core.engine` says what differs."""

from sqlalchemy import Engine
from sqlmodel import Session

from app.core.engine import for_writing


def reading_session(engine: Engine) -> Session:
    """Opens a session that only reads."""
    return Session(engine, expire_on_commit=False)


def writing_session(engine: Engine) -> Session:
    """Opens a session that waits for the write lock with its first statement."""
    return Session(for_writing(engine), expire_on_commit=False)
