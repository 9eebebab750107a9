"""Connections of another user, who says nothing, to an app that somebody else uses.

As a program: `strangers.py PORT COUNT [--again]` opens that many, says `open`, and holds them. With
`--again`, it opens another one for each that the app closes, as fast as it can.
"""

import contextlib
import http.client
import resource
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

LIMIT = 120
# Who has nothing to do with the app. Needs root to become.
AS_NOBODY = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
MANIFEST = """
[app]
id = "dev.ensconce.bench-strangers"
name = "Strangers"
version = "1.0.0"

[ui]
static = "site"
"""


class Strangers:
    """Silent connections, held by another process of another user."""

    def __init__(self, port: int, count: int, again: bool) -> None:
        command = [*AS_NOBODY, sys.executable, "-I", "-", str(port), str(count)]
        command += ["--again"] * again
        source = Path(__file__).read_text()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(source)
        self.process.stdin.close()
        if self.process.stdout.readline() != "open\n":
            raise RuntimeError("The strangers' connections could not be opened")

    def close(self) -> None:
        """Closes them."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class App:
    """A headless app with a page, and somebody who uses it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.address, self.port = parts.netloc, parts.port
        connection = http.client.HTTPConnection(self.address, timeout=LIMIT)
        connection.request("GET", f"{parts.path}?{parts.query}")
        self.cookie = connection.getresponse().headers["Set-Cookie"].split(";")[0]
        self.kept = http.client.HTTPConnection(self.address, timeout=LIMIT)

    def latency(self, *, kept: bool) -> float:
        """Asks for the page once, by the connection that is kept or by a new one; in ms."""
        begun = time.monotonic_ns()
        connection = self.kept if kept else http.client.HTTPConnection(self.address, timeout=LIMIT)
        connection.request("GET", "/", headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        answer.read()
        taken = (time.monotonic_ns() - begun) / 1e6
        if answer.status != 200:
            raise RuntimeError(f"The page was answered with {answer.status}")
        return taken


def latencies(app: App, count: int) -> dict[str, list[float]]:
    """Asks by turns on a new connection and on one that is kept."""
    found: dict[str, list[float]] = {"new": [], "kept": []}
    for _ in range(count):
        found["new"].append(app.latency(kept=False))
        found["kept"].append(app.latency(kept=True))
    return found


def hold(port: int, count: int, again: bool) -> None:
    """Opens connections, and holds them for as long as this process lives."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ready = select.epoll()
    held = {}

    def open_one() -> None:
        connection = socket.create_connection(("127.0.0.1", port))
        held[connection.fileno()] = connection
        ready.register(connection, select.EPOLLIN | select.EPOLLRDHUP)

    for _ in range(count):
        open_one()
    print("open", flush=True)
    while True:
        for number, _ in ready.poll():
            ready.unregister(number)
            closed = held.pop(number)
            if again:
                closed.close()
                # The app may have a full queue; there is always a next time.
                with contextlib.suppress(OSError):
                    open_one()
            else:
                held[-number] = closed


if __name__ == "__main__":
    hold(int(sys.argv[1]), int(sys.argv[2]), "--again" in sys.argv)
