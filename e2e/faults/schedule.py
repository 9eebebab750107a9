"""Makes up an app and what befalls it from a seed. Pure: the same seed, the same schedule."""

import random
from dataclasses import asdict, dataclass

# How often each kind comes up when none is asked for.
KINDS = {
    "kill-app": 5,
    "kill-starting": 5,
    "kill-stopping": 4,
    "kill-twice": 3,
    "kill-guard": 4,
    "guard-then-app": 4,
    "kill-service": 4,
    "kill-child": 3,
    "signal": 4,
    "hang": 3,
    "freeze-guard": 2,
    "fork-bomb": 4,
    "flood": 3,
    "port-taken": 3,
    "disk-full": 2,
    "clock": 3,
    "window": 1,
    "control-port": 2,
}
LISTEN = ("tcp", "tcp", "fixed", "unix", "fd", "handshake-file", "handshake-line", "none")
CHILDREN = ("plain", "setsid", "daemon", "deaf", "frozen", "background")
# What an app goes on after.
FAULTS = ("kill-guard", "kill-service", "kill-child", "hang", "fork-bomb", "flood")
ENDINGS = ("kill", "SIGTERM", "SIGINT", "SIGHUP", "stop-command", "kill-stopping", "twice")
# A task has no setting for it.
TASK_STOP_MS = 10_000
SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP")
STRANGERS = ("fixed-port", "free-port", "gateway-port")


@dataclass(frozen=True)
class Part:
    """A service or a task."""

    name: str
    is_task: bool
    needs: tuple[str, ...]
    # A service that numbers its lines, or `ensconce-fake`, which does not.
    numbers: bool
    listen: str
    ready: str
    # Lines in a second, and to where.
    pace: int
    stream: str
    children: tuple[str, ...]
    # What it does when it is asked to end: `prompt`, `slow`, `deaf`.
    manner: str
    stop_ms: int
    # Ends again and again; the app goes on without it.
    crashes: bool

    @property
    def listens(self) -> bool:
        """Whether the pages can reach it."""
        return self.listen != "none"


@dataclass(frozen=True)
class Fault:
    """Something that befalls a part of the app."""

    kind: str
    after_ms: int
    part: str
    # Chooses one of several processes.
    choice: int


@dataclass(frozen=True)
class Schedule:
    """All that happens in a run."""

    seed: int
    kind: str
    parts: tuple[Part, ...]
    # From the launch, or from when it is ready.
    starting: bool
    faults: tuple[Fault, ...]
    # Whether the app is given the time to mend itself before its end.
    mends: bool
    ending: str
    ending_after_ms: int
    # How long after the order to stop the app is killed, or told once more.
    kill_after_ms: int
    # After its end it is started and killed once more, so long after the launch.
    again_ms: int | None
    # Who takes a port that the app had or wants.
    stranger: str | None
    window: bool

    def part(self, name: str) -> Part:
        """Returns a part by its name."""
        return next(part for part in self.parts if part.name == name)

    def stop_limit(self) -> float:
        """Seconds that an orderly end may take: the slowest chain of needs, one after the other."""
        slowest: dict[str, int] = {}
        for part in self.parts:
            before = max((slowest[need] for need in part.needs), default=0)
            slowest[part.name] = before + (TASK_STOP_MS if part.is_task else part.stop_ms)
        return max(slowest.values()) / 1000

    def describe(self) -> str:
        """Shows everything, for who has to find out what went wrong."""
        plain = asdict(self)
        parts = [f"    {part}" for part in plain.pop("parts")]
        faults = [f"    {fault}" for fault in plain.pop("faults")]
        rest = [f"  {name}: {value}" for name, value in plain.items()]
        return "\n".join([*rest, "  parts:", *parts, "  faults:", *(faults or ["    none"])])


def make(seed: int, kind: str | None = None) -> Schedule:
    """Makes a schedule."""
    rng = random.Random(seed)
    drawn = rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
    kind = kind or drawn
    parts = make_parts(rng, kind)
    return Schedule(
        seed=seed,
        kind=kind,
        parts=parts,
        starting=kind == "kill-starting" or (kind == "signal" and rng.random() < 0.5),
        faults=make_faults(rng, kind, parts),
        mends=rng.random() < 0.4,
        ending=make_ending(rng, kind),
        ending_after_ms=rng.choice([0, rng.randint(0, 60), rng.randint(0, 500)]),
        kill_after_ms=rng.choice([rng.randint(0, 20), rng.randint(0, 300)]),
        again_ms=rng.randint(0, 400) if kind == "kill-twice" or rng.random() < 0.1 else None,
        stranger=make_stranger(rng, kind),
        window=kind == "window",
    )


