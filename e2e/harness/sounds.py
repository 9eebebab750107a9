"""Sounds that tests make, as WAV files."""

import math
import random
import struct
import wave
from functools import cache
from pathlib import Path

RATE = 22050
NOTES_A_SECOND = 4
LOUDNESS = 8000


def melody(path: Path, seed: int, begin: float, end: float) -> Path:
    """Writes a piece of an endless melody that depends on the seed alone."""
    first, last = int(begin * RATE), int(end * RATE)
    samples = [sample(seed, number / RATE) for number in range(first, last)]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


def sample(seed: int, seconds: float) -> int:
    """Returns one sample: two tones that fade until the next note."""
    note, within = divmod(seconds * NOTES_A_SECOND, 1)
    tones = sum(math.sin(2 * math.pi * hertz * seconds) for hertz in chord(seed, int(note)))
    return int(LOUDNESS * tones * math.exp(-2 * within))


@cache
def chord(seed: int, note: int) -> list[float]:
    """Chooses two tones; the same ones for the same place."""
    chosen = random.Random(f"{seed} {note}")
    return [220 * 2 ** (chosen.randrange(37) / 12) for _ in range(2)]
