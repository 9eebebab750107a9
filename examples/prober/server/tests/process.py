"""The server as it really runs: a process behind a Unix socket, that can be killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import httpx

from app.core import paths
from tests.support import API, LIMIT_SECONDS, eventually

# What uvicorn says once it listens.
RUNNING = "Uvicorn running on"


class RunningServer:
    """A server process; entered as a context manager, and left by a kill."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.socket = folder / "s"
        self.starts = 0
        self.environment = {**os.environ, "DATA_DIR": str(folder), **environment}

    def __enter__(self) -> "RunningServer":
        # A file and no pipe, which nobody would read and which would be full at some time.
        self.output = TemporaryFile()
        self.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.kill()
        self.output.close()

    def start(self) -> None:
        """Starts it, and waits until it takes requests."""
        self.starts += 1
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app.main:app", "--uds", str(self.socket)],
            cwd=paths.SERVER_DIR,
            env=self.environment,
            stdout=self.output,
            stderr=self.output,
        )
        eventually(self.runs, "the server runs")
        self.client = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(self.socket)),
            base_url="http://prober",
            timeout=LIMIT_SECONDS,
        )

    def runs(self) -> bool:
        """Whether it takes requests; not asked by a request, whose failure leaves a socket open."""
        assert self.process.poll() is None, self.said()
        return self.said().count(RUNNING) == self.starts

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.process.kill()
        self.process.wait(LIMIT_SECONDS)
        self.client.close()

    def end(self) -> int:
        """Ends it in order; gives its exit code."""
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT_SECONDS)

    def said(self) -> str:
        """Gives what it has written so far."""
        self.output.seek(0)
        return self.output.read().decode()

    def ok(self, method: str, path: str, **options: Any) -> Any:
        """Sends a request that must succeed; gives the decoded answer."""
        response = self.client.request(method, API + path, **options)
        assert response.is_success, response.text
        return response.json()

    def start_run(self, text: str, *targets: tuple[str, str]) -> int:
        """Starts a run of a suite; gives its id."""
        suite = self.ok("POST", "/suites/", json={"text": text, "replace": True})
        asked = [{"provider": provider, "model": model} for provider, model in targets]
        return self.ok("POST", "/runs/", json={"suite_id": suite["id"], "targets": asked})["id"]

    def finished(self, run_id: int) -> Any:
        """Waits until a run is over; gives it."""

        def probe() -> Any:
            run = self.ok("GET", f"/runs/{run_id}")
            return run if run["state"] == "finished" else None

        return eventually(probe, f"run {run_id} is over")
