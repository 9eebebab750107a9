"""Reads WAV files as one channel of samples from -1 to 1.

The standard library's `wave` knows neither floating point nor the extensible header, in which
most programs write anything above 16 bits.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

PCM = 1
FLOAT = 3
EXTENSIBLE = 0xFFFE
RATES = range(8000, 192_001)
CHANNELS = range(1, 33)
PIECE_SECONDS = 10


class WavError(ValueError):
    """The file is no WAV file that can be read; the message is for people."""


@dataclass(frozen=True)
class WavFormat:
    """How samples are written."""

    kind: int
    channels: int
    rate: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8


@dataclass(frozen=True)
class WavFile:
    """A WAV file whose header has been read."""

    path: Path
    format: WavFormat
    start: int
    frames: int

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self.format.rate

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return self.frames / self.rate

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Gives its samples, so many at a time; the last block may be shorter."""
        left = self.frames
        with self.path.open("rb") as stream:
            stream.seek(self.start)
            while left > 0:
                data = stream.read(min(frames, left) * self.format.frame_bytes)
                whole = len(data) // self.format.frame_bytes
                if not whole:
                    return
                left -= whole
                yield to_mono(data[: whole * self.format.frame_bytes], self.format)

    def pieces(self) -> Iterator[Samples]:
        """Gives its samples in pieces that are quick to work on and small to hold."""
        return self.blocks(self.rate * PIECE_SECONDS)


def open_wav(path: Path) -> WavFile:
    """Reads the header of a WAV file."""
    with path.open("rb") as stream:
        riff, _, wave = read(stream, "<4sI4s")
        if riff != b"RIFF" or wave != b"WAVE":
            raise WavError("This is not a WAV file")
        form: WavFormat | None = None
        while True:
            name, size = read(stream, "<4sI")
            start = stream.tell()
            if name == b"fmt ":
                form = read_format(stream, size)
            elif name == b"data":
                return with_data(path, form, start, size)
            # Chunks begin at even places.
            stream.seek(start + size + size % 2)


def read(stream: BinaryIO, form: str) -> tuple:
    """Reads a structure, or says that the file ends too soon."""
    data = stream.read(struct.calcsize(form))
    if len(data) < struct.calcsize(form):
        raise WavError("The WAV file is cut off")
    return struct.unpack(form, data)


def read_format(stream: BinaryIO, size: int) -> WavFormat:
    """Reads how samples are written."""
    kind, channels, rate, _, _, bits = read(stream, "<HHIIHH")
    if kind == EXTENSIBLE and size >= 40:
        _, _, _, kind = read(stream, "<HHIH")
    form = WavFormat(kind, channels, rate, bits)
    known = (kind == PCM and bits in (8, 16, 24, 32)) or (kind == FLOAT and bits in (32, 64))
    if not known:
        raise WavError("This kind of WAV file is not supported: only PCM and floating point are")
    if rate not in RATES or channels not in CHANNELS:
        raise WavError(f"A WAV file with {channels} channels of {rate} Hz is not supported")
    return form


def with_data(path: Path, form: WavFormat | None, start: int, size: int) -> WavFile:
    """Knows how many samples there are, also when a recording was never finished."""
    if form is None:
        raise WavError("The WAV file does not say how its sound is written")
    there = path.stat().st_size - start
    frames = min(size, there) // form.frame_bytes
    if frames == 0:
        raise WavError("There is no sound in this WAV file")
    return WavFile(path, form, start, frames)


def to_mono(data: bytes, form: WavFormat) -> Samples:
    """Turns bytes into samples, and all channels into one."""
    samples = to_floats(data, form).reshape(-1, form.channels)
    return np.nan_to_num(samples.mean(axis=1, dtype=np.float32), posinf=0, neginf=0)


def to_floats(data: bytes, form: WavFormat) -> Samples:
    """Turns bytes into samples from -1 to 1."""
    if form.kind == FLOAT:
        return np.frombuffer(data, f"<f{form.bits // 8}").astype(np.float32)
    if form.bits == 8:
        return (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
    if form.bits == 24:
        # Three bytes become the upper ones of four.
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return wide.view("<i4").reshape(-1).astype(np.float32) / 2**31
    return np.frombuffer(data, f"<i{form.bits // 8}").astype(np.float32) / 2.0 ** (form.bits - 1)
