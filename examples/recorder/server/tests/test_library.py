"""Adding, naming and forgetting tracks."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import library, uploads
from app.core.db import writing_session
from app.sound.fingerprint import fingerprint
from app.sound.spectrogram import Spectrogram
from tests.sounds import RATE, melody, noise, silence, write_wav
from tests.support import Server, query


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "Night_Train.wav", melody(1))


def test_a_track_is_named_after_its_file(server: Server, song: Path) -> None:
    code, track = server.add_track(song)
    assert code == 201
    assert (track["title"], track["artist"], track["origin"]) == ("Night Train", "", "library")
    assert track["seconds"] == 8
    assert server.ok("GET", "/tracks/") == {"data": [track], "count": 1}


def test_a_title_can_be_given(server: Server, song: Path) -> None:
    _, track = server.add_track(song, title="  Late ", artist="Ada")
    assert (track["title"], track["artist"]) == ("Late", "Ada")


def test_only_the_fingerprint_is_kept(server: Server, song: Path) -> None:
    server.add_track(song)
    assert not list(server.folder.rglob("*.wav"))
    assert query(server.file, "SELECT count(*) FROM fingerprint")[0][0] > 300


def test_the_same_sound_is_added_once(server: Server, song: Path, tmp_path: Path) -> None:
    server.add_track(song)
    again = write_wav(tmp_path / "again.wav", 0.5 * melody(1)[20_000:])
    code, answer = server.add_track(again)
    assert (code, answer["detail"]) == (409, "This is “Night Train”, which is known already")
    assert server.ok("GET", "/tracks/")["count"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"this is text", "not a WAV file"),
        (b"", "cut off"),
    ],
)
def test_other_files_are_refused(
    server: Server, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "x.wav"
    file.write_bytes(content)
    for code, answer in (server.add_track(file), server.listen_to(file)):
        assert code == 422
        assert words in answer["detail"]
    assert not list(server.folder.rglob("*.wav"))


@pytest.mark.parametrize("samples", [silence(5), noise(1, 0.2, 0.1), 0 * melody(1)])
def test_what_cannot_be_recognised_is_refused(
    server: Server, tmp_path: Path, samples: np.ndarray
) -> None:
    code, answer = server.add_track(write_wav(tmp_path / "x.wav", samples))
    assert code == 422
    assert "too little" in answer["detail"]


def test_a_track_that_is_too_long_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LONGEST_SECONDS", 5)
    code, answer = server.add_track(write_wav(tmp_path / "x.wav", melody(1)))
    assert code == 422
    assert "at most" in answer["detail"]
    assert server.listen_to(write_wav(tmp_path / "x.wav", melody(1)))[0] == 201


def test_only_so_many_sounds_without_a_name_are_kept(
    server: Server, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "UNNAMED_KEPT", 2)
    server.add_track(song)
    with writing_session(server.app.state.engine) as session:
        for number in range(4):
            samples = melody(100 + number, 3.0)
            library.add_heard(session, 3.0, fingerprint(Spectrogram(RATE).add(samples)))
    titles = [track["title"] for track in server.ok("GET", "/tracks/")["data"]]
    assert titles == ["Night Train", "Unknown sound 4", "Unknown sound 5"]
    kept = query(server.file, "SELECT count(DISTINCT track_id) FROM fingerprint")
    assert kept == [(3,)]


def test_a_track_is_renamed_in_part(server: Server, song: Path) -> None:
    _, track = server.add_track(song, artist="Ada")
    path = f"/tracks/{track['id']}"
    changed = server.ok("PATCH", path, json={"title": "Day Train"})
    assert (changed["title"], changed["artist"]) == ("Day Train", "Ada")


@pytest.mark.parametrize("given", [{"title": " "}, {"title": "x" * 256}, {"artist": 3}])
def test_bad_names_are_refused(server: Server, song: Path, given: dict[str, Any]) -> None:
    _, track = server.add_track(song)
    assert server.call("PATCH", f"/tracks/{track['id']}", json=given)[0] == 422


def test_a_forgotten_track_can_be_added_again(server: Server, song: Path) -> None:
    _, track = server.add_track(song)
    server.ok("DELETE", f"/tracks/{track['id']}")
    assert server.ok("GET", "/tracks/")["count"] == 0
    assert query(server.file, "SELECT count(*) FROM fingerprint") == [(0,)]
    assert server.add_track(song)[0] == 201


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_unknown_tracks(server: Server, method: str) -> None:
    options = {"json": {}} if method == "PATCH" else {}
    assert server.call(method, "/tracks/7", **options)[0] == 404
