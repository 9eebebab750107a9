"""Lists, shows, takes in and deletes suites."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException

from app.api.dependencies import LibraryNow, LiveNow
from app.models import (
    Message,
    SuiteCreate,
    SuiteDetail,
    SuitePublic,
    SuiteRefused,
    SuitesPublic,
)
from app.suites.library import Shelved

router = APIRouter(prefix="/suites", tags=["suites"])


def get_suite(library: LibraryNow, id: str) -> Shelved:
    """Returns the suite of the path."""
    shelved = library.find(id)
    if not shelved:
        raise HTTPException(404, "This suite is no longer there")
    return shelved


SuiteOfPath = Annotated[Shelved, Depends(get_suite)]


def public(shelved: Shelved) -> SuitePublic:
    """Tells of a suite in a list."""
    suite = shelved.suite
    return SuitePublic(
        id=shelved.id,
        name=shelved.name,
        description=suite.description if suite else "",
        own=shelved.own,
        cases=len(suite.cases) if suite else 0,
        problems=shelved.problems,
    )


def detail(shelved: Shelved) -> SuiteDetail:
    """Tells all of a suite."""
    content = shelved.suite.cases if shelved.suite else []
    return SuiteDetail(**public(shelved).model_dump(), text=shelved.text, content=content)


@router.get("/", name="list")
def list_suites(library: LibraryNow) -> SuitesPublic:
    """Gives all suites."""
    return SuitesPublic(data=[public(each) for each in library.all()], folder=str(library.own))


@router.get("/{id}", name="read")
def read_suite(shelved: SuiteOfPath) -> SuiteDetail:
    """Gives a suite with its cases."""
    return detail(shelved)


@router.post("/", name="add", status_code=201, responses={422: {"model": SuiteRefused}})
def add_suite(library: LibraryNow, live: LiveNow, given: SuiteCreate) -> SuiteDetail:
    """Takes in a suite; says of one with mistakes in which lines they are."""
    shelved = library.add(given.text, replace=given.replace)
    live.changed_soon("suites")
    return detail(shelved)


@router.delete("/{id}", name="delete")
def delete_suite(library: LibraryNow, live: LiveNow, shelved: SuiteOfPath) -> Message:
    """Deletes a suite of the user's; its runs stay."""
    if not shelved.own:
        raise HTTPException(409, "This suite comes with the app")
    library.remove(shelved)
    live.changed_soon("suites")
    return Message(message="Suite deleted")
