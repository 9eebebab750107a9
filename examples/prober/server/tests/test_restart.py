"""A run goes on after its server was killed, and no case is lost or answered twice."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fake_providers import FakeProviders
from tests.process import RunningServer
from tests.support import HAIKU, SONNET, TERRA, eventually, query, suite_text

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uvicorn has no sockets there")

COUNT = 12
CLEAN_EXITS = (0, -signal.SIGTERM)


@pytest.fixture
def folder(template: Path) -> Iterator[Path]:
    """A data folder with a migrated database, and a path that is short enough for a socket."""
    with TemporaryDirectory(prefix="prober-") as name:
        (Path(name) / "app.db").write_bytes(template.read_bytes())
        yield Path(name)


def results(folder: Path) -> list[tuple[str, str]]:
    """Reads from the database which model has answered which case."""
    return query(
        folder / "app.db",
        "SELECT target.model, run_case.name FROM result "
        "JOIN target ON target.id = target_id JOIN run_case ON run_case.id = case_id",
    )


def test_a_run_survives_a_kill(folder: Path, fake: FakeProviders) -> None:
    fake.pace = 0.1
    prompts = [f"Question {number}" for number in range(COUNT)]
    models = (SONNET, HAIKU, TERRA)
    with RunningServer(folder, **fake.settings) as server:
        run_id = server.start_run(suite_text(*prompts), *models)
        eventually(lambda: len(results(folder)) >= 5, "some cases are answered")
        server.kill()
        before = results(folder)
        answered_before = fake.answered()
        assert 5 <= len(before) < COUNT * 3
        server.start()
        run = server.finished(run_id)
    assert [target["passed"] for target in run["targets"]] == [COUNT] * 3
    after = results(folder)
    assert len(after) == len(set(after)) == COUNT * 3
    assert set(before) < set(after)
    # What was kept was not asked again; what was being asked at the time of the kill was.
    number_of = {f"Case {number}": number - 1 for number in range(1, COUNT + 1)}
    answered = fake.answered()
    for model, case in before:
        assert answered[model, prompts[number_of[case]]] == 1
    assert sum(answered.values()) - COUNT * 3 <= 4
    assert sum(answered_before.values()) >= len(before)


def test_a_run_survives_many_kills(folder: Path, fake: FakeProviders) -> None:
    fake.pace = 0.05
    prompts = [f"Question {number}" for number in range(COUNT)]
    with RunningServer(folder, **fake.settings, CONCURRENCY="1") as server:
        run_id = server.start_run(suite_text(*prompts), SONNET)
        for _ in range(2):
            so_far = len(results(folder))
            eventually(lambda so_far=so_far: len(results(folder)) > so_far, "it goes on")
            server.kill()
            server.start()
        server.finished(run_id)
    assert len(set(results(folder))) == len(results(folder)) == COUNT


def test_it_ends_cleanly_in_the_middle_of_a_run(folder: Path, fake: FakeProviders) -> None:
    with RunningServer(folder, **fake.settings) as server:
        run_id = server.start_run(suite_text("One", "[wait: 30] Two"), SONNET)
        eventually(lambda: results(folder), "the first is answered")
        assert server.end() in CLEAN_EXITS
        assert "Traceback" not in server.said()
        assert "Database closed" in server.said()
        fake.rules.clear()
        server.start()
        assert server.ok("GET", f"/runs/{run_id}")["state"] == "running"
        assert f"Run {run_id} goes on" in server.said()


def test_without_any_setting_it_answers(folder: Path) -> None:
    with RunningServer(folder) as server:
        providers = server.ok("GET", "/providers/")["data"]
        assert [each["ready"] for each in providers] == [False, False]
        assert server.end() in CLEAN_EXITS
        assert "Traceback" not in server.said()
