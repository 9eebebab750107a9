"""The recorder as it really runs: a process that listens to files, beside a real Valkey."""

import contextlib
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.recorder import sources
from app.recorder.sources import Microphone, NoDeviceError
from tests.sounds import RATE, melody, noise, silence, write_wav
from tests.support import LIMIT_SECONDS, Process, Server, Valkey, eventually, query


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "song.wav", melody(1, 20))


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    """A piece from the middle of the song, with noise, and silence around it."""
    heard = 0.5 * melody(1, 20)[9 * RATE : 13 * RATE] + noise(1, 4, 0.005)
    return write_wav(tmp_path / "radio.wav", np.concatenate([silence(0.3), heard, silence(1.8)]))


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "unknown.wav", melody(2, 3.5))


def heard(server: Server, count: int) -> list[dict]:
    """Waits until so much was heard; gives it, oldest first."""
    return eventually(
        lambda: server.history()[::-1] if len(server.history()) >= count else None,
        f"{count} sounds are in the history",
    )


def test_a_known_track_is_recognised(
    valkey: Valkey, server: Server, recorder: Process, song: Path, piece: Path
) -> None:
    server.add_track(song, title="Song", artist="Ada")
    server.listen_to(piece)
    [hearing] = heard(server, 1)
    assert (hearing["title"], hearing["artist"], hearing["source"]) == ("Song", "Ada", "radio")
    assert hearing["seconds"] == pytest.approx(4, abs=0.2)
    assert hearing["confidence"] > 0.1
    assert hearing["first_time"] is False
    [track] = server.ok("GET", "/tracks/")["data"]
    assert track["times_heard"] == 1
    eventually(lambda: not server.ok("GET", "/source/")["queue"], "the file is out of the queue")
    assert not list(server.folder.rglob("*.wav"))


def test_an_unknown_sound_is_known_the_next_time_and_can_be_named(
    server: Server, recorder: Process, unknown: Path, tmp_path: Path
) -> None:
    # Without Valkey, because what is heard must be kept also while it is away.
    server.listen_to(unknown)
    server.listen_to(unknown)
    first, second = heard(server, 2)
    assert (first["first_time"], second["first_time"]) == (True, False)
    assert first["track_id"] == second["track_id"]
    assert first["origin"] == "heard"
    server.ok("PATCH", f"/tracks/{first['track_id']}", json={"title": "The kettle"})
    assert {each["title"] for each in server.history()} == {"The kettle"}
    assert server.ok("GET", "/tracks/")["data"][0]["origin"] == "library"


def test_a_track_that_was_heard_before_it_was_added_takes_the_place_of_the_unknown_one(
    server: Server, recorder: Process, unknown: Path, tmp_path: Path
) -> None:
    server.listen_to(unknown)
    heard(server, 1)
    whole = write_wav(tmp_path / "whole.wav", melody(2, 3.5))
    assert server.add_track(whole, title="Whole")[0] == 201
    assert [each["title"] for each in server.ok("GET", "/tracks/")["data"]] == ["Whole"]
    assert [each["title"] for each in server.history()] == ["Whole"]


def test_a_file_that_is_taken_out_is_no_longer_listened_to(
    valkey: Valkey, server: Server, recorder: Process, tmp_path: Path
) -> None:
    _, source = server.listen_to(write_wav(tmp_path / "long.wav", melody(3, 120)))
    eventually(lambda: server.ok("GET", "/history/")["data"], "something is heard")
    server.ok("DELETE", f"/source/files/{source['queue'][0]['id']}")
    [hearing] = heard(server, 1)
    assert hearing["seconds"] < 20


def test_what_was_being_heard_outlives_a_crash(
    server: Server, recorder: Process, tmp_path: Path
) -> None:
    server.listen_to(write_wav(tmp_path / "long.wav", melody(3, 30)))
    eventually(lambda: server.ok("GET", "/history/")["data"], "something is heard")
    recorder.kill()
    [before] = server.ok("GET", "/history/")["data"]
    assert before["ongoing"] is True
    assert server.call("DELETE", f"/history/{before['id']}")[0] == 409
    recorder.start()
    # The file is listened to again, from its beginning.
    eventually(lambda: server.ok("GET", "/history/")["count"] == 2, "it is heard again")
    [closed] = [each for each in server.history() if each["id"] == before["id"]]
    assert closed["seconds"] >= 1


