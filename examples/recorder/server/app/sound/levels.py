"""Measures how loud a block of sound is, as a whole and in bands."""

from dataclasses import dataclass

import numpy as np

from app.sound.wav import Samples

BANDS = 40
LOWEST_HERTZ = 50
HIGHEST_HERTZ = 8000
# The quietest that is told, in decibels below full scale.
FLOOR = -80.0


@dataclass(frozen=True)
class Levels:
    """How loud a block is, in decibels below full scale; bands from low to high."""

    rms: float
    peak: float
    bands: list[float]


class LevelMeter:
    """Measures blocks of one sampling rate."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.edges = np.geomspace(LOWEST_HERTZ, min(HIGHEST_HERTZ, rate / 2), BANDS + 1)

    def measure(self, samples: Samples) -> Levels:
        """Measures a block."""
        rms = float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
        peak = float(np.max(np.abs(samples), initial=0.0))
        return Levels(decibels(rms), decibels(peak), self.bands(samples))

    def bands(self, samples: Samples) -> list[float]:
        """Gives the highest magnitude in each band."""
        if len(samples) < 2:
            return [FLOOR] * BANDS
        spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / (len(samples) / 4)
        places = self.edges * len(samples) / self.rate
        lows = np.minimum(places[:-1].astype(int), len(spectrum) - 1)
        highs = np.minimum(np.maximum(places[1:].astype(int), lows + 1), len(spectrum))
        return [
            decibels(float(spectrum[low:high].max())) for low, high in zip(lows, highs, strict=True)
        ]


def decibels(amplitude: float) -> float:
    """Gives decibels below full scale, with one digit."""
    return round(max(FLOOR, 20 * float(np.log10(max(amplitude, 1e-9)))), 1)
