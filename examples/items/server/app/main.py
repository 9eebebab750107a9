"""Makes the application that uvicorn runs as `app.main:app`."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import Engine

from app import __version__, crud
from app.api.main import add_conflict_answers, api_router, operation_id
from app.core.config import API_PREFIX, Settings
from app.core.db import writing_session
from app.core.engine import open_engine
from app.core.logs import configure_logs
from app.core.security import stored_key
from app.migrate import require_current
from app.models import normal_email

logger = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """Makes an application; it touches no file before it is started."""
    app = FastAPI(
        title="Items",
        version=__version__,
        openapi_url=f"{API_PREFIX}/openapi.json",
        # These pages load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        lifespan=lifespan,
    )
    app.state.settings = settings
    add_conflict_answers(app)
    app.include_router(api_router)
    if settings.WEB_DIST:
        from app.web import add_web_app

        add_web_app(app, settings.WEB_DIST)
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens the database before the first request, and closes it after the last."""
    start_garbage_collector()
    settings: Settings = app.state.settings
    configure_logs(settings.LOG_LEVEL)
    require_current(settings.database_file)
    app.state.signing_key = signing_key(settings)
    app.state.engine = open_engine(settings.database_file)
    try:
        prepare_users(app.state.engine, settings)
        logger.info("Items %s uses %s", __version__, settings.database_file)
        yield
    finally:
        app.state.engine.dispose()
        logger.info("Database closed")


def start_garbage_collector() -> None:
    """Starts what `app/__init__.py` stopped; what is loaded by now is never garbage."""
    gc.freeze()
    gc.enable()


def signing_key(settings: Settings) -> str:
    """Returns the key from the environment, or else the one kept in the data folder."""
    if settings.SECRET_KEY:
        return settings.SECRET_KEY.get_secret_value()
    settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    return stored_key(settings.DATA_DIR)


def prepare_users(engine: Engine, settings: Settings) -> None:
    """Makes the user this mode can not do without."""
    with writing_session(engine) as session:
        if not settings.AUTH_REQUIRED:
            crud.ensure_local_user(session)
        elif settings.FIRST_SUPERUSER_PASSWORD:
            email = normal_email(settings.FIRST_SUPERUSER)
            password = settings.FIRST_SUPERUSER_PASSWORD.get_secret_value()
            if not crud.ensure_first_superuser(session, email, password):
                logger.warning("FIRST_SUPERUSER is taken by a user who is no superuser")


app = create_app(Settings())
