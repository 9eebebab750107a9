"""A machine in small: temporary folders, a display, a bus, and what was started."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .places import BENCH, ROOT

sys.path.insert(0, str(ROOT / "e2e"))
from harness.desktop import Desktop  # noqa: E402

PASSED_ON = ("PATH", "LANG", "USER", "LOGNAME")
END_LIMIT = 15
SAFE_DRAWING = "WEBKIT_DISABLE_DMABUF_RENDERER"


class World:
    """Holds the temporary folder and the display. Nothing of it outlives `close`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ensconce-bench-", dir="/tmp"))
        runtime, temporary = self.folder / "run", self.folder / "tmp"
        runtime.mkdir(mode=0o700)
        temporary.mkdir()
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment = kept | {
            "TMPDIR": str(temporary),
            "XDG_RUNTIME_DIR": str(runtime),
            "NO_AT_BRIDGE": "1",
            "NO_COLOR": "1",
            # Ensconce sets this where there is no graphics card. All windows have to draw alike.
            SAFE_DRAWING: "1",
        }
        self.desktop = None
        # So that what was started is ended in this case, too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def open_desktop(self) -> None:
        """Takes the display that there is, or else starts one."""
        if "DISPLAY" in os.environ:
            names = ("DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS")
            self.environment |= {n: os.environ[n] for n in names if n in os.environ}
        else:
            environment = self.environment | home(self.folder / "desktop")
            self.desktop = Desktop(environment, self.folder / "desktop.log")
            for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
                self.environment[name] = self.desktop.environment[name]

    def close(self) -> None:
        """Ends the display and removes the folder."""
        if self.desktop:
            self.desktop.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def home(folder: Path) -> dict[str, str]:
    """Returns the variables that make a folder somebody's home."""
    folder.mkdir(exist_ok=True)
    return {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_DATA_HOME": str(folder / ".local/share"),
        "XDG_CACHE_HOME": str(folder / ".cache"),
        "XDG_STATE_HOME": str(folder / ".local/state"),
    }


class Program:
    """A program in a process group of its own."""

    def __init__(self, command: list, environment: dict[str, str], log: Path, **more) -> None:
        with log.open("ab") as output:
            more = {"stdout": output, "stderr": output, **more}
            # Just before the fork: what the system needs for it counts.
            self.begun = time.monotonic_ns()
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **more,
            )

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def end(self) -> None:
        """Ends it in order, then what it started and left, and waits for all of them."""
        tree = descendants(self.pid)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_LIMIT)
        self._signal(signal.SIGTERM)
        # A measurement must not begin while the one before is still on its way out.
        if not gone_within(tree, END_LIMIT):
            self._signal(signal.SIGKILL)
            self.process.wait(END_LIMIT)
            if not gone_within(tree, END_LIMIT):
                raise TimeoutError(f"Processes are left of {self.process.args}")

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def gone_within(pids: list[int], limit: float) -> bool:
    """Waits until none of these processes is alive; tells whether that came true."""
    deadline = time.monotonic() + limit
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not waited for does not."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def descendants(root: int) -> list[int]:
    """Returns a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            after_name = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(after_name[1]), []).append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def bench_path() -> str:
    """The PYTHONPATH with which the example's interpreter finds `timed_app`."""
    return str(BENCH)
