"""What pages are told of its own accord, also after Valkey has gone and come back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import WebSocketTestSession

from tests.conftest import StartServer
from tests.sounds import melody, write_wav
from tests.support import API, Process, Server, Valkey, eventually

LIVE = f"{API}/live/"
# Levels come twenty times a second, so this is much longer than anything here takes.
MESSAGES_AT_MOST = 600


def receive(page: WebSocketTestSession, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Reads messages until one is as wanted."""
    for _ in range(MESSAGES_AT_MOST):
        message = page.receive_json()
        if wanted(message):
            return message
    raise AssertionError("The message did not come")


def status_of(message: dict[str, Any], name: str) -> str | None:
    """Gives how a process is, if the message tells."""
    if message["kind"] != "state":
        return None
    return next(each["status"] for each in message["state"]["processes"] if each["name"] == name)


def is_levels(message: dict[str, Any]) -> bool:
    return message["kind"] == "levels"


def test_a_page_is_told_at_once_how_things_are(server: Server) -> None:
    with server.client.websocket_connect(LIVE) as page:
        message = page.receive_json()
    assert message["kind"] == "state"
    assert message["state"]["restart_available"] is False


def test_levels_and_changes_arrive(
    valkey: Valkey, server: Server, recorder: Process, tmp_path: Path
) -> None:
    with server.client.websocket_connect(LIVE) as page:
        receive(page, lambda message: status_of(message, "recorder") == "running")
        server.listen_to(write_wav(tmp_path / "song.wav", melody(1, 30)))
        levels = receive(page, is_levels)["levels"]
        assert -80 <= levels["rms"] <= levels["peak"] <= 6
        assert len(levels["bands"]) == 40
        receive(page, lambda message: message == {"kind": "changed", "what": "history"})
        hearing = receive(
            page,
            lambda message: message["kind"] == "state" and message["state"]["recorder"]["hearing"],
        )
        assert hearing["state"]["recorder"]["source"] == "song"


def test_all_pages_are_told_of_a_change(server: Server, tmp_path: Path) -> None:
    song = write_wav(tmp_path / "song.wav", melody(1))
    connect = server.client.websocket_connect
    with connect(LIVE) as first, connect(LIVE) as second:
        server.add_track(song)
        for page in (first, second):
            receive(page, lambda message: message == {"kind": "changed", "what": "library"})


def test_valkey_may_die_and_come_back(
    valkey: Valkey, server: Server, recorder: Process, tmp_path: Path
) -> None:
    server.listen_to(write_wav(tmp_path / "song.wav", melody(1, 60)))
    with server.client.websocket_connect(LIVE) as page:
        receive(page, is_levels)
        valkey.kill()
        receive(page, lambda message: status_of(message, "valkey") == "away")
        eventually(lambda: server.ok("GET", "/history/")["data"], "what is heard is kept")
        valkey.start()
        receive(page, lambda message: status_of(message, "recorder") == "running")
        receive(page, is_levels)
    assert recorder.process.poll() is None
    assert "Valkey is back" in recorder.said()


def test_a_page_hears_of_a_change_that_somebody_else_has_seen_first(
    folder: Path, server: Server
) -> None:
    with server.client.websocket_connect(LIVE) as page:
        with Valkey(folder):
            eventually(lambda: server.process("valkey") == "running", "Valkey is seen")
            receive(page, lambda message: status_of(message, "valkey") == "running")
        eventually(lambda: server.process("valkey") == "away", "Valkey is missed")
        receive(page, lambda message: status_of(message, "valkey") == "away")


def test_pages_read_everything_anew_when_valkey_comes_back(
    folder: Path, start: StartServer
) -> None:
    server = start()
    with server.client.websocket_connect(LIVE) as page:
        receive(page, lambda message: status_of(message, "valkey") == "away")
        with Valkey(folder):
            receive(page, lambda message: message == {"kind": "changed", "what": "everything"})
