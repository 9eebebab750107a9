"""What routes ask for: a session, the suites, the models, what keeps runs going."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.catalogue import Catalogue, open_catalogue
from app.core.config import Settings
from app.core.db import reading_session, writing_session
from app.live import Live
from app.models import RunPublic
from app.providers.providers import Providers
from app.runs import store
from app.runs.runner import Runner
from app.suites.library import Library

METHODS_THAT_READ = frozenset({"GET", "HEAD"})
# SQLite counts in signed 64-bit numbers; a larger one would not reach the query.
LARGEST_ID = 2**63 - 1
MAX_SKIP = 2**31 - 1
MAX_LIMIT = 1000


def get_settings(request: Request) -> Settings:
    """Returns the settings the app was made with."""
    return request.app.state.settings


def get_live(request: Request) -> Live:
    """Returns what tells the pages."""
    return request.app.state.live


def get_runner(request: Request) -> Runner:
    """Returns what keeps runs going."""
    return request.app.state.runner


def get_providers(request: Request) -> Providers:
    """Returns who can be asked."""
    return request.app.state.providers


def get_library(request: Request) -> Library:
    """Returns the suites."""
    return Library(request.app.state.settings.DATA_DIR)


def get_catalogue(request: Request) -> Catalogue:
    """Reads the list of models anew, for the user may have changed it."""
    return open_catalogue(request.app.state.settings.DATA_DIR)


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
RunnerNow = Annotated[Runner, Depends(get_runner)]
ProvidersNow = Annotated[Providers, Depends(get_providers)]
LibraryNow = Annotated[Library, Depends(get_library)]
CatalogueNow = Annotated[Catalogue, Depends(get_catalogue)]
EngineNow = Annotated[Engine, Depends(get_engine)]
RequestSession = Annotated[Session, Depends(get_session)]


def get_run(engine: EngineNow, id: int) -> RunPublic:
    """Returns the run of the path."""
    with reading_session(engine) as session:
        run = store.find(session, id) if 0 < id <= LARGEST_ID else None
    if not run:
        raise HTTPException(404, "This run is no longer there")
    return run


RunOfPath = Annotated[RunPublic, Depends(get_run)]
Skip = Annotated[int, Query(ge=0, le=MAX_SKIP, description="How many to leave out first.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to give at most.")]
