"""What one test has for itself: a home folder, a display on demand, and its own processes."""

import contextlib
import itertools
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import uuid
from functools import cached_property
from pathlib import Path
from typing import Any

from selenium.common.exceptions import NoSuchWindowException, WebDriverException
from selenium.webdriver.remote.webdriver import WebDriver

from . import processes
from .desktop import Desktop, DesktopWindow
from .manifests import ROOT
from .processes import Process
from .waiting import eventually
from .webdriver import TauriDriver, open_chromium

PROGRAMS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / os.environ.get(
    "E2E_PROFILE", "debug"
)
CLI = PROGRAMS / "ensconce"
SHELL = PROGRAMS / "ensconce-shell"
OWN_PAGES = "tauri://localhost"
PAGE_LOAD_LIMIT = 5
PASSED_ON = ("LANG", "USER", "LOGNAME")
# What `scripts/setup` brought comes first, as in `scripts/env`.
PATH = f"{ROOT / '.cache/node/bin'}:{ROOT / '.cache/tools/bin'}:{os.environ['PATH']}"


class World:
    """A machine in small. Nothing of it outlives [`close`]."""

    def __init__(self) -> None:
        # Short, because a Unix socket's path must be.
        self.folder = Path(tempfile.mkdtemp(prefix="e2e-", dir="/tmp"))
        self.mark = f"E2E_WORLD={uuid.uuid4().hex}"
        self.data = self.folder / "data"
        self.runtime = self.folder / "run"
        self.runtime.mkdir(mode=0o700)
        self.numbers = itertools.count(1)
        self.apps: list[App] = []
        self.has_desktop = False

    @cached_property
    def base_environment(self) -> dict[str, str]:
        """An environment in which nothing of this machine's own user can be found."""
        home, temporary = self.folder / "home", self.folder / "tmp"
        home.mkdir()
        temporary.mkdir()
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        name, _, value = self.mark.partition("=")
        return {
            **kept,
            "PATH": PATH,
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_STATE_HOME": str(home / ".local/state"),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "NO_AT_BRIDGE": "1",
            "NO_COLOR": "1",
            name: value,
        }

    @cached_property
    def desktop(self) -> Desktop:
        """The display; started when it is first needed."""
        desktop = Desktop(self.base_environment, self.folder / "desktop.log")
        self.has_desktop = True
        return desktop

    def new_app(self, environment: dict[str, str], changes: dict[str, str]) -> "App":
        """Makes a mark and a log folder for one launch."""
        folder = self.folder / f"launch-{next(self.numbers)}"
        folder.mkdir()
        app = App(self, folder, {**environment, **changes})
        self.apps.append(app)
        return app

    def run(self, *arguments: str | Path, **changes: str) -> "Program":
        """Starts the CLI, without a display."""
        return Program(self.new_app(self.base_environment, changes), [CLI, *arguments])

    def give_secret(
        self, manifest: Path, name: str, secret: str
    ) -> subprocess.CompletedProcess[str]:
        """Gives an app a secret from the terminal."""
        return subprocess.run(
            [CLI, "secret", "set", name, "--data-dir", self.data, manifest],
            env={**self.base_environment, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"},
            input=secret,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def run_headless(self, manifest: Path, *arguments: str, **changes: str) -> "Program":
        """Starts an app for a browser."""
        target = ["run", "--headless", "--data-dir", self.data, *arguments, manifest]
        return self.run(*target, **changes)

    def start_shell(self, manifest: Path, *opened: str, **changes: str) -> "Program":
        """Starts an app's window as an icon does, with nobody who drives it."""
        app = self.new_app(self.desktop.environment, changes)
        return Program(app, [SHELL, *self.shell_arguments(manifest), *opened])

    def start(self, program: Path, *arguments: str) -> "Program":
        """Starts an app's program, with nobody who drives its window."""
        return Program(self.new_app(self.desktop.environment, {}), [program, *arguments])

    def open_window(self, manifest: Path, *opened: str, **changes: str) -> "Window":
        """Starts an app's window, as the desktop does to open something, and drives it."""
        return self.drive(SHELL, *self.shell_arguments(manifest), *opened, **changes)

    def drive(self, program: Path, *arguments: str, **changes: str) -> "Window":
        """Starts an app's program, and drives its window."""
        app = self.new_app(self.desktop.environment, changes)
        driver = TauriDriver(self.desktop.environment, app.folder / "driver.log")
        page = driver.open(app.starter(program), list(arguments))
        return Window(app, page, self.desktop)

    def shell_arguments(self, manifest: Path) -> list[str]:
        """Returns what tells the shell which app, and where it keeps its things."""
        return ["--manifest", str(manifest), "--data-dir", str(self.data)]

    def open_chromium(self) -> WebDriver:
        """Opens a real browser."""
        profile = self.folder / "chromium"
        return open_chromium(self.base_environment, profile, self.folder / "chromium.log")

    def status(self, manifest: Path) -> dict[str, Any]:
        """Asks the CLI how a running app is."""
        asked = self.run("status", "--json", "--data-dir", self.data, manifest)
        assert asked.exit_code() == 0, asked.stderr()
        return json.loads(asked.stdout())

    def pids(self, manifest: Path) -> dict[str, int]:
        """Returns the processes of the services that are ready."""
        jobs = self.status(manifest)["jobs"]
        services = [job for job in jobs if job["kind"] == "service"]
        return {job["name"]: job["pid"] for job in services if job["state"] == "ready"}

    def control_port(self) -> int | None:
        """The port at which a running app can be asked, as it has told."""
        told = self.data / "data" / ".ensconce" / "running.json"
        if not told.exists():
            return None
        control = json.loads(told.read_text())["control"]
        return control and int(control["address"].rpartition(":")[2])

    def log(self, service: str) -> str:
        """Returns what a service has written to its log by now."""
        return (self.data / "logs" / f"{service}.log").read_text()

    def left_in_runtime(self) -> list[str]:
        """Returns what Ensconce left in the folder for sockets."""
        return [entry.name for entry in self.runtime.glob("ensconce*")]

    def save_evidence(self, folder: Path) -> None:
        """Keeps what may tell why a test failed: the screen, logs, processes."""
        folder.mkdir(parents=True)
        if self.has_desktop:
            self.desktop.picture(folder / "screen.png")
        listed = [f"{found.pid} {found.argv}" for found in processes.marked(self.mark)]
        (folder / "processes.txt").write_text("\n".join(listed) + "\n")
        for log in [*self.folder.rglob("*.log"), *self.folder.glob("launch-*/*")]:
            kept = folder / "-".join(log.relative_to(self.folder).parts)
            with contextlib.suppress(OSError):
                shutil.copyfile(log, kept)

    def close(self) -> None:
        """Ends everything and removes the folder."""
        # Apps first, so that they do not see their display go.
        for mark in [app.mark for app in self.apps]:
            processes.kill_marked(mark)
        if self.has_desktop:
            self.desktop.close()
        processes.kill_marked(self.mark)
        shutil.rmtree(self.folder, ignore_errors=True)


class App:
    """One launch of an app. All its processes carry its mark."""

    def __init__(self, world: World, folder: Path, environment: dict[str, str]) -> None:
        self.world = world
        self.folder = folder
        self.name, self.value = "E2E_LAUNCH", uuid.uuid4().hex
        self.mark = f"{self.name}={self.value}"
        self.environment = {**environment, self.name: self.value}

    def starter(self, program: Path) -> Path:
        """Writes a script that becomes the program, with the mark in its environment."""
        script = self.folder / "start"
        exports = [f"export {n}={shlex.quote(v)}" for n, v in self.environment.items()]
        become = f'exec {shlex.quote(str(program))} "$@" 2>{shlex.quote(str(self.stderr))}'
        script.write_text("\n".join(["#!/bin/sh", *exports, become, ""]))
        script.chmod(0o755)
        return script

    @property
    def stdout(self) -> Path:
        """Where its stdout goes."""
        return self.folder / "stdout"

    @property
    def stderr(self) -> Path:
        """Where its stderr goes."""
        return self.folder / "stderr"

    def processes(self) -> list[Process]:
        """Returns its living processes."""
        return processes.marked(self.mark)

    def wait_until_gone(self, within: float) -> None:
        """Fails when one of its processes is still there after the limit."""
        processes.wait_until_gone(self.mark, within)


class Program:
    """One of our programs, started directly."""

    def __init__(self, app: App, command: list[str | Path]) -> None:
        self.app = app
        with app.stdout.open("wb") as stdout, app.stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env=app.environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def stdout(self) -> str:
        """What it has written to stdout by now."""
        return self.app.stdout.read_text()

    def stderr(self) -> str:
        """What it has written to stderr by now."""
        return self.app.stderr.read_text()

    def url(self, within: float = 30) -> str:
        """Waits for the entry link: the only line on stdout."""

        def look() -> str:
            assert self.process.poll() is None, f"It ended: {self.stderr()}"
            return self.stdout()

        told = eventually(look, "the entry link is printed", within=within, ignoring=())
        assert told.endswith("\n"), told
        return told.strip()

    def signal(self, number: signal.Signals) -> None:
        """Sends it, and nobody else, a signal."""
        self.process.send_signal(number)

    def exit_code(self, within: float = 15) -> int:
        """Waits for its end."""
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"Still running after {within} s: {self.stderr()}") from error


class Window:
    """An app's window that is driven.

    To the driver, Ensconce's own page and the app's beneath it are two windows. Whatever asks what
    can be seen turns to the upper one, and leaves the driver there.
    """

    def __init__(self, app: App, driver: WebDriver, desktop: Desktop) -> None:
        self.app = app
        self.driver = driver
        self.desktop = desktop
        # WebKit drives the webview that was made first, and that is the one for the app's pages.
        self.first = driver.current_window_handle
        # A question to a page that goes away meanwhile would never be answered.
        driver.set_page_load_timeout(PAGE_LOAD_LIMIT)
        self.pid = eventually(self._find_shell, "the shell runs").pid

    def _find_shell(self) -> Process | None:
        found = [process for process in self.app.processes() if process.program == SHELL.name]
        return found[0] if found else None

    def on_screen(self) -> DesktopWindow:
        """Waits until it can be seen, and reports where."""
        return self.desktop.window(self.pid)

    def look(self) -> None:
        """Turns the driver to what can be seen: Ensconce's own page, where there is one."""
        handles = self.driver.window_handles
        before = self._current_handle()
        for handle in handles:
            self.driver.switch_to.window(handle)
            if self.driver.current_url.startswith(OWN_PAGES):
                return
        self.driver.switch_to.window(before if before in handles else self.first)

    def look_beneath(self) -> None:
        """Turns the driver to the app's page, though it may be covered."""
        self.driver.switch_to.window(self.first)

    def _current_handle(self) -> str | None:
        """The driver's window; it may be gone."""
        with contextlib.suppress(NoSuchWindowException):
            return self.driver.current_window_handle
        return None

    def url(self) -> str:
        """The address of its page."""
        self.look()
        return self.driver.current_url

    def wait_for_origin(self, origin: str, within: float = 30) -> None:
        """Waits until its page comes from an origin."""
        eventually(
            lambda: f"{self.url()}/".startswith(f"{origin}/"),
            f"the window shows {origin}",
            within=within,
            ignoring=(WebDriverException,),
        )

    def text(self) -> str:
        """The text that can be read in it."""
        self.look()
        return self.driver.execute_script("return document.body.innerText")

    def wait_for_text(self, text: str, within: float = 20) -> None:
        """Waits until a text can be read in it."""
        eventually(
            lambda: text in (self.text() or ""),
            f"the window shows {text!r}",
            within=within,
            ignoring=(WebDriverException,),
        )

    def close(self) -> None:
        """Closes it as its title bar's button does."""
        self.desktop.close_window(self.on_screen())

    def kill(self) -> None:
        """Kills the shell, so that it has no chance to clear up."""
        os.kill(self.pid, signal.SIGKILL)
