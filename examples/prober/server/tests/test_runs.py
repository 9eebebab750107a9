"""Runs: asking, judging, being held up, going on."""

from typing import Any

import pytest

from tests.conftest import StartServer
from tests.fake_providers import OPENAI_KEY, FakeProviders, Rule
from tests.support import HAIKU, SONNET, TERRA, Server, eventually, query, suite_text


def outcomes(server: Server, run_id: int) -> list[str]:
    return [each["outcome"] for each in server.results(run_id)]


def test_a_suite_of_the_app(server: Server) -> None:
    run = server.finished(server.start_run("careful-thinking", SONNET, HAIKU, TERRA))
    assert run["cases"] == 5
    good, hasty, other = run["targets"]
    assert (good["passed"], good["failed"], good["errors"]) == (5, 0, 0)
    assert (hasty["passed"], hasty["failed"]) == (2, 3)
    assert other["model"] == "gpt-5.6-terra"
    assert run["finished_at"]


def test_a_result_says_everything(server: Server) -> None:
    run_id = server.ask("What is the capital of France?", expect="contains: [Paris, Rome]")
    server.finished(run_id)
    content = server.ok("GET", f"/runs/{run_id}/results")
    assert content["cases"][0]["prompt"] == "What is the capital of France?"
    result = content["results"][0]
    assert (result["outcome"], result["text"], result["error"]) == ("failed", "Paris", None)
    assert [(each["wanted"], each["passed"]) for each in result["verdicts"]] == [
        ("Paris", True),
        ("Rome", False),
    ]
    assert result["input_tokens"] > 0 and result["output_tokens"] == 1
    assert result["seconds"] > 0


def test_results_are_there_as_soon_as_they_are(server: Server) -> None:
    run_id = server.ask("Quick", "[wait: 3] Slow")
    eventually(lambda: len(server.results(run_id)) == 1, "the quick one is there")
    run = server.run(run_id)
    assert (run["state"], run["targets"][0]["asking"]) == ("running", 1)
    server.ok("DELETE", f"/runs/{run_id}")


def test_not_too_many_at_once(start: StartServer, fake: FakeProviders) -> None:
    server = start(**fake.settings, CONCURRENCY=2)
    run_id = server.ask(*(f"[wait: 0.1] {n}" for n in range(6)), targets=(SONNET, HAIKU))
    most = 0
    while server.run(run_id)["state"] == "running":
        most = max(most, sum(each["asking"] for each in server.run(run_id)["targets"]))
    assert most == 2
    assert outcomes(server, run_id) == ["passed"] * 12


def test_the_same_model_twice_is_asked_once(server: Server) -> None:
    run = server.finished(server.ask("Hello", targets=(SONNET, SONNET)))
    assert len(run["targets"]) == 1


def test_a_case_that_gets_no_answer_does_not_end_the_run(
    server: Server, fake: FakeProviders
) -> None:
    run_id = server.ask("[fail: 500] One", "Two", "[fail: 400] Three")
    assert server.finished(run_id)["targets"][0]["errors"] == 2
    first, _, third = server.results(run_id)
    assert first["error"] == "Anthropic has trouble of its own (500)"
    assert third["error"] == "Anthropic refused the question (400): As you wish"


def test_what_got_no_answer_can_be_asked_again(server: Server, fake: FakeProviders) -> None:
    run_id = server.ask("One", "[fail: 500 times=1] Two")
    server.finished(run_id)
    server.ok("POST", f"/runs/{run_id}/retry")
    run = server.finished(run_id)
    assert (run["targets"][0]["passed"], run["targets"][0]["errors"]) == (2, 0)
    assert fake.answered()["claude-sonnet-5", "One"] == 1
    assert server.call("POST", f"/runs/{run_id}/retry")[0] == 409


def test_an_unknown_model(server: Server) -> None:
    run_id = server.ask("Hello", targets=(("openai", "gpt-of-tomorrow"),))
    server.finished(run_id)
    assert server.results(run_id)[0]["error"] == "OpenAI does not know this: model: gpt-of-tomorrow"


# Held up


def test_without_a_key_it_waits_for_one(start: StartServer, fake: FakeProviders) -> None:
    keyless = start()
    run_id = keyless.ask("Hello")
    hold = keyless.held(run_id)
    assert (hold["kind"], hold["until"]) == ("key", None)
    assert hold["message"] == "There is no key for Anthropic"
    assert keyless.results(run_id) == []
    keyless.__exit__()
    # Ensconce starts the server anew with what was entered.
    started = start(**fake.settings)
    started.finished(run_id)
    assert outcomes(started, run_id) == ["passed"]


def test_a_wrong_key_holds_up_all_cases(start: StartServer, fake: FakeProviders) -> None:
    server = start(**{**fake.settings, "ANTHROPIC_API_KEY": "sk-ant-wrong"})
    run_id = server.ask(*"abcdefgh")
    assert server.held(run_id)["message"] == "Anthropic does not accept this key"
    assert server.results(run_id) == []
    assert server.run(run_id)["state"] == "running"


def test_too_many_questions_are_waited_out(server: Server, fake: FakeProviders) -> None:
    fake.rules.append(Rule(status=429, times=1, retry_after=1))
    run_id = server.ask("Hello")
    hold = server.held(run_id)
    assert hold["message"] == "Anthropic has been asked too often, and asks to wait 1 seconds"
    assert hold["until"]
    server.finished(run_id)
    assert outcomes(server, run_id) == ["passed"]


