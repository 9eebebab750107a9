"""Takes in WAV files that a page sends."""

import shutil
import uuid
from pathlib import Path, PurePath
from typing import BinaryIO

import numpy as np

from app.models import TITLE_LENGTH
from app.sound.fingerprint import Fingerprint, fingerprint
from app.sound.spectrogram import Spectrogram
from app.sound.wav import WavError, WavFile, open_wav

# What is fingerprinted lies in memory as a whole.
LONGEST_SECONDS = 15 * 60


def save(stream: BinaryIO, folder: Path) -> WavFile:
    """Writes a file into a folder; keeps it only when it can be read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.wav"
    try:
        with path.open("wb") as target:
            shutil.copyfileobj(stream, target)
        return open_wav(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def fingerprint_of(file: WavFile) -> Fingerprint:
    """Makes the fingerprint of a whole file."""
    if file.seconds > LONGEST_SECONDS:
        raise WavError(f"A track may last {LONGEST_SECONDS // 60} minutes at most")
    spectrogram = Spectrogram(file.rate)
    return fingerprint(np.concatenate([spectrogram.add(piece) for piece in file.pieces()]))


def title_of(name: str | None) -> str:
    """Makes a title of a file's name."""
    stem = PurePath((name or "").replace("\\", "/")).stem.replace("_", " ").strip()
    return (stem or "Untitled")[:TITLE_LENGTH]
