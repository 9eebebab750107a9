"""Tells how the app's processes are, and restarts the recorder."""

from fastapi import APIRouter, HTTPException

from app.api.dependencies import LiveNow
from app.control import ControlError
from app.models import LiveState, Message
from app.processes import RECORDER

router = APIRouter(prefix="/processes", tags=["processes"])


@router.get("/", name="read")
async def read_processes(live: LiveNow) -> LiveState:
    """Tells how things are at this moment."""
    return await live.look()


@router.post("/recorder/restart", name="restart_recorder", status_code=202)
async def restart_recorder(live: LiveNow) -> Message:
    """Asks Ensconce to start the recorder anew."""
    if not live.control:
        raise HTTPException(409, "Restarting is not available: the app runs without Ensconce")
    try:
        await live.control.restart(RECORDER)
    except ControlError as error:
        raise HTTPException(409, str(error)) from error
    return Message(message="The recorder is being restarted")
