"""What answers when keys are tried: a small server in the test, and Prober's fake providers."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .manifests import PROBER

ANTHROPIC_KEY = "sk-ant-fake-0123456789"


class KeyServer(ThreadingHTTPServer):
    """Accepts one key, as `Authorization: Bearer`; hangs while `gate` is not set."""

    daemon_threads = True

    def __init__(self, key: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), KeyHandler)
        self.key = key
        self.gate = threading.Event()
        self.gate.set()


class KeyHandler(BaseHTTPRequestHandler):
    """Answers every path alike."""

    server: KeyServer

    def do_GET(self) -> None:
        """Says whether the key is the right one."""
        self.server.gate.wait()
        right = self.headers["Authorization"] == f"Bearer {self.server.key}"
        body = b'{"message": "Hello, Ada"}' if right else b'{"message": "Nobody knows this key"}'
        self.send_response(200 if right else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # Somebody who no longer waits has gone.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


@contextlib.contextmanager
def key_server(key: str, port: int = 0) -> Iterator[KeyServer]:
    """Runs a server that accepts a key."""
    server = KeyServer(key, port)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()


def fake_providers(environment: dict[str, str], *arguments: str) -> str:
    """Starts servers that speak as Prober's providers do, and returns their address."""
    server = PROBER / "server"
    process = subprocess.Popen(
        [server / ".venv/bin/python", "-m", "tests.fake_providers", "--port", "0", *arguments],
        cwd=server,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    address = process.stdout.readline().strip()
    assert address.startswith("http://"), address
    return address
