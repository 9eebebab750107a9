"""Recognising sounds: wherever one begins to listen, whatever the loudness, noise and rate."""

import numpy as np
import pytest

from app.sound.fingerprint import Fingerprint, fingerprint
from app.sound.matching import Hits, Match, best_match
from app.sound.spectrogram import ROWS, Spectrogram
from app.sound.wav import Samples
from tests.sounds import RATE, melody, noise, silence

TRACKS = range(1, 11)
TRACK_SECONDS = 30
HEARD_SECONDS = 5
# Forty tries, each with other numbers, that are the same in every run.
SEEDS = range(40)


def fingerprint_of(samples: Samples, rate: int = RATE) -> Fingerprint:
    return fingerprint(Spectrogram(rate).add(samples))


class Library:
    """Fingerprints of tracks, in memory."""

    def __init__(self, tracks: dict[int, Samples]) -> None:
        known = {number: fingerprint_of(samples) for number, samples in tracks.items()}
        self.hashes = np.concatenate([each.hashes for each in known.values()])
        self.columns = np.concatenate([each.columns for each in known.values()])
        self.tracks = np.repeat(list(known), [len(each) for each in known.values()])

    def recognise(self, samples: Samples, rate: int = RATE) -> Match | None:
        heard = fingerprint_of(samples, rate)
        found = np.isin(self.hashes, heard.hashes)
        return best_match(heard, Hits(self.hashes[found], self.tracks[found], self.columns[found]))


@pytest.fixture(scope="module")
def library() -> Library:
    return Library({number: melody(number, TRACK_SECONDS) for number in TRACKS})


def excerpt(rng: np.random.Generator, track: int) -> Samples:
    """Cuts a piece out of a track, at any sample."""
    begin = int(rng.integers(0, (TRACK_SECONDS - HEARD_SECONDS) * RATE))
    return melody(track, TRACK_SECONDS)[begin : begin + HEARD_SECONDS * RATE]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_piece_is_recognised_at_any_offset_loudness_and_noise(
    library: Library, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    track = int(rng.choice(TRACKS))
    sound = excerpt(rng, track) * rng.uniform(0.05, 2.0)
    # From clean to noise that is half as strong as the sound.
    share = rng.uniform(0, 0.5)
    sound = sound + noise(seed, HEARD_SECONDS, share * float(sound.std()))
    match = library.recognise(sound)
    assert match
    assert match.track_id == track


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_not_known_is_not_recognised(library: Library, seed: int) -> None:
    unknown = melody(1000 + seed, HEARD_SECONDS) if seed % 2 else noise(seed, HEARD_SECONDS, 0.2)
    assert library.recognise(unknown) is None


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 32000, 44100, 48000, 96000])
def test_the_sampling_rate_does_not_matter(library: Library, rate: int) -> None:
    sound = melody(4, TRACK_SECONDS, rate)[7 * rate : 12 * rate]
    match = library.recognise(sound, rate)
    assert match
    assert match.track_id == 4


def test_silence_is_nothing(library: Library) -> None:
    assert library.recognise(silence(3)) is None
    assert len(fingerprint_of(silence(3))) == 0
    assert len(fingerprint_of(silence(0))) == 0


def test_two_tracks_at_once_are_ambiguous() -> None:
    library = Library({1: melody(1), 2: melody(1)})
    assert library.recognise(melody(1)) is None


@pytest.mark.parametrize("rate", [8000, 44100, 48000])
@pytest.mark.parametrize("block", [1, 37, 2205, 100_000])
def test_blocks_of_any_size_make_the_same_spectrogram(rate: int, block: int) -> None:
    # Few samples at a time take long, so there are fewer of them.
    sound = melody(3, 0.3 if block == 1 else 2.0, rate)
    whole = Spectrogram(rate).add(sound)
    spectrogram = Spectrogram(rate)
    parts = [spectrogram.add(sound[at : at + block]) for at in range(0, len(sound), block)]
    assert whole.shape[1] == ROWS
    assert np.allclose(np.concatenate(parts), whole, atol=0.01)
