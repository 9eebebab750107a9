"""A small stand-in for the address at which Ensconce answers the app's questions."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "the token of this launch"


class FakeControl(ThreadingHTTPServer):
    """Answers as Ensconce does; entered as a context manager."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.jobs: list[dict[str, Any]] | None = [
            {"name": "valkey", "state": "ready", "optional": False},
            {"name": "migrate", "state": "ready", "optional": False},
            {"name": "api", "state": "ready", "optional": False},
            {"name": "recorder", "state": "ready", "optional": True},
        ]
        self.refusal: dict[str, str] | None = None
        self.restarted: list[str] = []

    def __enter__(self) -> "FakeControl":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.shutdown()
        self.server_close()

    @property
    def settings(self) -> dict[str, str]:
        """What the app is told about it."""
        return {"CONTROL_URL": f"http://127.0.0.1:{self.server_port}", "CONTROL_TOKEN": TOKEN}


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: FakeControl

    def do_GET(self) -> None:
        """Tells how the app is."""
        if self.path == "/status":
            self.answer(200, {"app": {}, "phase": "ready", "jobs": self.server.jobs})
        else:
            self.answer(404, {"error": "There is nothing here"})

    def do_POST(self) -> None:
        """Restarts a service."""
        _, services, name, restart = self.path.split("/")
        assert (services, restart) == ("services", "restart")
        if self.server.refusal:
            self.answer(409, self.server.refusal)
        else:
            self.server.restarted.append(name)
            self.answer(202, {})

    def answer(self, status: int, content: dict[str, Any]) -> None:
        """Answers, if the token is right."""
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, content = 401, {"error": "The token is wrong", "hint": "Use another"}
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""
