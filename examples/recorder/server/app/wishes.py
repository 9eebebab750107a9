"""Keeps what the user wants to be listened to. What changes something commits."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from app.core.paths import inbox_dir
from app.models import Preference, QueuedFile

MICROPHONE = "microphone"
ON, OFF = "on", "off"


@dataclass(frozen=True)
class Wishes:
    """Files first, in their order; then the microphone, unless it is switched off."""

    microphone: bool
    queue: list[QueuedFile]


def read(session: Session) -> Wishes:
    """Returns what the user wants."""
    chosen = session.get(Preference, MICROPHONE)
    queue = session.exec(select(QueuedFile).order_by(col(QueuedFile.id)))
    return Wishes(microphone=not chosen or chosen.value == ON, queue=list(queue))


def set_microphone(session: Session, wanted: bool) -> None:
    """Switches the microphone on or off."""
    session.merge(Preference(name=MICROPHONE, value=ON if wanted else OFF))
    session.commit()


def enqueue(session: Session, name: str, file: Path) -> QueuedFile:
    """Adds a file of the inbox at the end of the queue."""
    queued = QueuedFile(name=name, file=file.name)
    session.add(queued)
    session.commit()
    return queued


def dequeue(session: Session, queued: QueuedFile, data: Path) -> None:
    """Takes a file out of the queue, and deletes it."""
    file = inbox_dir(data) / queued.file
    session.delete(queued)
    session.commit()
    file.unlink(missing_ok=True)
