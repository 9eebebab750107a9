"""Says what the recorder is to listen to."""

from fastapi import APIRouter, HTTPException, UploadFile

from app import uploads, wishes
from app.api.dependencies import EngineNow, LiveNow, RequestSession, SettingsNow
from app.core.db import writing_session
from app.core.paths import inbox_dir
from app.models import QueuedFile, QueuedFilePublic, SourcePublic, SourceUpdate

router = APIRouter(prefix="/source", tags=["source"])


def public(wanted: wishes.Wishes) -> SourcePublic:
    """Tells what is wanted."""
    queue = [QueuedFilePublic.model_validate(queued.model_dump()) for queued in wanted.queue]
    return SourcePublic(microphone=wanted.microphone, queue=queue)


@router.get("/", name="read")
def read_source(session: RequestSession) -> SourcePublic:
    """Tells what the recorder listens to, and what it will."""
    return public(wishes.read(session))


@router.put("/", name="update")
def update_source(session: RequestSession, live: LiveNow, given: SourceUpdate) -> SourcePublic:
    """Switches the microphone on or off."""
    wishes.set_microphone(session, given.microphone)
    live.changed_soon("source")
    return public(wishes.read(session))


@router.post("/files", name="add_file", status_code=201)
def add_file(
    settings: SettingsNow, engine: EngineNow, live: LiveNow, file: UploadFile
) -> SourcePublic:
    """Lets the recorder listen to a WAV file, as if it were played in the room."""
    wav = uploads.save(file.file, inbox_dir(settings.DATA_DIR))
    with writing_session(engine) as session:
        wishes.enqueue(session, uploads.title_of(file.filename), wav.path)
        live.changed_soon("source")
        return public(wishes.read(session))


@router.delete("/files/{id}", name="delete_file")
def delete_file(
    settings: SettingsNow, session: RequestSession, live: LiveNow, id: int
) -> SourcePublic:
    """Takes a file out of the queue; the recorder stops listening to it."""
    queued = session.get(QueuedFile, id)
    if not queued:
        raise HTTPException(404, "This file is no longer in the queue")
    wishes.dequeue(session, queued, settings.DATA_DIR)
    live.changed_soon("source")
    return public(wishes.read(session))
