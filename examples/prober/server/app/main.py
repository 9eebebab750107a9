"""Makes the application that uvicorn runs as `app.main:app`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import __version__, start_garbage_collector
from app.api.main import add_refusals, api_router, operation_id
from app.core.config import API_PREFIX, Settings
from app.core.engine import open_engine
from app.core.logs import configure_logs
from app.live import Live
from app.migrate import require_current
from app.providers.providers import Providers
from app.runs.runner import Runner

logger = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """Makes an application; it touches no file before it is started."""
    app = FastAPI(
        title="Prober",
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
    app.state.live = Live()
    app.state.providers = Providers(settings)
    app.state.runner = Runner(
        app.state.engine, app.state.providers, app.state.live.tell, settings.CONCURRENCY
    )
    try:
        await app.state.runner.start()
        logger.info("Prober %s uses %s", __version__, settings.database_file)
        yield
    finally:
        await app.state.runner.close()
        await app.state.providers.close()
        app.state.engine.dispose()
        logger.info("Database closed")


app = create_app(Settings())
