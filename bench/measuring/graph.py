"""How long 200 services take to start that need each other, against their critical path."""

import contextlib
import random
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from .dependency import GUARD_TITLE, started
from .marks import Marks
from .places import GUARD
from .supervisors import Service, ensconce, marked
from .world import World, descendants

SERVICES = 200
LAYERS = 20
SEED = 5
# The first layer waits for one more service, whose mark is when the clock starts.
GATE = "gate"
GATE_WAIT = 1000
ALONE = 30
ALONE_WAIT = 20


@dataclass
class Node:
    """A service: how long it waits until it is ready, in ms, and what it needs."""

    name: str
    wait: int
    needs: list[str]

    def steps(self) -> list[str]:
        """What it does until it is ready."""
        return [f"wait={self.wait}", f"mark={self.name}"]


@dataclass
class Run:
    """One start of a graph."""

    took: float
    """ms from the clock's start to the last service's readiness."""
    cpu: float
    """ms of CPU time of all processes."""


@dataclass
class Costs:
    """What one of the services takes besides its wait, when nothing else starts."""

    start: float
    """ms from the fork until it is ready."""
    cpu: float
    """ms of CPU time."""


@dataclass
class Graph:
    """The services, and how long they wait on average, in ms."""

    mean: int
    nodes: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        chance = random.Random(SEED)
        layers: list[list[str]] = [[] for _ in range(LAYERS)]
        for number in range(SERVICES):
            # Each layer gets one, the others fall where they may.
            layer = number if number < LAYERS else chance.randrange(LAYERS)
            layers[layer].append(f"s{number}")
        for place, names in enumerate(layers):
            above = layers[place - 1] if place else [GATE]
            for name in names:
                needs = chance.sample(above, min(len(above), chance.randint(1, 3)))
                wait = round(self.mean * chance.uniform(0.5, 1.5))
                self.nodes.append(Node(name, wait, needs))

    def critical_path(self, start: float) -> float:
        """Returns the ms of the longest chain, when each service takes its wait and its start."""
        ready = {GATE: 0.0}
        for node in self.nodes:
            ready[node.name] = max(ready[need] for need in node.needs) + node.wait + start
        return max(ready.values())


def alone(world: World, folder: Path) -> Costs:
    """Measures one of the services by itself, many times."""
    marks = Marks(folder)
    starts = []
    before = children_cpu()
    try:
        for number in range(ALONE):
            name = f"alone-{number}"
            begun = time.monotonic_ns()
            command = marked(marks.path, f"wait={ALONE_WAIT}", f"mark={name}")
            subprocess.run(command, env=world.environment, check=True)
            starts.append((marks.wait(name) - begun) / 1e6 - ALONE_WAIT)
    finally:
        marks.close()
    return Costs(statistics.median(starts), (children_cpu() - before) * 1000 / ALONE)


def children_cpu() -> float:
    """Returns the CPU seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(world: World, folder: Path, graph: Graph) -> dict[str, list[Run]]:
    """Starts the graph once in each way, in a new order."""
    kinds = {"Ensconce": under_ensconce, "a script that is told": script, GUARD_TITLE: guarded_script}
    found = {}
    for title in random.sample(list(kinds), len(kinds)):
        own = folder / kinds[title].__name__
        own.mkdir(parents=True)
        marks = Marks(own / "m")
        try:
            found[title] = [kinds[title](world, own, graph, marks)]
        finally:
            marks.close()
    return found


def under_ensconce(world: World, folder: Path, graph: Graph, marks: Marks) -> Run:
    """Ensconce, told by READY=1."""
    gate = marked(marks.path, "mark=there", f"wait={GATE_WAIT}", f"mark={GATE}", "notify", "stay")
    services = [Service(GATE, gate, ready='"notify"')]
    services += [
        Service(node.name, marked(marks.path, *node.steps(), "notify", "stay"), node.needs, '"notify"')
        for node in graph.nodes
    ]
    program = ensconce(world, folder, services)
    try:
        marks.wait("there")
        before = cpu_of_tree(program.pid)
        # The gate is a mark as well, and "there".
        marks.wait_for_all(SERVICES + 2)
        cpu = cpu_of_tree(program.pid) - before
    finally:
        program.end()
    times = marks.times()
    return Run((max(times.values()) - times[GATE]) / 1e6, cpu * 1000)


def script(world: World, folder: Path, graph: Graph, marks: Marks) -> Run:
    """The least that can be done: a fork and an exec when the last need is there."""
    return by_script(world, graph, marks, [])


def guarded_script(world: World, folder: Path, graph: Graph, marks: Marks) -> Run:
    """The same with a guard for each."""
    return by_script(world, graph, marks, [str(GUARD), "run"])


def by_script(world: World, graph: Graph, marks: Marks, before: list[str]) -> Run:
    """Starts each service when the mark of its last need has come."""
    with contextlib.ExitStack() as running:
        ready = {GATE}
        waiting = list(graph.nodes)
        seen = 0
        begun = time.monotonic_ns()
        pids = []
        while True:
            for node in [node for node in waiting if ready.issuperset(node.needs)]:
                waiting.remove(node)
                command = [*before, *marked(marks.path, *node.steps(), "stay")]
                pids.append(running.enter_context(started(world, command)).pid)
            if seen == SERVICES:
                cpu = sum(cpu_of_tree(pid) for pid in pids)
                return Run((max(marks.times().values()) - begun) / 1e6, cpu * 1000)
            new = marks.next_after(seen)
            seen += len(new)
            ready.update(name for name, _ in new)


def cpu_of_tree(root: int) -> float:
    """Returns the CPU seconds of all processes of a tree that live, more exactly than in ticks."""
    nanoseconds = 0
    for pid in descendants(root):
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                nanoseconds += int(thread.read_text().split()[0])
    return nanoseconds / 1e9
