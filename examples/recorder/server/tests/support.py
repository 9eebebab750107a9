"""What the tests share: a real Valkey, servers, a recorder, and a hand on the database."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar

from fastapi.testclient import TestClient
from redis.exceptions import RedisError

from app.core import paths
from app.core.config import Settings
from app.core.valkey import open_valkey
from app.main import create_app

API = "/api/v1"
PASSWORD = "a password of the tests"
LIMIT_SECONDS = 20.0
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


class Process:
    """A module of the server in a process of its own; entered as a context manager."""

    def __init__(self, module: str, *arguments: str, **environment: str) -> None:
        self.command = [sys.executable, "-m", module, *arguments]
        self.environment = {**os.environ, **environment}

    def __enter__(self) -> "Process":
        # A file and no pipe, which nobody would read and which would be full at some time.
        self.output = TemporaryFile()
        self.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.kill()
        self.output.close()

    def start(self) -> None:
        """Starts it."""
        self.process = subprocess.Popen(
            self.command,
            cwd=paths.SERVER_DIR,
            env=self.environment,
            stdout=self.output,
            stderr=self.output,
        )

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.process.kill()
        self.process.wait(LIMIT_SECONDS)

    def end(self) -> int:
        """Ends it in order; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_SECONDS)

    def said(self) -> str:
        """Gives what it has written so far."""
        self.output.seek(0)
        return self.output.read().decode()


class Valkey(Process):
    """A real Valkey on a socket of its own."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(
            DATA_DIR=folder, VALKEY_SOCKET=folder / "v.sock", VALKEY_PASSWORD=PASSWORD
        )
        socket = str(self.settings.VALKEY_SOCKET)
        super().__init__("app.store", socket, str(folder / "valkey"), VALKEY_PASSWORD=PASSWORD)

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        super().start()
        eventually(self.answers, "Valkey answers")

    def answers(self) -> bool:
        """Whether somebody with the password gets an answer."""
        with closing(open_valkey(self.settings)) as client:
            try:
                return bool(client.ping())
            except (RedisError, OSError):
                return False


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

    def add_track(self, file: Path, **form: str) -> Any:
        """Adds a track to the library; gives the status code and the answer."""
        return self.call(
            "POST", "/tracks/", files={"file": (file.name, file.read_bytes())}, data=form
        )

    def listen_to(self, file: Path) -> Any:
        """Puts a file into the recorder's queue; gives the status code and the answer."""
        files = {"file": (file.name, file.read_bytes())}
        return self.call("POST", "/source/files", files=files)

    def history(self) -> list[dict[str, Any]]:
        """Gives what was heard and is over."""
        return [each for each in self.ok("GET", "/history/")["data"] if not each["ongoing"]]

    def process(self, name: str) -> str:
        """Gives how one of the processes is."""
        known = self.ok("GET", "/processes/")["processes"]
        return next(each["status"] for each in known if each["name"] == name)


def query(file: Path, statement: str, *values: Any) -> list[Any]:
    """Runs one statement on the database, past the server."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
    return rows
