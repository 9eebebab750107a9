"""Sounds that tests make: melodies, noise, and WAV files of them."""

import struct
from pathlib import Path

import numpy as np

from app.sound.wav import Samples

RATE = 22050
NOTE_SECONDS = 0.25
OVERTONES = (1.0, 0.5, 0.25, 0.12)


def melody(seed: int, seconds: float = 8.0, rate: int = RATE) -> Samples:
    """Plays notes that depend on the seed alone, two at a time."""
    rng = np.random.default_rng(seed)
    count = int(np.ceil(seconds / NOTE_SECONDS))
    notes = rng.integers(0, 37, (count, 2))
    lengths = rng.uniform(0.6, 1.4, count) * NOTE_SECONDS
    ends = np.cumsum(lengths)
    times = np.arange(int(seconds * rate)) / rate
    place = np.minimum(np.searchsorted(ends, times, side="right"), count - 1)
    within = times - (ends - lengths)[place]
    sound = np.zeros(len(times))
    for voice in range(2):
        hertz = (220 * 2 ** (notes[place, voice] / 12)) * (1 + 0.003 * voice)
        for number, loudness in enumerate(OVERTONES, 1):
            sound += loudness * np.sin(2 * np.pi * hertz * number * within)
    sound *= np.exp(-3 * within)
    return (0.2 * sound).astype(np.float32)


def noise(seed: int, seconds: float, loudness: float, rate: int = RATE) -> Samples:
    """Makes white noise."""
    rng = np.random.default_rng(seed)
    return (loudness * rng.standard_normal(int(seconds * rate))).astype(np.float32)


def silence(seconds: float, rate: int = RATE) -> Samples:
    """Makes no sound."""
    return np.zeros(int(seconds * rate), np.float32)


def write_wav(path: Path, samples: Samples, rate: int = RATE) -> Path:
    """Writes samples as a WAV file of 16 bits."""
    data = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16)
    chunks = chunk(b"fmt ", form) + chunk(b"data", data)
    path.write_bytes(chunk(b"RIFF", b"WAVE" + chunks))
    return path


def chunk(name: bytes, content: bytes) -> bytes:
    """Writes a chunk of a RIFF file."""
    return name + struct.pack("<I", len(content)) + content
