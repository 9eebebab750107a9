"""The ways to start that are measured side by side."""

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .busy import BusyClock
from .places import EMPTY_WINDOW, PYTHON, SERVER, SHELL
from .world import Program, World, bench_path, home

HEALTH = "/api/v1/utils/health-check/"
LIMIT = 60
EVENT_PAUSE = 0.005
POLL_PAUSE = 0.001

Times = dict[str, float]


class Start:
    """One start of one case: its folders, its environment, its events."""

    def __init__(self, world: World, manifest: Path, folder: Path) -> None:
        self.folder = folder
        self.manifest = manifest
        self.data = folder / "data"
        self.events = folder / "events"
        self.events.write_text("")
        self.others = 0.0
        # Short, because a Unix socket's path must be.
        self.socket = world.folder / "s"
        self.socket.unlink(missing_ok=True)
        self.clock: BusyClock | None = None
        self.environment = (
            world.environment
            | home(folder / "home")
            | {
                "BENCH_EVENTS": str(self.events),
                "PYTHONPATH": bench_path(),
                # Compiled files must not be written by whoever comes first.
                "PYTHONDONTWRITEBYTECODE": "1",
            }
        )

    def program(self, command: list, **variables: str) -> Program:
        """Starts a program."""
        environment = self.environment | variables
        self.clock = self.clock or BusyClock()
        return Program(command, environment, self.folder / "log", cwd=self.folder)

    def wait_for_event(self, *names: str) -> None:
        """Waits until one of these events is noted."""
        deadline = time.monotonic() + LIMIT
        while not any(name in self.noted() for name in names):
            if time.monotonic() > deadline:
                log = (self.folder / "log").read_text(errors="replace")
                raise TimeoutError(f"No {names[0]} in {LIMIT} s; the log says:\n{log}")
            time.sleep(EVENT_PAUSE)

    def noted(self) -> dict[str, int]:
        """Returns the events and when they were, in nanoseconds."""
        lines = (line.split() for line in self.events.read_text().splitlines())
        return {parts[0]: int(parts[1]) for parts in lines if len(parts) == 2}

    def end(self, *programs: Program) -> None:
        """Ends what was started, and keeps how much of the machine others used meanwhile."""
        if self.clock:
            self.others = self.clock.others([program.pid for program in programs])
        for program in programs:
            program.end()

    def times(self, begun: int) -> Times:
        """Returns the events in milliseconds since the start, and the part that others used."""
        times = {name: (at - begun) / 1e6 for name, at in self.noted().items()}
        return times | {"others": self.others}


def ensconce(start: Start) -> Times:
    """Ensconce, from its launch to the page's load event."""
    command = [SHELL, "--manifest", start.manifest, "--data-dir", start.data]
    program = start.program(command)
    try:
        start.wait_for_event("loaded")
        start.wait_for_event("items-answered")
    finally:
        start.end(program)
    return start.times(program.begun)


def back_end(start: Start) -> Times:
    """The server alone, until its health check answers."""
    program = start_back_end(start)
    try:
        answered = poll(start.socket)
    finally:
        start.end(program)
    return start.times(program.begun) | {"ready": (answered - program.begun) / 1e6}


def start_back_end(start: Start) -> Program:
    """Migrates and serves by a plain script, on a Unix socket as under Ensconce."""
    serve = f'"$0" -m app.migrate && exec "$0" -m uvicorn timed_app:app --uds {start.socket}'
    script = f"cd {SERVER} && {serve}"
    return start.program(["sh", "-c", script, PYTHON], DATA_DIR=str(start.data))


def poll(path: Path) -> int:
    """Asks the health check every millisecond; returns the time of the first good answer."""
    request = f"GET {HEALTH} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(path))
            connection.sendall(request)
            if b" 200 " in connection.recv(4096).split(b"\r\n")[0]:
                return time.monotonic_ns()
        time.sleep(POLL_PAUSE)
    raise TimeoutError(f"The health check did not answer in {LIMIT} s")


def empty_window(start: Start) -> Times:
    """A Tauri window with a static page, until the page's load event."""
    program = start.program([EMPTY_WINDOW])
    try:
        start.wait_for_event("loaded", "loaded-hidden")
    finally:
        start.end(program)
    times = start.times(program.begun)
    return times | {"loaded": times.get("loaded") or times["loaded-hidden"]}


def both_at_once(start: Start) -> Times:
    """The server alone and the empty window, started at once: what the machine can do at best."""
    server = start_back_end(start)
    window = start.program([EMPTY_WINDOW])
    answered: list[int] = []
    poller = threading.Thread(target=lambda: answered.append(poll(start.socket)))
    poller.start()
    try:
        start.wait_for_event("loaded", "loaded-hidden")
        poller.join()
    finally:
        start.end(server, window)
    times = start.times(server.begun)
    page = times.get("loaded") or times["loaded-hidden"]
    return times | {"ready": max(page, (answered[0] - server.begun) / 1e6)}


def by_hand(start: Start) -> Times:
    """Tauri by hand: migrate, serve, ask every 100 ms, then open the window."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = start.program(
        [EMPTY_WINDOW, "--by-hand"],
        BENCH_PORT=str(port),
        BENCH_PYTHON=str(PYTHON),
        BENCH_SERVER=str(SERVER),
        DATA_DIR=str(start.data),
        WEB_DIST=str(start.manifest.parent / "web" / "dist"),
    )
    try:
        start.wait_for_event("loaded")
        start.wait_for_event("items-answered")
    finally:
        start.end(program)
    return start.times(program.begun)


@dataclass(frozen=True)
class Case:
    """A way to start."""

    key: str
    title: str
    run: Callable[[Start], Times]
    """Starts once, and ends it again."""
    mark: str
    """The event that counts."""


CASES = [
    Case("ensconce", "Ensconce: page loaded", ensconce, "loaded"),
    Case("back_end", "(a) back end alone: health check answers", back_end, "ready"),
    Case("empty_window", "(b) empty Tauri window: page loaded", empty_window, "loaded"),
    Case("by_hand", "(c) Tauri by hand: page loaded", by_hand, "loaded"),
    Case("both", "(a) and (b) at once: the later one", both_at_once, "ready"),
]


def run_once(world: World, case: Case, manifest: Path, fresh: bool) -> Times:
    """Starts a case, with an empty data folder or with what the start before it left."""
    folder = world.folder / case.key
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    return case.run(Start(world, manifest, folder))
