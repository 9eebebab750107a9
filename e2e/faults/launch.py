"""One launch of a schedule's app: until it is up, whether it works, how it ends."""

import contextlib
import json
import signal
from dataclasses import dataclass, field

from harness import processes
from harness.raw import Visitor
from harness.waiting import eventually
from harness.world import Program, World

from . import family
from .apps import MadeApp
from .limit import Limit
from .schedule import Schedule

UP_LIMIT = 30
MEND_LIMIT = 15
# A request may have gone to a stranger who had just taken the port of a service.
ANSWER_LIMIT = 3
COMMAND_LIMIT = 15
# How soon nothing may be left of an app that was killed.
GONE_LIMIT = 0.5
# WebKit's own processes end when they see that their window's is gone.
WINDOW_GONE_LIMIT = 5


@dataclass
class Launch:
    """A launch."""

    world: World
    schedule: Schedule
    app: MadeApp
    changes: dict[str, str] = field(default_factory=dict)
    visitor: Visitor | None = None
    # Begins when it is killed.
    killed: Limit | None = None

    def __post_init__(self) -> None:
        if self.schedule.window:
            self.program: Program = self.world.start_shell(self.app.manifest, **self.changes)
        else:
            self.program = self.world.run_headless(self.app.manifest, **self.changes)

    @property
    def mark(self) -> str:
        """What its processes carry."""
        return self.program.app.mark

    @property
    def has_ended(self) -> bool:
        """Whether its own process is over."""
        return self.program.process.poll() is not None

    def wait_until_up(self) -> None:
        """Waits for its first page."""
        if self.schedule.window:
            eventually(self._all_ready, "all services are ready", within=UP_LIMIT)
        else:
            self.visitor = Visitor(self.program.url(within=UP_LIMIT), timeout=ANSWER_LIMIT)
            assert self.visitor.enter().status == 303, "The link does not open the app"

    def wait_until_it_works(self, without: set[str]) -> None:
        """Waits until its pages and all services answer, but those that cannot."""
        eventually(
            lambda: self.has_ended or self._works(without),
            "the pages and all services answer",
            within=MEND_LIMIT,
            ignoring=(OSError, ValueError, IndexError),
        )

    def _works(self, without: set[str]) -> bool:
        if not self.visitor:
            return self._all_ready(without)
        paths = [f"/{part.name}" for part in self.schedule.parts if part.listens]
        asked = ["/", *(path for path in paths if path[1:] not in without)]
        return all(self.visitor.get(path).status == 200 for path in asked)

    def _all_ready(self, without: frozenset[str] | set[str] = frozenset()) -> bool:
        assert not self.has_ended, f"It ended: {self.program.stderr()}"
        status = self.command("status", "--json")
        if status.process.returncode:
            return False
        expected = [part for part in self.schedule.parts if not part.crashes]
        jobs = json.loads(status.stdout())["jobs"]
        ready = {job["name"] for job in jobs if job["state"] == "ready"}
        return {part.name for part in expected} - without <= ready

    def command(self, name: str, *arguments: str) -> Program:
        """Runs a command about the app, and waits for its end."""
        target = ["--data-dir", self.world.data, self.app.manifest]
        program = self.world.run(name, *arguments, *target)
        program.exit_code(within=COMMAND_LIMIT)
        return program

    def kill(self) -> None:
        """Kills its own process, and nothing else."""
        self.killed = Limit(GONE_LIMIT)
        with contextlib.suppress(ProcessLookupError):
            self.program.signal(signal.SIGKILL)
        self.program.process.wait()

    def left(self) -> list[processes.Process]:
        """Returns what is alive of it."""
        return self.program.app.processes()

    def left_of_parts(self) -> list[processes.Process]:
        """Returns what is alive of its services and tasks."""
        return [one.process for one in family.members(self.mark)]
