"""What pages are told of their own accord."""

from typing import Any

from starlette.testclient import WebSocketTestSession

from app.live import MESSAGES_WAITING
from app.models import LiveMessage
from tests.conftest import StartServer
from tests.support import API, Server, suite_text

LIVE = f"{API}/live/"
MESSAGES_AT_MOST = 200


def read_until(page: WebSocketTestSession, **wanted: Any) -> list[dict[str, Any]]:
    """Reads messages until one is as wanted; gives all of them."""
    messages: list[dict[str, Any]] = []
    for _ in range(MESSAGES_AT_MOST):
        messages.append(page.receive_json())
        if all(messages[-1][name] == value for name, value in wanted.items()):
            return messages
    raise AssertionError("The message did not come")


def finished(message: dict[str, Any]) -> bool:
    return message["kind"] == "run" and message["run"]["state"] == "finished"


def test_a_run_is_followed(server: Server) -> None:
    with server.client.websocket_connect(LIVE) as page:
        run_id = server.ask("One", "Two")
        messages: list[dict[str, Any]] = []
        while not messages or not finished(messages[-1]):
            messages.append(page.receive_json())
    results = [each["result"]["text"] for each in messages if each["kind"] == "result"]
    assert sorted(results) == ["You said: One", "You said: Two"]
    runs = [each["run"] for each in messages if each["kind"] == "run"]
    assert {each["id"] for each in runs} == {run_id}
    assert max(each["targets"][0]["asking"] for each in runs) >= 1


def test_a_hold_is_told(keyless: Server) -> None:
    with keyless.client.websocket_connect(LIVE) as page:
        keyless.ask("One")
        while True:
            message = page.receive_json()
            if message["kind"] == "run" and message["run"]["targets"][0]["hold"]:
                break
    assert message["run"]["targets"][0]["hold"]["kind"] == "key"


def test_all_pages_hear_of_a_new_suite(keyless: Server) -> None:
    connect = keyless.client.websocket_connect
    with connect(LIVE) as first, connect(LIVE) as second:
        keyless.add_suite(suite_text("Hello"))
        for page in (first, second):
            read_until(page, kind="changed", what="suites")


def test_a_page_that_does_not_keep_up_reads_everything_anew(start: StartServer) -> None:
    live = start().app.state.live
    with live.page() as messages:
        for _ in range(MESSAGES_WAITING + 1):
            live.tell(LiveMessage(kind="changed", what="runs"))
        assert messages.get_nowait().what == "everything"
        assert messages.empty()
