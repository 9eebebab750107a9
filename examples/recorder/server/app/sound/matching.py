"""Decides which known sound a fingerprint belongs to.

Where the same sound was heard, many numbers agree on how far apart the two recordings begin.
Numbers that are equal by chance agree on nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.sound.fingerprint import Fingerprint

# The columns of two recordings need not begin at the same sample.
LATITUDE_COLUMNS = 1
FEWEST_VOTES = 20
# Of all numbers heard, so many in a hundred must agree.
LOWEST_SHARE = 0.03
# The second best has to be clearly worse.
LEAD = 1.5


@dataclass(frozen=True)
class Hits:
    """Known numbers that are among those heard: which track, and where in it."""

    hashes: NDArray[np.int64]
    tracks: NDArray[np.int64]
    columns: NDArray[np.int64]


@dataclass(frozen=True)
class Match:
    """The known sound, and how many numbers speak for it."""

    track_id: int
    votes: int
    share: float


def best_match(heard: Fingerprint, hits: Hits) -> Match | None:
    """Gives the track that was heard, if it is clearly one."""
    votes = votes_by_track(heard, hits)
    if not votes:
        return None
    (track_id, most), *others = sorted(votes.items(), key=lambda vote: vote[1], reverse=True)
    second = others[0][1] if others else 0
    share = most / len(heard)
    if most < FEWEST_VOTES or share < LOWEST_SHARE or most < LEAD * second:
        return None
    return Match(track_id, most, share)


def votes_by_track(heard: Fingerprint, hits: Hits) -> dict[int, int]:
    """Counts for each track the numbers that agree on one distance in time."""
    order = np.argsort(heard.hashes, kind="stable")
    hashes, columns = heard.hashes[order], heard.columns[order]
    first = np.searchsorted(hashes, hits.hashes, "left")
    counts = np.searchsorted(hashes, hits.hashes, "right") - first
    # Each hit once for every time that its number was heard.
    repeated = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    within = np.arange(len(repeated)) - np.repeat(ends - counts, counts)
    heard_at = columns[np.repeat(first, counts) + within]
    distances = hits.columns[repeated] - heard_at
    tracks = hits.tracks[repeated]
    return {int(track): agreeing(distances[tracks == track]) for track in np.unique(tracks)}


def agreeing(distances: NDArray[np.int64]) -> int:
    """Counts the most that agree, give or take the latitude."""
    counts = np.bincount(distances - distances.min())
    return int(np.convolve(counts, np.ones(2 * LATITUDE_COLUMNS + 1, np.int64)).max())
