"""Lists and deletes what was heard."""

from fastapi import APIRouter, HTTPException

from app import history
from app.api.dependencies import Limit, LiveNow, RequestSession, Skip
from app.models import Hearing, HearingsPublic, Message

router = APIRouter(prefix="/history", tags=["history"])


@router.get("/", name="list")
def list_hearings(session: RequestSession, skip: Skip = 0, limit: Limit = 100) -> HearingsPublic:
    """Gives a page of the history, newest first."""
    data, count = history.list_hearings(session, skip=skip, limit=limit)
    return HearingsPublic(data=data, count=count)


@router.delete("/{id}", name="delete")
def delete_hearing(session: RequestSession, live: LiveNow, id: int) -> Message:
    """Deletes one hearing that is over."""
    hearing = session.get(Hearing, id)
    if not hearing:
        raise HTTPException(404, "This is no longer in the history")
    if hearing.ongoing:
        raise HTTPException(409, "This is still being heard")
    history.remove(session, hearing)
    live.changed_soon("history")
    return Message(message="Deleted from the history")


@router.delete("/", name="clear")
def clear_history(session: RequestSession, live: LiveNow) -> Message:
    """Deletes the whole history; the tracks stay known."""
    history.clear(session)
    live.changed_soon("history")
    return Message(message="History deleted")
