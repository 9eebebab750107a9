"""Turns samples into a spectrogram whose shape does not depend on the sampling rate.

A window always lasts 93 ms and a step 23 ms, so a row is 10.8 Hz wide and a column the same
moment at any rate. Sound of 44.1 kHz and the same sound of 48 kHz look alike without resampling.
"""

import numpy as np
from numpy.typing import NDArray

from app.sound.wav import Samples

Columns = NDArray[np.float32]

WINDOW_SECONDS = 4096 / 44100
STEP_SECONDS = WINDOW_SECONDS / 4
# What tells music apart lies below 4 kHz, and telephones and old files have no more.
ROWS = 360


class Spectrogram:
    """Takes samples as they come, and gives the columns that are complete by then."""

    def __init__(self, rate: int) -> None:
        self.window_frames = round(WINDOW_SECONDS * rate)
        self.step_frames = STEP_SECONDS * rate
        self.window = np.hanning(self.window_frames).astype(np.float32)
        self.waiting = np.zeros(0, np.float32)
        # A step is no whole number of samples; the remainder is carried on, or columns would drift.
        self.next_start = 0.0

    def add(self, samples: Samples) -> Columns:
        """Gives one row per new column: magnitudes in decibels."""
        self.waiting = np.concatenate([self.waiting, samples])
        room = len(self.waiting) - self.window_frames - self.next_start
        count = max(0, int(room // self.step_frames) + 1)
        if count == 0:
            return np.zeros((0, ROWS), np.float32)
        starts = (self.next_start + np.arange(count) * self.step_frames).astype(np.int64)
        windows = np.stack([self.waiting[at : at + self.window_frames] for at in starts])
        self.forget(self.next_start + count * self.step_frames)
        return self.decibels(windows)

    def forget(self, next_start: float) -> None:
        """Drops the samples that no later column needs."""
        gone = int(next_start)
        self.waiting = self.waiting[gone:]
        self.next_start = next_start - gone

    def decibels(self, windows: NDArray[np.float32]) -> Columns:
        """Gives the magnitudes of windows of samples."""
        spectrum = np.abs(np.fft.rfft(windows * self.window, axis=1)[:, :ROWS])
        scaled = spectrum / (self.window_frames / 4)
        return (20 * np.log10(scaled + 1e-7)).astype(np.float32)
