"""A display, a session bus with an open keyring, and a window manager, all of one test alone."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .waiting import eventually

SCREEN = "1400x1000x24"
COLLECTION = "/org/freedesktop/secrets/collection/login"
# What opens the keyring.
PASSWORD = "secret"

# The bus lives as long as this script's standard input is open.
BUS_SCRIPT = """
printf PASSWORD | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
echo "$DBUS_SESSION_BUS_ADDRESS"
exec cat
""".replace("PASSWORD", PASSWORD)


@dataclass(frozen=True)
class DesktopWindow:
    """A window, as its window manager sees it."""

    id: str
    pid: int
    x: int
    y: int
    width: int
    height: int
    title: str


class Desktop:
    """A virtual display with a window manager and a session bus."""

    def __init__(
        self, environment: dict[str, str], log: Path, entering: Sequence[str] = ()
    ) -> None:
        # Comes before a command to run it as somebody else, or elsewhere on this machine.
        self.entering = entering
        self.log = log.open("ab")
        self.display = self._start_display(environment)
        environment = {**environment, "DISPLAY": self.display}
        self.bus_address = self._start_bus(environment)
        self.environment = {**environment, "DBUS_SESSION_BUS_ADDRESS": self.bus_address}
        self._start_window_manager()

    def _start_display(self, environment: dict[str, str]) -> str:
        """Lets the server choose a free display itself, so that no two tests meet."""
        read_end, write_end = os.pipe()
        command = [*self.entering, "Xvfb", "-displayfd", str(write_end), "-screen", "0", SCREEN]
        command += ["-nolisten", "tcp", "-noreset"]
        self.server = self._start(command, environment, pass_fds=[write_end])
        os.close(write_end)
        with os.fdopen(read_end) as told:
            number = told.readline().strip()
        assert number, "Xvfb gave no display"
        return f":{number}"

    def _start_bus(self, environment: dict[str, str]) -> str:
        bus = self._start(
            [*self.entering, "dbus-run-session", "--", "sh", "-c", BUS_SCRIPT],
            environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert bus.stdout
        address = bus.stdout.readline().decode().strip()
        assert address, "The session bus gave no address"
        self.bus = bus
        return address

    def _start_window_manager(self) -> None:
        self._start(["openbox", "--sm-disable"], self.environment)
        eventually(lambda: self._run("wmctrl", "-m").returncode == 0, "the window manager answers")

    def _start(self, command: list[str], environment: dict[str, str], **more) -> subprocess.Popen:
        more = {"stdin": subprocess.DEVNULL, "stdout": self.log, "stderr": self.log, **more}
        return subprocess.Popen(command, env=environment, start_new_session=True, **more)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=20, check=False
        )

    def windows(self) -> list[DesktopWindow]:
        """Returns the windows that a person could see in a task bar."""
        found = []
        for line in self._run("wmctrl", "-lpG").stdout.splitlines():
            id_, _, pid, x, y, width, height, _, *title = line.split(maxsplit=8)
            numbers = (int(number) for number in (pid, x, y, width, height))
            found.append(DesktopWindow(id_, *numbers, title="".join(title)))
        return found

    def window(self, pid: int) -> DesktopWindow:
        """Waits for a process's window on the screen, and returns it."""

        def look() -> DesktopWindow | None:
            mine = [window for window in self.windows() if window.pid == pid]
            return mine[0] if mine and self.is_visible(mine[0]) else None

        return eventually(look, f"process {pid} shows a window")

    def is_visible(self, window: DesktopWindow) -> bool:
        """Whether a window is on the screen, neither hidden nor minimised."""
        return "IsViewable" in self._run("xwininfo", "-id", window.id).stdout

    def is_active(self, window: DesktopWindow) -> bool:
        """Whether a window has the keyboard."""
        told = self._run("xdotool", "getactivewindow").stdout.strip()
        return told.isdigit() and int(told) == int(window.id, 16)

    def close_window(self, window: DesktopWindow) -> None:
        """Closes a window as its title bar's button does."""
        self._run("wmctrl", "-i", "-c", window.id)

    def press(self, window: DesktopWindow, keys: str) -> None:
        """Presses keys in a window."""
        self._run("wmctrl", "-i", "-a", window.id)
        self._run("xdotool", "key", "--clearmodifiers", keys)

    def type(self, window: DesktopWindow, text: str) -> None:
        """Types a text in a window."""
        self._run("wmctrl", "-i", "-a", window.id)
        self._run("xdotool", "type", "--clearmodifiers", text)

    def minimise(self, window: DesktopWindow) -> None:
        """Puts a window away."""
        self._run("xdotool", "windowminimize", window.id)
        eventually(lambda: not self.is_visible(window), "the window is minimised")

    def place(self, window: DesktopWindow, x: int, y: int, width: int, height: int) -> None:
        """Moves and resizes a window, as somebody would with the mouse."""
        self._run("wmctrl", "-i", "-r", window.id, "-e", f"0,{x},{y},{width},{height}")

    def lock_keyring(self) -> None:
        """Locks the keyring, as it is before somebody has logged in."""
        lock = "org.freedesktop.Secret.Service.Lock"
        where = ["--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets"]
        done = self._run(
            "gdbus", "call", "--session", *where, "--method", lock, f"['{COLLECTION}']"
        )
        assert COLLECTION in done.stdout, done.stderr

    def clipboard(self) -> str:
        """What was copied last."""
        return self._run("xclip", "-out", "-selection", "clipboard").stdout

    def picture(self, path: Path, window: DesktopWindow | None = None) -> None:
        """Takes a picture of a window, or of the whole screen; the same pixels, the same file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = ["-strip", "-define", "png:exclude-chunks=date,time"]
        self._run("import", "-window", window.id if window else "root", *plain, str(path))

    def close(self) -> None:
        """Ends bus and display in order, because they leave files behind when they are killed."""
        assert self.bus.stdin
        self.bus.stdin.close()
        self.server.terminate()
        for process in (self.bus, self.server):
            process.wait(timeout=10)
        self.log.close()
