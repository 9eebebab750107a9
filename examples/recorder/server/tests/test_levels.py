"""Measuring how loud a block is."""

import numpy as np
import pytest

from app.sound.levels import BANDS, FLOOR, LevelMeter
from tests.sounds import silence

RATE = 48000


def tone(hertz: float, amplitude: float) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(2400) / RATE)).astype(np.float32)


def test_a_full_tone_is_at_the_top() -> None:
    levels = LevelMeter(RATE).measure(tone(1000, 1.0))
    assert levels.peak == pytest.approx(0, abs=0.1)
    assert levels.rms == pytest.approx(-3, abs=0.1)
    assert max(levels.bands) == pytest.approx(0, abs=1)


def test_ten_times_less_is_twenty_decibels_less() -> None:
    assert LevelMeter(RATE).measure(tone(1000, 0.1)).peak == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize("samples", [silence(0.05), silence(0), np.ones(1, np.float32) * 0])
def test_silence_is_at_the_floor(samples: np.ndarray) -> None:
    levels = LevelMeter(RATE).measure(samples)
    assert (levels.rms, levels.peak, levels.bands) == (FLOOR, FLOOR, [FLOOR] * BANDS)


def test_bands_go_from_low_to_high() -> None:
    meter = LevelMeter(RATE)
    loudest = [int(np.argmax(meter.measure(tone(hertz, 0.5)).bands)) for hertz in (80, 800, 6000)]
    assert loudest == sorted(set(loudest))


@pytest.mark.parametrize("rate", [8000, 11025, 192_000])
def test_every_rate_has_all_bands(rate: int) -> None:
    meter = LevelMeter(rate)
    assert len(meter.measure(np.ones(rate // 20, np.float32)).bands) == BANDS
