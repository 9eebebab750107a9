"""Lists, makes, shows, changes and deletes items."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query

from app import crud
from app.api.dependencies import CurrentUser, Limit, RequestSession, Skip
from app.models import Item, ItemCreate, ItemPublic, ItemsPublic, ItemUpdate, Message

router = APIRouter(prefix="/items", tags=["items"])

SearchWords = Annotated[
    str | None, Query(max_length=255, description="Words in the title or the description.")
]


def get_item(session: RequestSession, user: CurrentUser, id: uuid.UUID) -> Item:
    """Returns the item of the path. An item of somebody else is as good as none."""
    item = crud.find_item(session, user, id)
    if not item:
        raise HTTPException(404, "Item not found")
    return item


ItemOfPath = Annotated[Item, Depends(get_item)]


@router.get("/", name="list", response_model=ItemsPublic)
def list_items(
    session: RequestSession,
    user: CurrentUser,
    skip: Skip = 0,
    limit: Limit = 100,
    search: SearchWords = None,
) -> dict[str, object]:
    """Gives a page of items, newest first: all of them to a superuser, else one's own."""
    data, count = crud.list_items(session, user, search=search, skip=skip, limit=limit)
    return {"data": data, "count": count}


@router.post("/", name="create", response_model=ItemPublic, status_code=201)
def create_item(session: RequestSession, user: CurrentUser, given: ItemCreate) -> Item:
    """Makes an item that belongs to the caller."""
    return crud.add_item(session, user, given)


@router.get("/{id}", name="read", response_model=ItemPublic)
def read_item(item: ItemOfPath) -> Item:
    """Gives one item."""
    return item


@router.put("/{id}", name="update", response_model=ItemPublic)
def update_item(session: RequestSession, item: ItemOfPath, given: ItemUpdate) -> Item:
    """Changes an item; what is left out stays as it is."""
    return crud.change_item(session, item, given)


@router.delete("/{id}", name="delete")
def delete_item(session: RequestSession, item: ItemOfPath) -> Message:
    """Deletes an item."""
    crud.delete_item(session, item)
    return Message(message="Item deleted")
