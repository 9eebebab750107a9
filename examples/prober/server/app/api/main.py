"""Puts the routes together, and turns refusals into answers."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from app.api.routes import compare, live, providers, runs, suites, utils
from app.core.config import API_PREFIX
from app.models import SuiteRefused
from app.suites.library import SuiteExistsError
from app.suites.reading import DocumentError

api_router = APIRouter(prefix=API_PREFIX)
for routes in (runs, compare, suites, providers, live, utils):
    api_router.include_router(routes.router)


def operation_id(route: APIRoute) -> str:
    """Names an operation for generated clients, as in `runs_list`."""
    return f"{route.tags[0]}_{route.name}"


def add_refusals(app: FastAPI) -> None:
    """Answers what is refused with the reason."""

    def bad_file(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, DocumentError)  # noqa: S101
        refused = SuiteRefused(detail=str(error), problems=error.problems)
        return JSONResponse(refused.model_dump(mode="json"), status_code=422)

    def taken(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=409)

    def bad_request(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        # Without what was sent: a key may be in it.
        detail = [{"loc": each["loc"], "msg": each["msg"]} for each in error.errors()]
        return JSONResponse({"detail": detail}, status_code=422)

    app.add_exception_handler(DocumentError, bad_file)
    app.add_exception_handler(SuiteExistsError, taken)
    app.add_exception_handler(RequestValidationError, bad_request)
