"""What routes ask for: settings, a session, what is live."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Query, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.core.config import Settings
from app.core.db import reading_session, writing_session
from app.live import Live

METHODS_THAT_READ = frozenset({"GET", "HEAD"})
# SQLite counts in signed 64-bit numbers; a larger one would not reach the query.
MAX_SKIP = 2**31 - 1
MAX_LIMIT = 1000


def get_settings(request: Request) -> Settings:
    """Returns the settings the app was made with."""
    return request.app.state.settings


def get_live(request: Request) -> Live:
    """Returns what passes news on to the pages."""
    return request.app.state.live


def get_engine(request: Request) -> Engine:
    """Returns the database, for routes that open a session of their own."""
    return request.app.state.engine


def get_session(request: Request) -> Iterator[Session]:
    """Opens the session of a request; one that may write takes its turn first."""
    reads = request.method in METHODS_THAT_READ
    open_session = reading_session if reads else writing_session
    with open_session(request.app.state.engine) as session:
        yield session


SettingsNow = Annotated[Settings, Depends(get_settings)]
LiveNow = Annotated[Live, Depends(get_live)]
EngineNow = Annotated[Engine, Depends(get_engine)]
RequestSession = Annotated[Session, Depends(get_session)]
Skip = Annotated[int, Query(ge=0, le=MAX_SKIP, description="How many to leave out first.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to give at most.")]
