"""Puts the routes together, and turns refusals into answers."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from app.api.routes import history, live, processes, source, tracks, utils
from app.core.config import API_PREFIX
from app.sound.wav import WavError

api_router = APIRouter(prefix=API_PREFIX)
for routes in (history, tracks, source, processes, live, utils):
    api_router.include_router(routes.router)


def operation_id(route: APIRoute) -> str:
    """Names an operation for generated clients, as in `tracks_list`."""
    return f"{route.tags[0]}_{route.name}"


def add_refusals(app: FastAPI) -> None:
    """Answers a file that is no WAV file with 422 and what is wrong with it."""

    def answer(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=422)

    app.add_exception_handler(WavError, answer)
