"""Tracks, their fingerprints, what was heard, and what the API tells of them."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, StringConstraints
from sqlmodel import Field, SQLModel

TITLE_LENGTH = 255

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH)
]
Artist = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TITLE_LENGTH)]


def now() -> datetime:
    """Returns the time, in UTC."""
    return datetime.now(UTC)


class Origin(StrEnum):
    """How a track became known."""

    LIBRARY = "library"  # The user added a file, or gave it a title.
    HEARD = "heard"  # It was heard, and nobody has said yet what it is.


# Tables


class Track(SQLModel, table=True):
    """A sound that is recognised when it is heard again."""

    id: int | None = Field(default=None, primary_key=True)
    title: str = Field(max_length=TITLE_LENGTH)
    artist: str = Field(default="", max_length=TITLE_LENGTH)
    origin: Origin
    seconds: float
    created_at: datetime = Field(default_factory=now)


class FingerprintEntry(SQLModel, table=True):
    """A number of a track's fingerprint, and where in the track it is."""

    __tablename__ = "fingerprint"

    hash: int = Field(primary_key=True)
    track_id: int = Field(primary_key=True, foreign_key="track.id", ondelete="CASCADE", index=True)
    position: int = Field(primary_key=True)


class Hearing(SQLModel, table=True):
    """Something that was heard, from the first sound to silence."""

    id: int | None = Field(default=None, primary_key=True)
    started_at: datetime = Field(default_factory=now, index=True)
    seconds: float = 0
    ongoing: bool = True
    peak: float
    source: str = Field(max_length=TITLE_LENGTH)
    track_id: int | None = Field(
        default=None, foreign_key="track.id", ondelete="SET NULL", index=True
    )
    # Whether this was the first time, so that the track was made of it.
    first_time: bool = False
    # How sure the recogniser was, from 0 to 1.
    confidence: float | None = None


class QueuedFile(SQLModel, table=True):
    """A file that the recorder is to listen to."""

    __tablename__ = "queued_file"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=TITLE_LENGTH)
    # Within the inbox.
    file: str = Field(max_length=TITLE_LENGTH)
    created_at: datetime = Field(default_factory=now)


class Preference(SQLModel, table=True):
    """Something the user has chosen."""

    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=TITLE_LENGTH)


# What the API tells and is told


class TrackPublic(BaseModel):
    """What the API tells about a track."""

    id: int
    title: str
    artist: str
    origin: Origin
    seconds: float
    created_at: datetime
    times_heard: int
    last_heard_at: datetime | None


class TracksPublic(BaseModel):
    """All tracks."""

    data: list[TrackPublic]
    count: int


class TrackUpdate(BaseModel):
    """What may be changed about a track; what is left out stays."""

    title: Title | None = None
    artist: Artist | None = None


class HearingPublic(BaseModel):
    """What the API tells about something that was heard."""

    id: int
    started_at: datetime
    seconds: float
    ongoing: bool
    peak: float
    source: str
    first_time: bool
    confidence: float | None
    track_id: int | None
    title: str | None
    artist: str | None
    origin: Origin | None


class HearingsPublic(BaseModel):
    """A page of the history, and how long all of it is."""

    data: list[HearingPublic]
    count: int


class QueuedFilePublic(BaseModel):
    """A file that the recorder has not listened to yet."""

    id: int
    name: str


class SourcePublic(BaseModel):
    """What the recorder listens to."""

    microphone: bool
    queue: list[QueuedFilePublic]


class SourceUpdate(BaseModel):
    """Whether the recorder listens to the microphone when there is no file."""

    microphone: bool


class Message(BaseModel):
    """A sentence for the user."""

    message: str


class About(BaseModel):
    """What this is."""

    version: str


class RecorderDoing(StrEnum):
    """What a recorder can be at."""

    LISTENING = "listening"  # It gets sound.
    NO_DEVICE = "no-device"  # It would like to, but there is no microphone.
    IDLE = "idle"  # The user has switched the microphone off.


class HearingNow(BaseModel):
    """What the recorder hears at this moment."""

    id: int
    track_id: int | None
    title: str | None
    artist: str | None
    seconds: float


class RecorderState(BaseModel):
    """What the recorder tells about itself."""

    doing: RecorderDoing
    source: str | None = None
    # Why it is at this, for people.
    detail: str | None = None
    hearing: HearingNow | None = None


class ProcessStatus(StrEnum):
    """How a process is, in a word for people."""

    RUNNING = "running"
    DONE = "done"
    STARTING = "starting"
    AWAY = "away"


class ProcessPublic(BaseModel):
    """A process of the app, or a task that ran before."""

    name: str
    status: ProcessStatus
    # Ensconce's own word for it; none without Ensconce.
    state: str | None = None
    optional: bool = False


class LiveState(BaseModel):
    """Everything that is of the moment but the levels."""

    recorder: RecorderState | None
    processes: list[ProcessPublic]
    # Whether there is somebody who can restart the recorder.
    restart_available: bool