def test_a_track_may_be_forgotten_while_it_is_heard(
    server: Server, recorder: Process, song: Path
) -> None:
    _, track = server.add_track(song)
    server.listen_to(song)
    eventually(
        lambda: [each["title"] for each in server.ok("GET", "/history/")["data"]] == ["song"],
        "the track is recognised",
    )
    server.ok("DELETE", f"/tracks/{track['id']}")
    eventually(
        lambda: [each["title"] for each in server.ok("GET", "/history/")["data"]] == [None],
        "the history knows no track",
    )
    assert recorder.process.poll() is None


def test_it_ends_in_order(valkey: Valkey, server: Server, recorder: Process, song: Path) -> None:
    server.listen_to(song)
    eventually(lambda: server.ok("GET", "/history/")["data"], "something is heard")
    assert recorder.end() == 0
    assert "Recorder has ended" in recorder.said()
    assert "Traceback" not in recorder.said()
    # It is not only missed some time later, and what it heard is not lost.
    assert server.process("recorder") == "away"
    assert len(server.history()) == 1
    assert server.ok("GET", "/source/")["queue"]


def test_the_history_can_be_deleted(server: Server, recorder: Process, unknown: Path) -> None:
    server.listen_to(unknown)
    [hearing] = heard(server, 1)
    server.ok("DELETE", f"/history/{hearing['id']}")
    assert server.call("DELETE", f"/history/{hearing['id']}")[0] == 404
    assert server.history() == []
    query(
        server.file,
        "INSERT INTO hearing (started_at, seconds, ongoing, peak, source, first_time)"
        " VALUES ('2026-01-01 00:00:00', 1, 0, 0, 'x', 0)",
    )
    server.ok("DELETE", "/history/")
    assert server.history() == []


def test_an_unmigrated_database_is_said(folder: Path) -> None:
    with Process("app.recorder", DATA_DIR=str(folder)) as recorder:
        assert recorder.process.wait(LIMIT_SECONDS) == 1
        assert "app.migrate" in recorder.said()


# The microphone. `FakeLibrary` has of `sounddevice` what is used.


class FakePortAudioError(Exception):
    """What the library raises."""


class FakeStream(contextlib.nullcontext):
    """Gives a few blocks as soon as it is open."""

    def __init__(self, callback: Callable, blocksize: int, **_: object) -> None:
        super().__init__()
        for number in range(3):
            callback(np.full((blocksize, 1), number, np.float32), blocksize, None, None)


def fake_library(**more: object) -> types.ModuleType:
    """Makes a library with one microphone of 8 kHz."""
    library = types.ModuleType("sounddevice")
    given = {
        "PortAudioError": FakePortAudioError,
        "InputStream": FakeStream,
        "query_devices": lambda kind: {"default_samplerate": 8000.0},
        **more,
    }
    for name, value in given.items():
        setattr(library, name, value)
    return library


def test_a_microphone_gives_blocks_until_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "DEVICE_PATIENCE_SECONDS", 0.05)
    microphone = Microphone(fake_library())
    assert microphone.rate == 8000
    assert [(len(block), block[0]) for block in microphone.blocks()] == [
        (400, 0),
        (400, 1),
        (400, 2),
    ]


def test_a_missing_microphone_is_said() -> None:
    def nothing(kind: str) -> None:
        raise FakePortAudioError("no default device")

    with pytest.raises(NoDeviceError, match="No microphone"):
        Microphone(fake_library(query_devices=nothing))


def test_without_any_device_the_recorder_runs_and_says_so(
    valkey: Valkey, server: Server, recorder: Process
) -> None:
    doing = lambda: (server.ok("GET", "/processes/")["recorder"] or {}).get("doing")  # noqa: E731
    eventually(lambda: doing() == "idle", "the recorder rests")
    server.ok("PUT", "/source/", json={"microphone": True})
    # A machine of developers may have a microphone.
    eventually(lambda: doing() in ("no-device", "listening"), "the recorder looks for one")
    assert recorder.process.poll() is None
