"""Silent connections of another user to an app that somebody else uses."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from .places import CLI
from .table import table
from .world import Program, World, home

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
        # Read by us: the folder may be closed to others.
        source = Path(__file__).with_name("silent.py").read_text()
        command = [*AS_NOBODY, sys.executable, "-I", "-", str(port), str(count)]
        command += ["--again"] * again
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
    """A headless app with one static page, and somebody who uses it."""

    def __init__(self, world: World) -> None:
        folder = world.folder / "strangers"
        (folder / "site").mkdir(parents=True)
        (folder / "site" / "index.html").write_text("<p>Hello")
        (folder / "ensconce.toml").write_text(MANIFEST)
        command = [CLI, "run", "--headless", "--data-dir", folder / "data", folder]
        environment = world.environment | home(folder / "home")
        self.program = Program(command, environment, folder / "log", stdout=subprocess.PIPE)
        url = urlsplit(self.program.process.stdout.readline().decode().strip())
        self.address, self.port = url.netloc, url.port
        connection = http.client.HTTPConnection(self.address, timeout=LIMIT)
        connection.request("GET", f"{url.path}?{url.query}")
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

    def descriptors(self) -> int:
        """Counts the files that the app has open."""
        return len(os.listdir(f"/proc/{self.program.pid}/fd"))

    def close(self) -> None:
        """Ends it."""
        self.program.end()


def measure(world: World, count: int, requests: int) -> dict:
    """Asks an app without strangers, while they come, and with them there; prints a table."""
    app = App(world)
    report: dict = {"nobody else": latencies(app, requests)}
    try:
        for again, title in ((False, f"{count} silent"), (True, f"{count}, each anew when closed")):
            with ThreadPoolExecutor(1) as pool:
                coming = pool.submit(Strangers, app.port, count, again)
                report[f"{title}: while they come"] = latencies(app, requests, coming.done)
                strangers = coming.result()
            try:
                report[f"{title}: there"] = latencies(app, requests)
                report[f"{title}: descriptors of the app"] = app.descriptors()
            finally:
                strangers.close()
    finally:
        app.close()
    show(report)
    return report


def show(report: dict) -> None:
    """Prints the latencies of the next request, in ms."""
    rows = []
    for title, found in report.items():
        if isinstance(found, int):
            rows.append([title, "", str(found), "", ""])
            continue
        for connection, taken in found.items():
            ordered = sorted(taken)
            numbers = (ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1])
            rows.append([title, connection, *(f"{number:.2f}" for number in numbers)])
    print("\nStrangers: the next request of who uses the app, in ms\n")
    print(table(["", "connection", "median", "p99", "max"], rows), flush=True)


def latencies(app: App, most: int, over: Callable[[], bool] = lambda: False) -> dict[str, list[float]]:
    """Asks by turns on a new connection and on one that is kept."""
    found: dict[str, list[float]] = {"new": [], "kept": []}
    while len(found["new"]) < most and not (found["new"] and over()):
        found["new"].append(app.latency(kept=False))
        found["kept"].append(app.latency(kept=True))
    return found
