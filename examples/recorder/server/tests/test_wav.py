"""Reading WAV files of all kinds, and files that are none."""

import struct
from pathlib import Path

import numpy as np
import pytest

from app.sound.wav import EXTENSIBLE, FLOAT, PCM, WavError, open_wav
from tests.sounds import chunk

RAMP = np.linspace(-0.9, 0.9, 1000)


def encoded(kind: int, bits: int) -> bytes:
    """Writes the ramp as samples of a kind."""
    if kind == FLOAT:
        return RAMP.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.round(RAMP * 127 + 128).astype(np.uint8).tobytes()
    whole = np.round(RAMP * (2 ** (bits - 1) - 1)).astype("<i4")
    if bits == 24:
        return b"".join(int(each).to_bytes(3, "little", signed=True) for each in whole)
    return whole.astype(f"<i{bits // 8}").tobytes()


def header(kind: int, bits: int, channels: int = 1, rate: int = 8000, wide: bool = False) -> bytes:
    """Writes how samples are written."""
    frame = channels * bits // 8
    told = EXTENSIBLE if wide else kind
    plain = struct.pack("<HHIIHH", told, channels, rate, rate * frame, frame, bits)
    if not wide:
        return chunk(b"fmt ", plain)
    rest = bytes.fromhex("000000001000800000aa00389b71")
    return chunk(b"fmt ", plain + struct.pack("<HHIH", 22, bits, 0, kind) + rest)


def write(path: Path, *chunks: bytes) -> Path:
    """Writes a RIFF file."""
    path.write_bytes(chunk(b"RIFF", b"WAVE" + b"".join(chunks)))
    return path


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(
    ("kind", "bits"), [(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)]
)
def test_all_kinds_are_read(tmp_path: Path, kind: int, bits: int, wide: bool) -> None:
    file = open_wav(
        write(tmp_path / "x", header(kind, bits, wide=wide), chunk(b"data", encoded(kind, bits)))
    )
    assert (file.rate, file.frames, file.seconds) == (8000, 1000, 0.125)
    samples = np.concatenate(list(file.blocks(300)))
    assert np.allclose(samples, RAMP, atol=0.02 if bits == 8 else 0.001)


def test_channels_become_one(tmp_path: Path) -> None:
    both = np.stack([RAMP, -RAMP], axis=1).astype("<f4").tobytes()
    file = open_wav(write(tmp_path / "x", header(FLOAT, 32, channels=2), chunk(b"data", both)))
    assert np.allclose(np.concatenate(list(file.blocks(64))), 0)


def test_other_chunks_are_passed_over(tmp_path: Path) -> None:
    data = chunk(b"data", encoded(PCM, 16))
    file = open_wav(write(tmp_path / "x", chunk(b"LIST", b"odd") + b"\0", header(PCM, 16), data))
    assert file.frames == 1000


def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write(tmp_path / "x", header(PCM, 16), chunk(b"data", encoded(PCM, 16)))
    path.write_bytes(path.read_bytes()[:-501])
    assert sum(map(len, open_wav(path).blocks(100))) == 749


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    data = np.array([0.5, np.nan, np.inf, -np.inf], "<f4").tobytes()
    [samples] = open_wav(write(tmp_path / "x", header(FLOAT, 32), chunk(b"data", data))).blocks(9)
    assert samples.tolist() == [0.5, 0, 0, 0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"ID3\x04 this is music, but no WAV file",
        chunk(b"RIFF", b"WAVE"),
        chunk(b"RIFF", b"WAVE" + chunk(b"data", bytes(100))),
        chunk(b"RIFF", b"WAVE" + header(PCM, 16) + chunk(b"data", b"")),
        chunk(b"RIFF", b"WAVE" + header(PCM, 12) + chunk(b"data", bytes(100))),
        chunk(b"RIFF", b"WAVE" + header(85, 16) + chunk(b"data", bytes(100))),
        chunk(b"RIFF", b"WAVE" + header(PCM, 16, channels=0) + chunk(b"data", bytes(100))),
        chunk(b"RIFF", b"WAVE" + header(PCM, 16, rate=7) + chunk(b"data", bytes(100))),
        chunk(b"RIFF", b"WAVE" + b"fmt \xff\xff\xff\xff" + bytes(16)),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(WavError):
        open_wav(path)
