"""Makes fingerprints: pairs of peaks in a spectrogram, as in A. Wang's paper on Shazam (2003).

A peak stands out from everything around it, and does so still when there is noise. Two peaks
and the time between them make a number that few other places share, and that is the same
wherever in the sound one begins to listen, and however loud it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from app.sound.spectrogram import Columns

# A peak is the highest point this many columns and rows around.
AROUND_COLUMNS = 8
AROUND_ROWS = 12
# Below this it is not sound but the floor, in decibels.
FLOOR = -75.0
# Rows below are hum, which is everywhere.
LOWEST_ROW = 8
PAIRS_PER_PEAK = 6
NEAREST_COLUMNS = 2
FARTHEST_COLUMNS = 63

ROW_BITS = 9
GAP_BITS = 6


@dataclass(frozen=True)
class Fingerprint:
    """Numbers, and the column at which each of them begins."""

    hashes: NDArray[np.int64]
    columns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hashes)


def fingerprint(columns: Columns) -> Fingerprint:
    """Makes the fingerprint of a spectrogram."""
    return pairs(*peaks(columns))


def peaks(columns: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Finds the peaks; gives their columns, in order, and their rows."""
    if len(columns) == 0:
        empty = np.zeros(0, np.int64)
        return empty, empty
    highest = highest_around(highest_around(columns, AROUND_COLUMNS, 0), AROUND_ROWS, 1)
    found = (columns == highest) & (columns > FLOOR)
    found[:, :LOWEST_ROW] = False
    at, rows = np.nonzero(found)
    return at.astype(np.int64), rows.astype(np.int64)


def highest_around(values: Columns, reach: int, axis: int) -> Columns:
    """Gives for each point the highest value within reach along one axis."""
    widths = [(0, 0), (0, 0)]
    widths[axis] = (reach, reach)
    padded = np.pad(values, widths, constant_values=-np.inf)
    return sliding_window_view(padded, 2 * reach + 1, axis=axis).max(axis=-1)


def pairs(at: NDArray[np.int64], rows: NDArray[np.int64]) -> Fingerprint:
    """Pairs each peak with the next few that follow it."""
    hashes, columns = [], []
    taken = np.zeros(len(at), np.int64)
    # One distance in the list of peaks at a time, so that numpy does the work.
    for distance in range(1, len(at)):
        gaps = at[distance:] - at[:-distance]
        open_peaks = taken[:-distance] < PAIRS_PER_PEAK
        if not (open_peaks & (gaps <= FARTHEST_COLUMNS)).any():
            break
        first = np.nonzero(open_peaks & (gaps >= NEAREST_COLUMNS) & (gaps <= FARTHEST_COLUMNS))[0]
        taken[first] += 1
        hashes.append(packed(rows[first], rows[first + distance], gaps[first]))
        columns.append(at[first])
    if not hashes:
        empty = np.zeros(0, np.int64)
        return Fingerprint(empty, empty)
    return Fingerprint(np.concatenate(hashes), np.concatenate(columns))


def packed(
    first: NDArray[np.int64], second: NDArray[np.int64], gap: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Writes two rows and a gap as one number."""
    return (first << (ROW_BITS + GAP_BITS)) | (second << GAP_BITS) | gap
