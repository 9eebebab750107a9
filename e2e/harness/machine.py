"""Installed apps on a clean machine: its users, their desktops, the windows that they open."""

import itertools
import shlex
import shutil
import tempfile
import uuid
from pathlib import Path

from selenium.webdriver.remote.webdriver import WebDriver

from . import processes
from .clean_root import CleanRoot
from .desktop import Desktop, DesktopWindow
from .processes import Gone, Process
from .waiting import eventually
from .webdriver import TauriDriver
from .world import PATH, App, Window


class Machine:
    """A clean machine. Nothing of it outlives [`close`]."""

    def __init__(self, base: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="e2e-", dir="/tmp"))
        self.mark = f"E2E_WORLD={uuid.uuid4().hex}"
        self.root = CleanRoot(base, self.folder)
        self.users: dict[str, User] = {}
        # What runs before the first launch: desktops, and what they start a little later.
        self.at_rest: set[int] | None = None

    def user(self, name: str) -> "User":
        """Returns one of its users, in front of a desktop; all of them before the first launch."""
        if name not in self.users:
            assert self.at_rest is None, "A user's desktop would count as left by the app"
            self.users[name] = User(self, name)
        return self.users[name]

    def rest(self) -> None:
        """Remembers what runs now, unless something was launched before."""
        if self.at_rest is None:
            self.at_rest = {process.pid for process in self.root.processes()}

    def left(self) -> list[Process]:
        """Returns the processes that no desktop and no driver needs."""
        at_rest = self.at_rest or set()
        here = [process for process in self.root.processes() if process.pid not in at_rest]
        return [process for process in here if process.program != "WebKitWebDriver"]

    def copy_in(self, file: Path) -> str:
        """Puts a file where everyone inside can read it, and reports where."""
        inside = f"/tmp/{file.name}"
        shutil.copyfile(file, self.root.path(inside))
        return inside

    def save_evidence(self, folder: Path) -> None:
        """Keeps what may tell why a test failed: screens, logs, processes."""
        folder.mkdir(parents=True)
        listed = [f"{found.pid} {found.argv}" for found in self.root.processes()]
        (folder / "processes.txt").write_text("\n".join(listed) + "\n")
        for user in self.users.values():
            user.desktop.picture(folder / f"{user.name}.png")
            logs = self.root.path(user.home).glob(".local/share/*/logs/*.log")
            for log in [*user.folder.rglob("*.log"), *logs]:
                shutil.copyfile(log, folder / f"{user.name}-{log.parent.name}-{log.name}")

    def close(self) -> None:
        """Ends everything and removes the folder."""
        self.root.close()
        processes.kill_marked(self.mark)
        shutil.rmtree(self.folder)


class User:
    """An ordinary user of a machine, with a desktop."""

    def __init__(self, machine: Machine, name: str) -> None:
        self.machine = machine
        self.name = name
        self.home = f"/home/{name}"
        self.folder = machine.folder / name
        self.folder.mkdir()
        self.launches = itertools.count(1)
        environment = machine.root.environment(name)
        variable, _, value = machine.mark.partition("=")
        environment[variable] = value
        entering = machine.root.entering(name)
        self.desktop = Desktop(environment, self.folder / "desktop.log", entering)

    def path(self, inside: str) -> Path:
        """Returns a path in the home folder as the tests reach it."""
        return self.machine.root.path(f"{self.home}/{inside}")

    def open(self, program: str) -> "InstalledWindow":
        """Starts an installed program as an icon does, and drives its window."""
        self.machine.rest()
        folder = self.folder / f"launch-{next(self.launches)}"
        folder.mkdir()
        app = App(self, folder, self.desktop.environment)
        environment = {**self.desktop.environment, "PATH": PATH}
        driver = TauriDriver(environment, folder / "driver.log", self.driver(folder))
        # The mark of the launch is the app's alone, not the driver's.
        page = driver.open("/usr/bin/env", [app.mark, program])
        return InstalledWindow(app, page, self.desktop, Path(program).name)

    def driver(self, folder: Path) -> Path:
        """Writes a script that is the machine's own WebKitWebDriver."""
        script = folder / "WebKitWebDriver"
        become = shlex.join([*self.machine.root.entering(self.name), "WebKitWebDriver"])
        path = self.machine.root.environment(self.name)["PATH"]
        script.write_text(f'#!/bin/sh\nPATH={path}\nexec {become} "$@"\n')
        script.chmod(0o755)
        return script

    def wait_until_gone(self, window: Window, within: float = 15) -> None:
        """Fails when anything of an app still runs after it was closed or removed."""
        window.app.wait_until_gone(within)
        eventually(lambda: Gone(self.machine.left()), "nothing is left of the app", within=within)


class InstalledWindow(Window):
    """The window of an installed app, whose program has a name of its own."""

    def __init__(self, app: App, driver: WebDriver, desktop: Desktop, program: str) -> None:
        self.program = program
        super().__init__(app, driver, desktop)

    def _find_shell(self) -> Process | None:
        found = [process for process in self.app.processes() if process.program == self.program]
        return found[0] if found else None

    def on_screen(self) -> DesktopWindow:
        """Waits until it can be seen, and reports where."""
        shell = self._find_shell()
        assert shell, "The shell is gone"
        return self.desktop.window(shell.inner_pid)
