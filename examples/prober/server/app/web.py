"""Serves the built web app, for running the server without Ensconce."""

from pathlib import Path, PurePosixPath

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

START_PAGE = "index.html"
# The build puts a hash of the content into the names of these files.
HASHED_FOLDER = "assets"
KEEP_FOREVER = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"


class WebApp(StaticFiles):
    """Files of the web app; its own routes all get the start page."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Gives the file, or the start page for a path that is no file's name."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not is_route(scope["path"]):
                raise
            response = await super().get_response(START_PAGE, scope)
        hashed = PurePosixPath(path).parts[:1] == (HASHED_FOLDER,)
        response.headers["Cache-Control"] = KEEP_FOREVER if hashed else ALWAYS_ASK
        return response


def is_route(path: str) -> bool:
    """Tells a route of the web app from a missing file or an unknown path of the API."""
    parts = PurePosixPath(path).parts[1:]
    return not parts or (parts[0] not in ("api", HASHED_FOLDER) and "." not in parts[-1])


def add_web_app(app: FastAPI, folder: Path) -> None:
    """Serves the folder at `/`, behind all routes of the API."""
    app.mount("/", WebApp(directory=folder, html=True), name="web")
