"""What the tests share: servers, suites in few words, a hand on the database."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app

API = "/api/v1"
SONNET = ("anthropic", "claude-sonnet-5")
HAIKU = ("anthropic", "claude-haiku-4-5")
TERRA = ("openai", "gpt-5.6-terra")
LIMIT_SECONDS = 30.0
PAUSE_SECONDS = 0.02

T = TypeVar("T")


def eventually(probe: Callable[[], T], what: str) -> T:
    """Asks until the answer is true, and gives it; the limit is a failure."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(PAUSE_SECONDS)
    raise AssertionError(f"Not within {LIMIT_SECONDS:g} s: {what}")


def suite_text(*prompts: str, name: str = "Trial", expect: str = "") -> str:
    """Writes a suite, with a case for each prompt."""
    lines = [f"name: {name}", "cases:"]
    for number, prompt in enumerate(prompts, 1):
        lines += [f"  - name: Case {number}", f"    prompt: '{prompt}'"]
        if expect:
            lines.append(f"    expect: {{ {expect} }}")
    return "\n".join(lines) + "\n"


class Server:
    """An application with a database of its own, entered as a context manager."""

    def __init__(self, folder: Path, template: Path, **settings: Any) -> None:
        self.folder = folder
        self.file = folder / "app.db"
        if not self.file.exists():
            shutil.copyfile(template, self.file)
        self.app = create_app(Settings(DATA_DIR=folder, **settings))
        self.client = TestClient(self.app)

    def __enter__(self) -> "Server":
        self.client.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.client.__exit__(*error)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Sends a request; gives the status code and the decoded answer."""
        response = self.client.request(method, API + path, **options)
        return response.status_code, response.json()

    def ok(self, method: str, path: str, **options: Any) -> Any:
        """Sends a request that must succeed; gives the decoded answer."""
        status, answer = self.call(method, path, **options)
        assert status in (200, 201, 202), answer
        return answer

    def add_suite(self, text: str) -> str:
        """Adds a suite; gives its id."""
        return self.ok("POST", "/suites/", json={"text": text, "replace": True})["id"]

    def start_run(self, suite_id: str, *targets: tuple[str, str]) -> int:
        """Starts a run; gives its id."""
        asked = [{"provider": provider, "model": model} for provider, model in targets]
        return self.ok("POST", "/runs/", json={"suite_id": suite_id, "targets": asked})["id"]

    def ask(self, *prompts: str, targets: Any = (SONNET,), expect: str = "") -> int:
        """Starts a run of some prompts; gives its id."""
        return self.start_run(self.add_suite(suite_text(*prompts, expect=expect)), *targets)

    def run(self, run_id: int) -> Any:
        """Tells how far a run is."""
        return self.ok("GET", f"/runs/{run_id}")

    def finished(self, run_id: int) -> Any:
        """Waits until a run is over; gives it."""

        def probe() -> Any:
            run = self.run(run_id)
            return run if run["state"] == "finished" else None

        return eventually(probe, f"run {run_id} is over")

    def held(self, run_id: int) -> Any:
        """Waits until a run is held up; gives the reason."""
        return eventually(lambda: self.run(run_id)["targets"][0]["hold"], "the run is held up")

    def results(self, run_id: int) -> list[Any]:
        """Gives the results of a run."""
        return self.ok("GET", f"/runs/{run_id}/results")["results"]


def query(file: Path, statement: str, *values: Any) -> list[Any]:
    """Runs one statement on the database, past the server."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
    return rows
