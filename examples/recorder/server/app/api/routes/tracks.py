"""Lists, adds, names and deletes the tracks that can be recognised."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, UploadFile
from sqlmodel import Session

from app import library, uploads
from app.api.dependencies import EngineNow, LiveNow, RequestSession, SettingsNow
from app.core.db import writing_session
from app.library import FEWEST_HASHES, KnownTrackError
from app.models import (
    Artist,
    Message,
    Origin,
    Title,
    Track,
    TrackPublic,
    TracksPublic,
    TrackUpdate,
)

router = APIRouter(prefix="/tracks", tags=["tracks"])


def get_track(session: RequestSession, id: int) -> Track:
    """Returns the track of the path."""
    track = session.get(Track, id)
    if not track:
        raise HTTPException(404, "This track is no longer known")
    return track


TrackOfPath = Annotated[Track, Depends(get_track)]


@router.get("/", name="list")
def list_tracks(session: RequestSession) -> TracksPublic:
    """Gives all tracks."""
    data = library.list_tracks(session)
    return TracksPublic(data=data, count=len(data))


@router.post("/", name="add", status_code=201)
def add_track(
    settings: SettingsNow,
    engine: EngineNow,
    live: LiveNow,
    file: UploadFile,
    title: Annotated[Title | None, Form()] = None,
    artist: Annotated[Artist, Form()] = "",
) -> TrackPublic:
    """Adds a track from a WAV file; of the file itself only the fingerprint is kept."""
    with TemporaryDirectory(dir=settings.DATA_DIR) as folder:
        wav = uploads.save(file.file, Path(folder))
        fingerprint = uploads.fingerprint_of(wav)
    if len(fingerprint) < FEWEST_HASHES:
        raise HTTPException(422, "There is too little in this file to recognise it by")
    track = Track(
        title=title or uploads.title_of(file.filename),
        artist=artist,
        origin=Origin.LIBRARY,
        seconds=round(wav.seconds, 2),
    )
    # The lock is taken only now: making the fingerprint takes a while.
    with writing_session(engine) as session:
        try:
            library.add_track(session, track, fingerprint)
        except KnownTrackError as error:
            raise HTTPException(409, f"This is “{error}”, which is known already") from error
        return told(session, live, track)


@router.patch("/{id}", name="update")
def update_track(
    session: RequestSession, live: LiveNow, track: TrackOfPath, given: TrackUpdate
) -> TrackPublic:
    """Names a track; one that was only heard so far becomes part of the library."""
    library.rename(session, track, given.model_dump(exclude_none=True))
    return told(session, live, track)


@router.delete("/{id}", name="delete")
def delete_track(session: RequestSession, live: LiveNow, track: TrackOfPath) -> Message:
    """Forgets a track."""
    library.remove(session, track)
    live.changed_soon("library")
    return Message(message="Track forgotten")


def told(session: Session, live: LiveNow, track: Track) -> TrackPublic:
    """Tells everybody that the library is different now, and the caller of the track."""
    live.changed_soon("library")
    return library.describe(session, track)
