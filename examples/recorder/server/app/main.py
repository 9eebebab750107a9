"""Makes the application that uvicorn runs as `app.main:app`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import __version__, start_garbage_collector
from app.api.main import add_refusals, api_router, operation_id
from app.control import open_control
from app.core.config import API_PREFIX, Settings
from app.core.engine import open_engine
from app.core.logs import configure_logs
from app.core.valkey import open_async_valkey
from app.live import Live
from app.migrate import require_current

logger = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """Makes an application; it touches no file before it is started."""
    app = FastAPI(
        title="Recorder",
        version=__version__,
        openapi_url=f"{API_PREFIX}/openapi.json",
        # These pages load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        lifespan=lifespan,
    )
    app.state.settings = settings
    add_refusals(app)
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
    app.state.engine = open_engine(settings.database_file)
    app.state.live = Live(open_async_valkey(settings), open_control(settings))
    try:
        async with app.state.live.running():
            logger.info("Recorder %s uses %s", __version__, settings.database_file)
            yield
    finally:
        app.state.engine.dispose()
        logger.info("Database closed")


app = create_app(Settings())
