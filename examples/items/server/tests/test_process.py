"""The server as it really runs: a process behind a Unix socket, ended by a signal."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core import paths
from tests.support import API

LIMIT_SECONDS = 20
RUNNING = "Uvicorn running on"
CLEAN_EXITS = (0, -signal.SIGTERM)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uvicorn has no sockets there")


class RunningServer:
    """A server process; lines of its log are kept, and nothing waits longer than the limit."""

    def __init__(self, folder: Path, wait: bool = True, **environment: str) -> None:
        self.socket = folder / "server.sock"
        self.lines: list[str] = []
        self.wait_for_start = wait
        self.environment = {**os.environ, "DATA_DIR": str(folder), **environment}

    def __enter__(self) -> "RunningServer":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app.main:app", "--uds", str(self.socket)],
            cwd=paths.SERVER_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.watchdog = threading.Timer(LIMIT_SECONDS, self.process.kill)
        self.watchdog.start()
        if self.wait_for_start:
            self.read_until(RUNNING)
        return self

    def __exit__(self, *error: Any) -> None:
        self.process.kill()
        self.wait()
        self.watchdog.cancel()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()

    def read_until(self, words: str) -> None:
        """Reads the log until a line has these words."""
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(line)
            if words in line:
                return
        pytest.fail("".join(self.lines))

    def wait(self) -> int:
        """Reads the rest of the log; gives the exit code."""
        assert self.process.stderr
        self.lines.extend(self.process.stderr)
        return self.process.wait(LIMIT_SECONDS)

    def client(self) -> httpx.Client:
        """Opens a client that talks through the socket."""
        transport = httpx.HTTPTransport(uds=str(self.socket))
        return httpx.Client(transport=transport, base_url="http://items", timeout=LIMIT_SECONDS)


@pytest.fixture
def folder(tmp_path: Path, template: Path) -> Path:
    """A data folder with a migrated database."""
    (tmp_path / "app.db").write_bytes(template.read_bytes())
    return tmp_path


def test_it_answers_and_ends_cleanly_on_sigterm(folder: Path) -> None:
    with RunningServer(folder) as server, server.client() as client:
        assert client.get(f"{API}/utils/health-check/").json() is True
        made = client.post(f"{API}/items/", json={"title": "Milk"}).json()
        assert client.get(f"{API}/items/").json()["data"] == [made]
        # The client's connection is still open, and must not hold up the end.
        server.process.terminate()
        assert server.wait() in CLEAN_EXITS
        assert server.process.stdout
        assert server.process.stdout.read() == ""
    log = "".join(server.lines)
    assert f"GET {API}/utils/health-check/" in log
    assert str(folder / "app.db") in log
    assert "Database closed" in log
    assert "Application shutdown complete" in log
    assert "Traceback" not in log
    assert not (folder / "app.db-wal").exists()


def test_data_outlives_a_kill(folder: Path) -> None:
    with RunningServer(folder) as server, server.client() as client:
        client.post(f"{API}/items/", json={"title": "Milk"})
        server.process.kill()
        server.wait()
    with RunningServer(folder) as server, server.client() as client:
        assert client.get(f"{API}/items/").json()["count"] == 1


def test_a_higher_log_level_silences_requests(folder: Path) -> None:
    with RunningServer(folder, wait=False, LOG_LEVEL="warning") as server:
        # No line tells that it runs now, but the end of the start-up does: it takes signals.
        server.read_until("Started server process")
        server.process.terminate()
        server.wait()
    assert "Items" not in "".join(server.lines)


def test_secrets_stay_out_of_the_log(folder: Path) -> None:
    secrets = {"SECRET_KEY": "k" * 40, "FIRST_SUPERUSER_PASSWORD": "p" * 12}
    with RunningServer(folder, AUTH_REQUIRED="true", **secrets) as server:
        form = {"username": "admin@example.com", "password": "p" * 12}
        with server.client() as client:
            token = client.post(f"{API}/login/access-token", data=form).json()["access_token"]
        server.process.terminate()
        server.wait()
    log = "".join(server.lines)
    assert not [secret for secret in (*secrets.values(), token) if secret in log]
