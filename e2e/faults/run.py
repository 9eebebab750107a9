"""Does what a schedule says, and checks what must hold afterwards."""

import json
import signal
import time
from dataclasses import dataclass, field

from harness import processes
from harness.processes import Gone, listening_ports
from harness.waiting import eventually
from harness.world import World

from . import family, logs
from .apps import MadeApp
from .launch import GONE_LIMIT, WINDOW_GONE_LIMIT, Launch
from .limit import Limit
from .schedule import SIGNALS, Fault, Schedule
from .strangers import CLOCKS, LyingClock, SmallDisk, Stranger

NOT_RUNNING = 3
# A guard that does not do its work is done without after this time, and then what it guarded ends.
FROZEN_GUARD_LIMIT = 3.5
# How long the supervisor may need to take the place of a killed guard.
GUARD_REPLACED_LIMIT = 2.0
# A fork bomb has come to rest by then.
BOMB_LIMIT = 1.0
# What it says when another signal would end it at once.
CUT_SHORT = "kills at once"
SIGNAL_OF = {"fork-bomb": signal.SIGUSR1, "flood": signal.SIGUSR2, "hang": signal.SIGSTOP}


@dataclass
class Run:
    """A run of a schedule, in a world of its own."""

    schedule: Schedule
    world: World = field(default_factory=World)
    launches: list[Launch] = field(default_factory=list)
    gone_after: list[float] = field(default_factory=list)
    # What was done, with the seconds since the first launch.
    done: list[str] = field(default_factory=list)
    # Parts that cannot answer.
    hung: set[str] = field(default_factory=set)
    # Launches of which lines may be missing at the end.
    cut_short: set[str] = field(default_factory=set)
    disk: SmallDisk | None = None
    clock: LyingClock | None = None
    guard_frozen: bool = False
    guard_killed_at: float | None = None
    begun: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        folder = self.world.folder / "app"
        folder.mkdir()
        self.app = MadeApp(folder, self.schedule)
        self.stranger = Stranger()

    def perform(self) -> None:
        """Does everything."""
        kinds = {fault.kind for fault in self.schedule.faults}
        if "fill-disk" in kinds:
            self.disk = SmallDisk(self.world.data / "logs")
        if "jump-clock" in kinds:
            self.clock = LyingClock(self.world.folder)
        self.refuse_a_taken_port()
        launch = self.launch()
        if not self.schedule.starting:
            launch.wait_until_up()
        for fault in self.schedule.faults:
            self.inflict(launch, fault)
        if self.schedule.mends:
            self.mend(launch)
        self.end(launch)
        if self.schedule.again_ms is not None:
            self.kill_another_start()
        self.check_the_next_start()
        self.check_logs()
        former = self.app.former_copies
        assert not former.exists(), f"A new copy was started before: {former.read_text()}"

    def close(self) -> None:
        """Leaves nothing of the run behind."""
        self.stranger.leave()
        self.world.close()
        if any(fault.kind == "fork-bomb" for fault in self.schedule.faults):
            # What becomes another process all the time is not seen by every look.
            limit = Limit(BOMB_LIMIT)
            while not limit.is_over():
                processes.kill_marked(self.world.mark)
        if self.disk:
            self.disk.remove()
            self.world.close()

    # --- Before and between -----------------------------------------------------------------

    def launch(self) -> Launch:
        """Starts the app."""
        changes = self.clock.environment() if self.clock else {}
        launch = Launch(self.world, self.schedule, self.app, changes)
        self.launches.append(launch)
        self.note(f"launched as process {launch.program.pid}")
        return launch

    def refuse_a_taken_port(self) -> None:
        """A fixed port that a stranger has is said, and nothing is left of the attempt."""
        ports = self.app.fixed_ports.values()
        if self.schedule.stranger != "fixed-port" or not ports:
            return
        taken = [port for port in ports if self.stranger.take(port)]
        launch = self.launch()
        assert launch.program.exit_code(within=30) == 1, "It started although a port was taken"
        assert any(str(port) in launch.program.stderr() for port in taken), "No port is named"
        self.check_gone(launch)
        self.stranger.leave()

    def kill_another_start(self) -> None:
        """Starts the app and kills it at a random moment."""
        launch = self.launch()
        time.sleep(self.schedule.again_ms / 1000)
        self.kill(launch)
        self.check_dead(launch)

    # --- Faults -------------------------------------------------------------------------------

    def inflict(self, launch: Launch, fault: Fault) -> None:
        """Waits for its moment and lets it happen."""
        time.sleep(fault.after_ms / 1000)
        if fault.kind == "fill-disk":
            self.disk.fill()
            self.note("filled the disk of the logs")
        elif fault.kind == "jump-clock":
            offset = CLOCKS[fault.choice % len(CLOCKS)]
            self.clock.set(offset)
            self.note(f"set the clock to {offset}")
        else:
            self.strike(launch, fault)

    def strike(self, launch: Launch, fault: Fault) -> None:
        """Signals a process of the fault's part, if there is one at this moment."""
        find = {
            "kill-guard": family.guards,
            "freeze-guard": family.guards,
            "kill-child": family.others,
        }
        found = find.get(fault.kind, family.leaders)(launch.mark, fault.part)
        if not found:
            return self.note(f"{fault.kind} of {fault.part} found no process")
        victim = found[fault.choice % len(found)]
        number = SIGNAL_OF.get(fault.kind, signal.SIGKILL)
        if fault.kind == "freeze-guard":
            number = signal.SIGSTOP
        if not family.send(victim, launch.mark, number):
            return self.note(f"{fault.kind} of {fault.part} came too late")
        self.note(f"{fault.kind} of {fault.part}: process {victim.pid}")
        if fault.kind == "hang":
            self.hung.add(fault.part)
        self.guard_frozen |= fault.kind == "freeze-guard"
        if fault.kind == "kill-guard":
            self.guard_killed_at = time.monotonic()
        return None

    def mend(self, launch: Launch) -> None:
        """Waits until everything works again, as far as it can."""
        if self.schedule.starting:
            return
        launch.wait_until_it_works(self.hung)
        self.note("it works")
        if self.disk:
            self.disk.free()
            before = self.lines()
            eventually(lambda: self.lines() > before, "lines are logged again", within=10)
            self.disk.fill()

    # --- The end --------------------------------------------------------------------------------

    def end(self, launch: Launch) -> None:
        """Ends the app as the schedule says."""
        time.sleep(self.schedule.ending_after_ms / 1000)
        control = self.control_port()
        ending = self.schedule.ending
        if launch.has_ended:
            self.check_failed_early(launch)
        elif ending == "kill":
            self.kill(launch)
        elif ending in SIGNALS:
            self.ask(launch, getattr(signal, ending))
        elif ending == "stop-command":
            self.stop_by_command(launch)
        elif ending == "twice":
            self.ask_twice(launch)
        else:
            self.kill_while_stopping(launch)
        if self.schedule.stranger == "control-port" and control:
            self.stranger.take(control)
            self.note(f"a stranger has port {control}, where the app was asked")
        self.check_dead(launch)

    def kill(self, launch: Launch) -> None:
        """Kills the app; its last lines may be lost."""
        launch.kill()
        self.cut_short.add(launch.program.app.value)
        self.note("killed the app")

    def ask(self, launch: Launch, number: signal.Signals) -> None:
        """Asks it to end, and checks that it does in order and in time."""
        limit = Limit(self.stop_limit())
        launch.program.signal(number)
        self.note(f"asked by {number.name}")
        seconds = limit.until(lambda: launch.has_ended, "it ends in order")
        code = launch.program.exit_code()
        self.note(f"ended with code {code} after {seconds:.3f} s")
        # It may have been asked before it could listen to that, or have failed before.
        too_early = (-number, 1) if self.schedule.starting else ()
        assert code in (0, *too_early), f"Ended with code {code}"
        if code < 0:
            self.cut_short.add(launch.program.app.value)

    def ask_twice(self, launch: Launch) -> None:
        """Who is asked once more, after it has told what it waits for, waits no longer."""
        limit = Limit(self.stop_limit())
        launch.program.signal(signal.SIGTERM)
        limit.until(
            lambda: launch.has_ended or CUT_SHORT in launch.program.stderr(), "it says who is late"
        )
        time.sleep(self.schedule.kill_after_ms / 1000)
        launch.killed = Limit(GONE_LIMIT)
        launch.program.signal(signal.SIGTERM)
        self.cut_short.add(launch.program.app.value)
        seconds = launch.killed.until(lambda: launch.has_ended, "it ends at once when asked twice")
        code = launch.program.exit_code()
        self.note(f"asked twice, ended with code {code} {seconds:.3f} s later")
        too_early = (-signal.SIGTERM,) if self.schedule.starting else ()
        assert code in (0, 1, *too_early), f"Ended with code {code}"

    def stop_by_command(self, launch: Launch) -> None:
        """Stops it as its user would from a terminal."""
        self.note("asked by `ensconce stop`")
        stop = launch.command("stop")
        assert stop.process.returncode == 0, f"`ensconce stop` failed: {stop.stderr()}"
        assert launch.program.exit_code(within=GONE_LIMIT) == 0, "It did not end in order"

    def kill_while_stopping(self, launch: Launch) -> None:
        """Kills the app at a random moment of its orderly end."""
        launch.program.signal(signal.SIGTERM)
        time.sleep(self.schedule.kill_after_ms / 1000)
        self.kill(launch)

    def stop_limit(self) -> float:
        """Seconds that an orderly end may take."""
        frozen = FROZEN_GUARD_LIMIT if self.guard_frozen else 0
        return self.schedule.stop_limit() + frozen + GONE_LIMIT

    # --- What must hold ------------------------------------------------------------------------

    def check_failed_early(self, launch: Launch) -> None:
        """Only what befalls an app before it is up may make it fail."""
        code = launch.program.exit_code()
        self.note(f"had ended by itself with code {code}")
        assert self.schedule.starting, f"It has ended by itself: {launch.program.stderr()}"
        assert code == 1, f"Ended with code {code}"

    def check_dead(self, launch: Launch) -> None:
        """Nothing is left, and nobody says that it runs."""
        if self.may_leave_something(launch):
            self.note(f"{len(launch.left())} processes are left until the next start")
        else:
            self.check_gone(launch)
        status = launch.command("status", "--json")
        assert status.process.returncode == NOT_RUNNING, (
            f"`ensconce status` ends with {status.process.returncode} after the app's end: "
            f"{status.stdout()}{status.stderr()}"
        )

    def may_leave_something(self, launch: Launch) -> bool:
        """When a guard could not do its work and the app is killed before it has seen that."""
        if not launch.killed:
            return False
        killed = self.guard_killed_at
        return self.guard_frozen or (
            killed is not None and launch.killed.begun - killed < GUARD_REPLACED_LIMIT
        )

    def check_gone(self, launch: Launch) -> None:
        """Nothing of the app is alive; a window's own processes may take longer."""
        left = launch.left_of_parts if self.schedule.window else launch.left
        if launch.killed:
            seconds = launch.killed.until(lambda: Gone(left()), "nothing of the app is left")
            self.gone_after.append(seconds)
        else:
            # Who was asked to end does so only when all the rest is gone.
            alive = Gone(left())
            assert alive, f"It has ended, and these are left: {alive!r}"
        if self.schedule.window:
            launch.program.app.wait_until_gone(within=WINDOW_GONE_LIMIT)

    def check_the_next_start(self) -> None:
        """The app can be started again, works, has cleaned up, and ends in order."""
        before = list(self.launches)
        self.guard_frozen, self.guard_killed_at = False, None
        self.hung.clear()
        if self.disk:
            self.disk.remove()
            self.disk = None
        visited = before[0].visitor
        if self.schedule.stranger == "gateway-port" and visited:
            self.stranger.take(visited.port)
        launch = self.launch()
        launch.wait_until_up()
        self.note("is up again")
        for former in before:
            assert not former.left(), f"Left of a former launch: {Gone(former.left())!r}"
        launch.wait_until_it_works(set())
        assert not launch.has_ended, f"It has ended: {launch.program.stderr()}"
        self.stranger.leave()
        if self.schedule.stranger == "free-port":
            self.lose_a_port(launch)
        self.ask(launch, signal.SIGTERM)
        self.check_dead(launch)
        left = [path for path in self.world.runtime.glob("ensconce*") if any(path.iterdir())]
        # An app that is killed before it has said where its folder is leaves an empty one.
        assert not left, f"Left in the folder for sockets: {left}"

    def lose_a_port(self, launch: Launch) -> None:
        """A service whose port is taken while it is away comes back at another one."""
        chosen = [part for part in self.schedule.parts if part.listen == "tcp"]
        if not chosen:
            return
        part = chosen[0]
        leaders = family.leaders(launch.mark, part.name)
        ports = [port for leader in leaders for port in listening_ports(leader.pid)]
        for leader in leaders:
            family.send(leader, launch.mark, signal.SIGKILL)
        deadline = time.monotonic() + 1
        taken = False
        while ports and not taken and time.monotonic() < deadline:
            taken = self.stranger.take(ports[0])
        self.note(f"killed {part.name}; a stranger {'took' if taken else 'did not get'} its port")
        launch.wait_until_it_works(set())
        assert not launch.has_ended, f"It has ended: {launch.program.stderr()}"
        self.stranger.leave()

    def check_logs(self) -> None:
        """No line is missing but at the end of what was killed."""
        first = self.launches[0].program.app.value
        on_small_disk = any(fault.kind == "fill-disk" for fault in self.schedule.faults)
        found = logs.logged(self.world.data / "logs")
        left_out = logs.left_out(self.world.data / "logs")
        problems = []
        for note in logs.notes(self.app.notes).values():
            # Where the disk was full, lines are missing anywhere.
            if not (on_small_disk and note.launch == first):
                complete = note.launch not in self.cut_short
                numbers, said = found.get(note.run, []), left_out.get(note.part, 0)
                problems.append(logs.what_is_missing(note, numbers, complete, said))
        missing = [problem for problem in problems if problem]
        assert not missing, "Lines are missing in the logs:\n" + "\n".join(missing)

    # --- What can be seen from outside -----------------------------------------------------------

    def control_port(self) -> int | None:
        """The port at which the app can be asked, as it has told."""
        path = self.world.data / "data/.ensconce/running.json"
        if not path.exists():
            return None
        return int(json.loads(path.read_text())["control"]["address"].rpartition(":")[2])

    def lines(self) -> int:
        """How many lines of services are in the logs."""
        return sum(map(len, logs.logged(self.world.data / "logs").values()))

    def note(self, what: str) -> None:
        """Remembers what was done."""
        self.done.append(f"{time.monotonic() - self.begun:7.3f} s  {what}")

    def evidence(self) -> str:
        """Shows what was done, and the last words of all launches."""
        lines = ["  what was done:", *(f"    {line}" for line in self.done)]
        for number, launch in enumerate(self.launches, 1):
            lines += [f"  stderr of launch {number}:"]
            lines += [f"    {line}" for line in launch.program.stderr().splitlines()[-15:]]
        left = [Gone(launch.left()) for launch in self.launches]
        return "\n".join([*lines, f"  still alive: {[one for one in left if not one]}"])
