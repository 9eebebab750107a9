"""Puts the routes together, and turns refusals of the data layer into answers."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from app.api.routes import items, login, users, utils
from app.core.config import API_PREFIX
from app.crud import EmailTakenError, LastSuperuserError

CONFLICTS = {
    EmailTakenError: "A user with this e-mail address already exists",
    LastSuperuserError: "The last superuser can not be deleted, demoted or deactivated",
}

api_router = APIRouter(prefix=API_PREFIX)
for routes in (login, users, items, utils):
    api_router.include_router(routes.router)


def operation_id(route: APIRoute) -> str:
    """Names an operation for generated clients, as in `items_list`."""
    return f"{route.tags[0]}_{route.name}"


def add_conflict_answers(app: FastAPI) -> None:
    """Answers each known refusal with 409 and its sentence."""

    def answer(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": CONFLICTS[type(error)]}, status_code=409)

    for kind in CONFLICTS:
        app.add_exception_handler(kind, answer)
