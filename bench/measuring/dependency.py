"""How long after a service is ready the one that needs it begins."""

import contextlib
import random
import socket
import subprocess
import time
from pathlib import Path

from .marks import LIMIT, Marks
from .places import FAKE, GUARD
from .supervisors import Service, ensconce, marked, s6
from .world import World

PAIRS = 8
# One pair at a time, so that none waits for another's processes.
APART = 80
BEGIN = 600
POLL = 0.1

# How a service tells Ensconce that it is ready: its step, its key, and what people call it.
WAYS = {
    "notify": ("notify", '"notify"', "READY=1"),
    "log": ("say=up", '{ log = "^up$" }', "a line of its log"),
    "unix": ("unix={socket}", '"tcp"', "a Unix socket, looked at every 16 ms"),
    "tcp": ("tcp={port}", '"tcp"', "a TCP port, looked at every 16 ms"),
}
NOTIFIED = "Ensconce: READY=1"
GUARD_TITLE = "a script that is told, and ensconce-guard"
LOADING_TITLE = "the program alone, from its exec on"
Times = dict[str, list[float]]


def dependant(marks: Marks, name: str, needs: list[str]) -> Service:
    """The service that begins, and does nothing else."""
    told = marks.socket(f"after-{name}")
    return Service(f"after-{name}", [str(FAKE), "notify", "stay"], needs, environment={"NOTIFY_SOCKET": told})


def measure(world: World, folder: Path) -> Times:
    """Measures each way once, in a new order."""
    kinds = [under_ensconce, under_s6, polled, told, told_with_guard, loading]
    found: Times = {}
    for kind in random.sample(kinds, len(kinds)):
        own = folder / kind.__name__
        own.mkdir(parents=True)
        marks = Marks(own / "m")
        try:
            found |= kind(world, own, marks)
        finally:
            marks.close()
    return found


def under_ensconce(world: World, folder: Path, marks: Marks) -> Times:
    """All of Ensconce's ways in one launch."""
    services = []
    for place, (way, number) in enumerate((way, number) for number in range(PAIRS) for way in WAYS):
        step, ready, _ = WAYS[way]
        name = f"{way}-{number}"
        # A listener is ready when it listens; the others when they say so.
        mark = f"mark={name}"
        steps = [step, mark] if way in ("unix", "tcp") else [mark, step]
        command = marked(marks.path, f"wait={BEGIN + APART * place}", *steps, "stay")
        services += [Service(name, command, ready=ready), dependant(marks, name, [name])]
    program = ensconce(world, folder, services)
    try:
        return {f"Ensconce: {title}": pauses(marks, way) for way, (_, _, title) in WAYS.items()}
    finally:
        program.end()


def under_s6(world: World, folder: Path, marks: Marks) -> Times:
    """s6, whose services write a line to a descriptor when they are ready."""
    services = []
    for number in range(PAIRS):
        name = f"newline-{number}"
        command = marked(marks.path, f"wait={BEGIN + APART * number}", f"mark={name}", "newline", "stay")
        services += [Service(name, command), dependant(marks, name, [name])]
    program = s6(world, folder, services)
    try:
        return {"s6: a line on a descriptor, s6-svwait": pauses(marks, "newline")}
    finally:
        program.end()


def pauses(marks: Marks, way: str) -> list[float]:
    """Returns the times from ready to begun in ms, when all have begun."""
    names = [f"{way}-{number}" for number in range(PAIRS)]
    begun = [marks.wait(f"after-{name}") for name in names]
    return [(at - marks.wait(name)) / 1e6 for name, at in zip(names, begun)]


def polled(world: World, folder: Path, marks: Marks) -> Times:
    """By hand: a script asks every 100 ms whether the socket accepts connections."""
    found = []
    for number in range(PAIRS):
        path = folder / f"s{number}"
        pause = random.randrange(50, 250)
        command = marked(marks.path, f"wait={pause}", f"unix={path}", f"mark=polled-{number}", "stay")
        with started(world, command):
            while not accepts(path):
                time.sleep(POLL)
            found.append(begin(world, marks, f"polled-{number}", []))
    return {"a script that asks every 100 ms": found}


def accepts(path: Path) -> bool:
    """Whether somebody listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0


def told(world: World, folder: Path, marks: Marks) -> Times:
    """A script that is told and starts the program itself: what starting costs at least."""
    return {"a script that is told: one fork, one exec": script(world, marks, "told", [])}


def told_with_guard(world: World, folder: Path, marks: Marks) -> Times:
    """The same by way of the guard; what is more than this is the supervisor's own part."""
    return {GUARD_TITLE: script(world, marks, "guarded", [str(GUARD), "run"])}


def loading(world: World, folder: Path, marks: Marks) -> Times:
    """What the program itself needs to begin, which every way to start it has to wait for."""
    for number in range(PAIRS):
        service = dependant(marks, f"loading-{number}", [])
        command = marked(marks.path, f"mark=loading-{number}", f"exec={' '.join(service.command)}")
        with started(world, command, **service.environment):
            marks.wait(service.name)
    return {LOADING_TITLE: pauses(marks, "loading")}


def script(world: World, marks: Marks, way: str, before: list[str]) -> list[float]:
    """Waits for each service's mark, and begins what needs it."""
    found = []
    for number in range(PAIRS):
        name = f"{way}-{number}"
        with started(world, marked(marks.path, f"wait={APART}", f"mark={name}", "stay")):
            marks.wait(name)
            found.append(begin(world, marks, name, before))
    return found


def begin(world: World, marks: Marks, name: str, before: list[str]) -> float:
    """Starts what needs a service that is ready; returns the time since that in ms."""
    service = dependant(marks, name, [])
    with started(world, [*before, *service.command], **service.environment):
        begun = marks.wait(service.name)
    return (begun - marks.wait(name)) / 1e6


@contextlib.contextmanager
def started(world: World, command: list[str], **variables: str):
    """Runs a program meanwhile."""
    # A guard is spoken to on its standard input, and kills its program when that is closed.
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(command, env=world.environment | variables, stdin=theirs)
        theirs.close()
        try:
            yield process
        finally:
            ours.close()
            if str(GUARD) not in command[0]:
                process.kill()
            process.wait(LIMIT)
