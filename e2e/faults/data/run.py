"""Does what a schedule says."""

import contextlib
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.raw import Visitor
from harness.waiting import eventually
from harness.world import Program, World

from ..limit import Limit
from ..strangers import SmallDisk
from . import check, found
from .app import COLOURS, OLD, App, template
from .control import Control
from .moment import Held, Moment, Wait
from .phase import DataFolder
from .schedule import Cell, Schedule

# With what Ensconce leaves for others, enough for some copies of the data.
DISK = "64m"
# How long anything may take that was asked for; more is stuck.
LIMIT = 30
# How soon nothing may be left of what was killed.
GONE_LIMIT = 5
SIGNALS = {"term": signal.SIGTERM, "kill": signal.SIGKILL}
RELOADED = "The manifest was saved"
# How long the work is held while something is asked that may have to wait for it.
HOLD = 0.05


@dataclass
class Run:
    """A run of a schedule, in a world of its own."""

    schedule: Schedule
    world: World = field(default_factory=World)
    done: list[str] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    app: Program | None = None
    visitor: Visitor | None = None
    work: Program | None = None
    disk: SmallDisk | None = None
    # The fault as it was in the end; none when the work was over before.
    hit: Cell | None = None
    # What was saved: each answer, and whether it was acknowledged.
    saved: list[tuple[str, bool]] = field(default_factory=list)
    asking: list[threading.Thread] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        schedule = self.schedule
        self.template = template(schedule.journal)
        self.version = schedule.version
        self.files = App(self.world, schedule.journal)
        self.data = self.world.data / "data"
        self.export = self.world.folder / "out.ensconce"
        self.folder = DataFolder(self.data, self.export)
        self.control = Control(self.data)

    def perform(self) -> None:
        """Does everything."""
        self.prepare()
        self.begin()
        self.strike()
        self.settle()
        self.go_back()
        self.start_in_vain()
        check.all_is_well(self)

    def close(self) -> None:
        """Leaves nothing of the run behind."""
        self.world.close()
        if self.disk:
            self.disk.remove()
            self.world.close()

    # --- Before -------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Puts the old data in its place, and starts the app if it is to run."""
        schedule = self.schedule
        if schedule.small_disk:
            self.disk = SmallDisk(self.world.data, DISK)
        migrates = schedule.cell.work == "migrate"
        shutil.copytree(
            self.template.data(1 if migrates else self.version),
            self.world.data,
            dirs_exist_ok=True,
        )
        self.manifest = self.files.write(self.version)
        if schedule.cell.phase == "putting-back":
            (self.files.notes / "fail").touch()
        if schedule.running and not migrates:
            self.start()
            self.wait_until_it_works()

    def start(self) -> None:
        """Starts the app."""
        command = ["run"] if self.schedule.cell.fault != "reload" else ["dev"]
        self.app = self.launch(*command, "--headless", self.manifest)
        self.visitor = None

    def launch(self, *arguments: str | Path) -> Program:
        """Starts a command about the app."""
        program = self.world.run(*arguments, "--data-dir", self.world.data)
        self.programs.append(program)
        self.note(f"process {program.pid}: {' '.join(map(str, arguments))}")
        return program

    def begin(self) -> None:
        """Begins the work."""
        work = self.schedule.cell.work
        if work == "migrate":
            self.start()
            self.work = self.app
            return
        backup, new = self.template.backup, self.template.export
        arguments = {
            "backup": ("backup", "--manifest", self.manifest),
            "restore": ("restore", "main", backup, "--manifest", self.manifest),
            "export": ("export", self.export, self.manifest),
            "import": ("import", new, self.manifest),
        }
        self.work = self.launch(*arguments[work])

    # --- The fault ----------------------------------------------------------------------------

    def strike(self) -> None:
        """Waits for the moment, and lets the fault happen."""
        cell = self.schedule.cell
        if self.schedule.full_at:
            held = self.hold(lambda phase, _: phase == self.schedule.full_at)
            self.disk.fill()
            self.note(f"filled the disk at {held.phase}")
            held.go_on()
        if cell.phase == "random":
            time.sleep(self.schedule.moment * self.template.seconds[cell.work])
            held = self.hold(lambda _, helper: self.has_victim(helper))
        else:
            held = self.hold(lambda phase, helper: phase == cell.phase and self.has_victim(helper))
        self.note(f"{cell.fault} at {held.phase}, {'with' if held.helper else 'without'} helper")
        try:
            if held.phase != "over" and self.inflict(held):
                phase = "random" if cell.phase == "random" else held.phase
                self.hit = Cell(cell.work, phase, cell.fault)
        finally:
            held.go_on()

    def hold(self, wanted: Callable[[str, bool], bool]) -> Moment:
        """Waits for a moment; the helper stands still."""
        doer = self.app if self.schedule.running else self.work
        limit = time.monotonic() + LIMIT
        over = lambda: self.is_over() or time.monotonic() > limit  # noqa: E731
        return Wait(doer.pid, self.phase, wanted, over, self.schedule.steps).wait()

    def phase(self, has_helper: bool) -> str:
        """How far the work has come."""
        if self.disk and self.disk.filler.exists():
            # What stops, or is taken back, makes room again.
            self.disk.fill()
        return self.folder.phase(self.schedule.cell.work, has_helper)

    def is_over(self) -> bool:
        """Whether the work has ended."""
        if self.schedule.cell.work == "migrate":
            return self.work.process.poll() is not None or bool(self.app.stdout())
        return self.work.process.poll() is not None

    def has_victim(self, has_helper: bool) -> bool:
        """Whether there is what the fault befalls."""
        return has_helper or self.schedule.cell.fault.partition("-")[0] not in ("helper", "guard")

    def inflict(self, held: Moment) -> bool:
        """Lets the fault happen; whether it could."""
        fault = self.schedule.cell.fault
        whom, _, how = fault.partition("-")
        if fault == "full-disk":
            self.disk.fill()
        elif fault == "save":
            self.ask(self.save, "blue")
        elif fault == "restart":
            self.ask(self.restart, "migrate" if self.schedule.choice < 3 else "web")
        elif fault == "reload":
            self.reload()
        elif whom in ("helper", "guard"):
            victim: Held | None = getattr(held, whom)
            if victim:
                victim.send(SIGNALS[how])
            return victim is not None
        else:
            program = self.app if whom == "app" else self.work
            program.process.send_signal(SIGNALS[how])
        return True

    def ask(self, what: Callable[[str], None], argument: str) -> None:
        """Asks the app for something, which may have to wait until the work goes on."""
        asking = threading.Thread(target=self.guarded, args=(what, argument), daemon=True)
        asking.start()
        self.asking.append(asking)
        asking.join(HOLD)

    def guarded(self, what: Callable[[str], None], argument: str) -> None:
        """Does something in a thread; what goes wrong is told in the end."""
        try:
            what(argument)
        except Exception as error:
            # An app that may have ended by itself need not answer.
            if not (isinstance(error, check.NO_ANSWER) and check.may_fail(self)):
                self.problems.append(f"{what.__name__} {argument}: {error!r}")

    def save(self, colour: str) -> None:
        """Saves the setting a few times."""
        for number in range(1, 4):
            text = f"{colour}-{number}"
            self.saved.append((text, False))
            acknowledged = self.control.save(text)
            self.saved[-1] = (text, acknowledged)
            self.note(f"saved {text}: {acknowledged}")

    def restart(self, name: str) -> None:
        """Restarts a part of the app."""
        self.note(f"restart of {name}: {self.control.restart(name)}")

    def reload(self) -> None:
        """Edits the manifest, perhaps to the next version, and waits until that was seen."""
        if self.schedule.choice < 5 and self.version == 1:
            self.version = 2
        self.files.changes += 1
        self.manifest = self.files.write(self.version)
        with contextlib.suppress(AssertionError):
            # The app may have to wait for the work; then this is seen later.
            eventually(lambda: RELOADED in self.app.stderr(), "it was seen", within=0.5)
        self.note(f"reloaded as version {self.version}")

    # --- Afterwards ---------------------------------------------------------------------------

    def settle(self) -> None:
        """Waits until nothing goes on any more; then the app is stopped."""
        schedule = self.schedule
        self.check_end_of_work()
        for asking in self.asking:
            asking.join(LIMIT)
            assert not asking.is_alive(), "What was asked meanwhile is not answered"
        assert not self.problems, self.problems
        if schedule.kills_app and self.hit:
            doer = self.app if schedule.running else self.work
            code = doer.exit_code(within=LIMIT)
            self.note(f"ended with code {code}")
        elif self.app:
            if self.disk and schedule.choice < 5:
                self.disk.free()
            self.wait_until_it_works()
            self.stop()
        self.check_gone()
        if self.disk:
            self.disk.free()
        with contextlib.suppress(FileNotFoundError):
            (self.files.notes / "fail").unlink()

    def check_end_of_work(self) -> None:
        """Whoever asked for the work is told how it went."""
        if self.schedule.cell.work == "migrate":
            return
        code = self.work.exit_code(within=LIMIT)
        self.note(f"the work has ended with code {code}")

    def wait_until_it_works(self) -> None:
        """Waits until the app answers, or has ended by itself, if that is what it may do."""
        eventually(self.works_or_has_ended, "the app works", within=LIMIT, ignoring=check.NO_ANSWER)
        code = self.app.process.poll()
        if code is not None:
            self.note(f"the app has ended by itself with code {code}")
            assert code == 1, f"Ended with code {code}: {self.app.stderr()}"
            assert check.may_fail(self), f"The app has failed: {self.app.stderr()}"

    def works_or_has_ended(self) -> bool:
        """Whether the app answers, or need not be waited for."""
        if self.app.process.poll() is not None:
            return True
        return (check.may_fail(self) and self.failed()) or self.answers()

    def answers(self) -> bool:
        """Whether the app answers; on a full disk it may say that it cannot write."""
        if not self.visitor:
            told = self.app.stdout()
            if not told.endswith("\n"):
                return False
            self.visitor = Visitor(told.strip(), timeout=3)
            self.visitor.enter()
        return self.visitor.get("/web").status in ((200, 507) if self.disk else (200,))

    def failed(self) -> bool:
        """Whether the app says that it has failed, and goes on to be there."""
        return b'"failed"' in self.control.send("GET", "/status").body

    def stop(self) -> None:
        """Stops the app in order."""
        if self.app.process.poll() is None:
            self.app.process.terminate()
            code = self.app.exit_code(within=LIMIT)
            self.note(f"stopped with code {code}")
            assert code == 0 or check.may_fail(self), f"Ended with code {code}"

    def check_gone(self) -> None:
        """Nothing of any program is left."""
        for program in self.programs:
            limit = Limit(GONE_LIMIT)
            limit.until(lambda one=program: not one.app.processes(), "nothing is left")

    def go_back(self) -> None:
        """Lets the former version work on the data, which is as it was before the update."""
        if not (self.schedule.goes_back and self.hit) or self.folder.is_updated():
            return
        self.manifest = self.files.write(1)
        self.start()
        works = lambda: check.works(self)  # noqa: E731
        eventually(works, "the former version works", within=LIMIT, ignoring=check.NO_ANSWER)
        self.stop()
        self.check_gone()
        schema = found.database(self.data / "notes.db").schema
        assert schema == 1, f"The former version has worked with schema {schema}"
        self.note("the former version has run")
        self.manifest = self.files.write(self.version)

    def start_in_vain(self) -> None:
        """Starts the app, and kills it at a random moment."""
        if self.schedule.again_ms is None:
            return
        self.start()
        time.sleep(self.schedule.again_ms / 1000)
        self.app.process.kill()
        self.app.process.wait()
        self.note("killed the next start")
        self.check_gone()

    # --- What is told -------------------------------------------------------------------------

    def colours(self) -> set[str]:
        """The answers that may be there: the last acknowledged, or one that was asked for later."""
        kept = {COLOURS[OLD]}
        for text, acknowledged in self.saved:
            kept = {text} if acknowledged else {*kept, text}
        return kept

    def note(self, what: str) -> None:
        """Remembers what was done."""
        self.done.append(f"{time.monotonic() - self.begun:7.3f} s  {what}")

    def evidence(self) -> str:
        """Shows what was done, and the last words of all programs."""
        lines = ["  what was done:", *(f"    {line}" for line in self.done)]
        for program in self.programs:
            lines.append(f"  process {program.pid}, {program.process.args[1:]}:")
            said = program.stdout() + program.stderr()
            lines += [f"    {line}" for line in said.splitlines()[-15:]]
            lines += [f"    alive: {one.argv}" for one in program.app.processes()]
        listed = sorted(self.world.data.rglob("*")) if self.world.data.exists() else []
        shown = [str(path.relative_to(self.world.data)) for path in listed if show(path)]
        lines += ["  files:", *(f"    {line}" for line in shown[:60])]
        with contextlib.suppress(OSError):
            lines.append("  journal: " + (self.data / ".ensconce/swap").read_text())
        return "\n".join(lines)


def show(path: Path) -> bool:
    """Whether a file is worth to be shown: not one of hundreds."""
    return not path.name.startswith(("file-", "only-")) and "logs" not in path.parts
