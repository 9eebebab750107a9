"""How the processes are, with Ensconce and without it, and the restart of the recorder."""

from collections.abc import Iterator

import pytest

from app.models import ProcessStatus
from app.processes import status
from tests.conftest import StartServer
from tests.control import FakeControl
from tests.support import Process, Server, Valkey, eventually

RESTART = "/processes/recorder/restart"


@pytest.fixture
def control() -> Iterator[FakeControl]:
    with FakeControl() as control:
        yield control


def test_without_ensconce_one_sees_for_oneself(server: Server) -> None:
    told = server.ok("GET", "/processes/")
    assert told["restart_available"] is False
    assert [(each["name"], each["status"], each["state"]) for each in told["processes"]] == [
        ("valkey", "away", None),
        ("api", "running", None),
        ("recorder", "away", None),
    ]


def test_without_ensconce_nothing_can_be_restarted(server: Server) -> None:
    code, answer = server.call("POST", RESTART)
    assert code == 409
    assert "not available" in answer["detail"]


def test_ensconce_tells_of_all_processes(
    valkey: Valkey, start: StartServer, control: FakeControl
) -> None:
    server = start(**control.settings)
    told = server.ok("GET", "/processes/")
    assert told["restart_available"] is True
    assert [(each["name"], each["status"]) for each in told["processes"]] == [
        ("valkey", "running"),
        ("migrate", "done"),
        ("api", "running"),
        # Ensconce sees its process, but nobody hears from it.
        ("recorder", "away"),
    ]


def test_the_recorder_is_restarted(start: StartServer, control: FakeControl) -> None:
    answer = start(**control.settings).ok("POST", RESTART)
    assert answer["message"] == "The recorder is being restarted"
    assert control.restarted == ["recorder"]


def test_a_refusal_is_passed_on(start: StartServer, control: FakeControl) -> None:
    control.refusal = {"error": "The app is stopping", "hint": "Start it again"}
    code, answer = start(**control.settings).call("POST", RESTART)
    assert (code, answer) == (409, {"detail": "The app is stopping. Start it again"})


def test_a_wrong_token_is_told(start: StartServer, control: FakeControl) -> None:
    server = start(**{**control.settings, "CONTROL_TOKEN": "guessed"})
    assert server.call("POST", RESTART) == (409, {"detail": "The token is wrong. Use another"})
    assert server.process("api") == "running"


def test_an_ensconce_that_is_gone_is_told(start: StartServer) -> None:
    with FakeControl() as gone:
        server = start(**gone.settings)
    assert server.call("POST", RESTART) == (409, {"detail": "Ensconce does not answer"})
    assert server.process("api") == "running"


def test_an_answer_that_makes_no_sense_is_as_good_as_none(
    start: StartServer, control: FakeControl
) -> None:
    control.jobs = None
    server = start(**control.settings)
    assert server.process("api") == "running"


def test_a_recorder_that_crashes_is_away_and_comes_back(
    valkey: Valkey, server: Server, recorder: Process
) -> None:
    eventually(lambda: server.process("recorder") == "running", "the recorder runs")
    recorder.kill()
    eventually(lambda: server.process("recorder") == "away", "the recorder is missed")
    recorder.start()
    eventually(lambda: server.process("recorder") == "running", "the recorder is back")


@pytest.mark.parametrize(
    ("state", "answers", "expected"),
    [
        ("ready", True, "running"),
        ("ready", False, "away"),
        ("ready", None, "done"),
        ("restarting", True, "away"),
        ("failed", None, "away"),
        ("waiting", False, "starting"),
        ("starting", None, "starting"),
        ("a word of a later version", False, "starting"),
    ],
)
def test_words_for_people(state: str, answers: bool | None, expected: str) -> None:
    assert status(state, answers) == ProcessStatus(expected)