def make_parts(rng: random.Random, kind: str) -> tuple[Part, ...]:
    """Makes the app: two to six parts, each of which may need any of those before it."""
    parts: list[Part] = []
    for number in range(rng.randint(2, 6)):
        # The first is one that all kinds of faults can befall.
        part = make_part(rng, number, parts, plain=number == 0)
        parts.append(part)
    return tuple(parts)


def make_part(rng: random.Random, number: int, before: list[Part], plain: bool) -> Part:
    """Makes a part; a plain one is a service with a port that numbers its lines."""
    is_task = not plain and rng.random() < 0.2
    crashes = not plain and not is_task and rng.random() < 0.1
    listen = "none" if is_task or crashes else "tcp" if plain else rng.choice(LISTEN)
    numbers = plain or is_task or listen == "fd" or rng.random() < 0.7
    candidates = [part.name for part in before if not part.crashes]
    manner = rng.choice(["prompt", "prompt", "prompt", "slow", "deaf"])
    children = rng.sample(CHILDREN, rng.choice([0, 0, 1, 2, 3]))
    return Part(
        name=f"{'task' if is_task else 'part'}-{number}",
        is_task=is_task,
        needs=tuple(rng.sample(candidates, rng.randint(0, min(2, len(candidates))))),
        numbers=numbers,
        # A stranger can only take a port that the app has.
        listen="fixed" if plain and rng.random() < 0.5 else listen,
        ready=make_ready(rng, listen, numbers),
        pace=rng.choice([10, 100, 500, 2000]),
        stream=rng.choice(["stdout", "stderr"]),
        children=tuple(children),
        manner="prompt" if crashes else manner,
        stop_ms=rng.choice([200, 500, 1000]),
        crashes=crashes,
    )


def make_ready(rng: random.Random, listen: str, numbers: bool) -> str:
    """Chooses how it is known to be ready."""
    if listen.startswith("handshake"):
        return "handshake"
    ways = ["log", "started", "notify"]
    if listen != "none":
        ways += ["tcp", "http", "http"]
    return rng.choice(ways)


def make_faults(rng: random.Random, kind: str, parts: tuple[Part, ...]) -> tuple[Fault, ...]:
    """Makes what befalls the app before its end: what the kind says, and now and then more."""
    main = {"guard-then-app": "kill-guard", "clock": "jump-clock", "disk-full": "fill-disk"}
    main = main.get(kind, kind)
    kinds = [main] if main in (*FAULTS, "freeze-guard", "jump-clock", "fill-disk") else []
    more = rng.choice([0, 0, 1, 2]) if kind not in ("freeze-guard", "guard-then-app") else 0
    if kind not in ("kill-starting", "port-taken"):
        kinds = [*rng.choices(FAULTS, k=more), *kinds]
    return tuple(make_fault(rng, kind, parts) for kind in kinds)


def make_fault(rng: random.Random, kind: str, parts: tuple[Part, ...]) -> Fault:
    """Chooses when a fault befalls which part."""
    services = [part for part in parts if not part.is_task and not part.crashes]
    if kind in ("fork-bomb", "flood"):
        services = [part for part in services if part.numbers]
    if kind == "kill-child":
        services = [part for part in services if part.children] or services
    part = rng.choice(services)
    return Fault(kind, rng.choice([0, rng.randint(0, 300)]), part.name, rng.randint(0, 9))


def make_stranger(rng: random.Random, kind: str) -> str | None:
    """Chooses which port a stranger takes, if any."""
    if kind == "control-port":
        return kind
    return rng.choice(STRANGERS) if kind == "port-taken" else None


def make_ending(rng: random.Random, kind: str) -> str:
    """Chooses how the app ends."""
    if kind in ("kill-app", "kill-starting", "kill-twice", "guard-then-app"):
        return "kill"
    if kind == "kill-stopping":
        return kind
    if kind == "control-port":
        return "kill"
    if kind == "signal":
        return rng.choice([*SIGNALS, "twice"])
    return rng.choice(ENDINGS)
