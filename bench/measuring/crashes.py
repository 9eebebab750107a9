"""How long after a service has killed itself the next one begins."""

import random
import subprocess
from pathlib import Path

from . import supervisors
from .marks import Marks
from .places import program
from .supervisors import NO_PAUSE, Service, marked
from .world import Program, World

CRASHES = 5
# In ms, before the next crash.
LIFE = 200
# The pauses of a manifest that says nothing, in ms, which older versions always make.
PAUSES = [100, 200, 400, 800, 1600]
LOADING_TITLE = "the program alone, from its exec on"
Times = dict[str, list[float]]


def measure(world: World, folder: Path) -> Times:
    """Lets a service crash under each, in a new order."""
    folder.mkdir(parents=True)
    without_pause = supervisors.knows_no_pause(folder / "check")
    kinds = {**supervisors.ALL, "a shell's loop": loop}
    found = loading(world, folder)
    for title in random.sample(list(kinds), len(kinds)):
        own = folder / title.split()[-1]
        own.mkdir()
        marks = Marks(own / "m")
        steps = ["mark=begun", *ready_steps(title), f"wait={LIFE}", "mark=dying", "crash"]
        more = NO_PAUSE if without_pause else ""
        service = Service("crashing", marked(marks.path, *steps), ready='"notify"', more=more)
        running = kinds[title](world, own, [service])
        try:
            times = pauses(marks)
        finally:
            running.end()
            marks.close()
        if title == "Ensconce" and not without_pause:
            title = "Ensconce, without its pause of 100 ms and more"
            times = [time - pause for time, pause in zip(times, PAUSES)]
        found[title] = times
    return found


def loading(world: World, folder: Path) -> Times:
    """What the program itself needs to begin, which every way to start it has to wait for."""
    marks = Marks(folder / "m")
    again = " ".join(marked(marks.path, "mark=begun"))
    try:
        for _ in range(CRASHES):
            command = marked(marks.path, "mark=dying", f"exec={again}")
            subprocess.run(command, env=world.environment, check=True)
        marks.wait("begun", CRASHES)
        found = marks.all()
    finally:
        marks.close()
    return {LOADING_TITLE: [(begun - before) / 1e6 for (_, before), (_, begun) in zip(found[::2], found[1::2])]}


def ready_steps(title: str) -> list[str]:
    """Only what was ready is started again by Ensconce."""
    return ["notify"] if title == "Ensconce" else []


def loop(world: World, folder: Path, services: list[Service]) -> Program:
    """What a fork and an exec cost at least."""
    script = 'while :; do "$@"; done'
    command = [program("sh"), "-c", script, "sh", *services[0].command]
    return Program(command, world.environment, folder / "loop.log")


def pauses(marks: Marks) -> list[float]:
    """Returns the times from each death to the next birth, in ms."""
    marks.wait("begun", CRASHES + 1)
    found = marks.all()
    begun, dying = ([at for name, at in found if name == which] for which in ("begun", "dying"))
    return [(after - before) / 1e6 for before, after in zip(dying, begun[1:])][:CRASHES]