def test_a_network_that_is_away_is_waited_for(
    start: StartServer, fake: FakeProviders, unused_port: int
) -> None:
    url = f"http://127.0.0.1:{unused_port}"
    server = start(**{**fake.settings, "ANTHROPIC_BASE_URL": url}, MAX_RETRIES=0)
    run_id = server.ask("Hello", "World")
    assert server.held(run_id)["kind"] == "offline"
    with FakeProviders(unused_port):
        server.finished(run_id)
    assert outcomes(server, run_id) == ["passed", "passed"]


def test_one_model_is_held_up_and_the_other_goes_on(
    start: StartServer, fake: FakeProviders
) -> None:
    settings = {"OPENAI_API_KEY": OPENAI_KEY, "OPENAI_BASE_URL": f"{fake.url}/v1"}
    server = start(**settings)
    run_id = server.ask("Hello", targets=(SONNET, TERRA))
    eventually(lambda: server.run(run_id)["targets"][1]["passed"] == 1, "OpenAI has answered")
    assert server.run(run_id)["targets"][0]["hold"]["kind"] == "key"


def test_it_can_be_tried_again_at_once(server: Server, fake: FakeProviders) -> None:
    fake.rules.append(Rule(status=429, times=1, retry_after=3000))
    run_id = server.ask("Hello")
    server.held(run_id)
    server.ok("POST", f"/runs/{run_id}/continue")
    server.finished(run_id)


# Stopped, gone on with, deleted


def test_stop_and_continue(server: Server, fake: FakeProviders) -> None:
    run_id = server.ask("One", "[wait: 1] Two", "[wait: 1] Three")
    eventually(lambda: server.results(run_id), "the first is there")
    stopped = server.ok("POST", f"/runs/{run_id}/stop")
    assert (stopped["state"], stopped["targets"][0]["passed"]) == ("stopped", 1)
    assert server.call("POST", f"/runs/{run_id}/stop")[0] == 409
    server.ok("POST", f"/runs/{run_id}/continue")
    assert server.finished(run_id)["targets"][0]["passed"] == 3
    assert fake.answered()["claude-sonnet-5", "One"] == 1
    assert server.call("POST", f"/runs/{run_id}/continue")[0] == 409


def test_a_stopped_run_stays_stopped(start: StartServer, fake: FakeProviders) -> None:
    server = start(**fake.settings)
    run_id = server.ask("[wait: 5] One")
    server.ok("POST", f"/runs/{run_id}/stop")
    server.__exit__()
    assert start(**fake.settings).run(run_id)["state"] == "stopped"


def test_delete_in_the_middle(server: Server) -> None:
    run_id = server.ask("One", "[wait: 5] Two")
    eventually(lambda: server.results(run_id), "the first is there")
    server.ok("DELETE", f"/runs/{run_id}")
    assert server.call("GET", f"/runs/{run_id}")[0] == 404
    for table in ("run", "target", "run_case", "result"):
        assert query(server.file, f"SELECT count(*) FROM {table}") == [(0,)]


def test_a_run_keeps_its_cases_when_the_suite_changes(server: Server) -> None:
    run_id = server.ask("Before")
    server.finished(run_id)
    server.add_suite(suite_text("After"))
    assert server.ok("GET", f"/runs/{run_id}/results")["cases"][0]["prompt"] == "Before"


def test_a_result_is_never_written_twice(server: Server) -> None:
    from sqlmodel import Session

    from app.core.db import writing_session
    from app.models import Outcome, Result
    from app.runs import store

    run_id = server.ask("One")
    server.finished(run_id)
    first = server.results(run_id)[0]
    again = Result(
        target_id=first["target_id"], case_id=first["case_id"], outcome=Outcome.ERROR, verdicts=[]
    )
    session: Session
    with writing_session(server.app.state.engine) as session:
        assert store.save(session, again) is False
    assert server.results(run_id) == [first]


def test_a_run_that_broke_off_goes_on(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from app.runs import runner, store

    save, failures = store.save, iter([OSError("disk full")])

    def save_at_last(*given: Any) -> bool:
        if error := next(failures, None):
            raise error
        return save(*given)

    monkeypatch.setattr(runner, "AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(store, "save", save_at_last)
    run_id = server.ask("One", "Two")
    server.finished(run_id)
    assert outcomes(server, run_id) == ["passed", "passed"]
    assert f"Run {run_id} broke off, and goes on: OSError" in caplog.text


def test_lists_are_given_in_pages(server: Server) -> None:
    ids = [server.ask("One") for _ in range(3)]
    page = server.ok("GET", "/runs/?skip=1&limit=1")
    assert (page["count"], [each["id"] for each in page["data"]]) == (3, [ids[1]])


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"suite_id": "nothing", "targets": [{"provider": "openai", "model": "m"}]}, 404),
        ({"suite_id": "short-texts", "targets": []}, 422),
        ({"suite_id": "short-texts", "targets": [{"provider": "other", "model": "m"}]}, 422),
        ({"suite_id": "short-texts", "targets": [{"provider": "openai", "model": "a b"}]}, 422),
        ({}, 422),
    ],
)
def test_odd_wishes(keyless: Server, wish: Any, status: int) -> None:
    assert keyless.call("POST", "/runs/", json=wish)[0] == status


@pytest.mark.parametrize("id", ["0", "999", "-1", str(2**64)])
def test_runs_that_are_not_there(keyless: Server, id: str) -> None:
    assert keyless.call("GET", f"/runs/{id}")[0] == 404
    assert keyless.call("DELETE", f"/runs/{id}")[0] == 404
