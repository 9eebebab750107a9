"""Programs that run a service and are to end it: how each is told to, is stopped, and is found."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .places import PEERS, TESTED

HAND = PEERS / "kill_on_exit"
STOP_SECONDS = 1


@dataclass(frozen=True)
class Manager:
    """One of those that are compared."""

    name: str
    # Writes what it needs into a folder, and gives the command that starts it.
    command: Callable[[Path, list[str]], list[str]]
    # Asks it to end in order; it has a pipe as its standard input.
    stop: Callable[[subprocess.Popen, Path], None]
    needs: str = sys.executable

    @property
    def is_here(self) -> bool:
        """Whether it is installed."""
        return shutil.which(self.needs) is not None


def terminate(process: subprocess.Popen, _folder: Path) -> None:
    """Asks by SIGTERM."""
    process.terminate()


def close_window(process: subprocess.Popen, _folder: Path) -> None:
    """Closes what stands for the window."""
    process.stdin.close()


def ensconce(folder: Path, service: list[str]) -> list[str]:
    """Ensconce, without a window."""
    manifest = folder / "ensconce.toml"
    (folder / "pages").mkdir()
    # TOML's strings and lists are written as JSON's.
    manifest.write_text(
        '[app]\nid = "test.ensconce.leftovers"\nname = "Leftovers"\nversion = "1.0.0"\n'
        '[ui]\nstatic = "pages"\n'
        f'[service.one]\ncommand = {json.dumps(service)}\nready = "started"\n'
        f'stop = {{ timeout = "{STOP_SECONDS}s" }}\n'
    )
    (folder / "pages/index.html").write_text("")
    return [str(TESTED / "ensconce"), "run", "--headless", "--data-dir", str(folder / "data"), str(manifest)]


def by_hand(_folder: Path, service: list[str]) -> list[str]:
    """A parent that kills its child on exit."""
    return [sys.executable, str(HAND / "by_hand.py"), *service]


def like_tauri(_folder: Path, service: list[str]) -> list[str]:
    """A parent that does what Tauri's plugin does."""
    return [sys.executable, str(HAND / "like_tauri.py"), *service]


def supervisord(folder: Path, service: list[str], group: bool = False) -> list[str]:
    """supervisord as it comes, but for a shorter stop."""
    quoted = " ".join(f'"{part}"' for part in service).replace("%", "%%")
    configuration = folder / "supervisord.conf"
    configuration.write_text(
        "[supervisord]\nnodaemon=true\n"
        f"logfile={folder}/supervisord.log\npidfile={folder}/supervisord.pid\n"
        f"childlogdir={folder}\n{'user=root' if os.geteuid() == 0 else ''}\n"
        f"[program:one]\ncommand={quoted}\nstopwaitsecs={STOP_SECONDS}\nstartsecs=0\n"
        + ("stopasgroup=true\nkillasgroup=true\n" if group else "")
    )
    return ["supervisord", "--configuration", str(configuration)]


def supervisord_group(folder: Path, service: list[str]) -> list[str]:
    """supervisord, told to signal process groups."""
    return supervisord(folder, service, group=True)


def s6(folder: Path, service: list[str]) -> list[str]:
    """s6-svscan with one service."""
    one = folder / "services/one"
    one.mkdir(parents=True)
    quoted = " ".join("'" + part.replace("'", "'\\''") + "'" for part in service)
    (one / "run").write_text(f"#!/bin/sh\nexec {quoted}\n")
    (one / "run").chmod(0o755)
    (one / "timeout-kill").write_text(f"{STOP_SECONDS * 1000}\n")
    return ["s6-svscan", str(folder / "services")]


def stop_s6(_process: subprocess.Popen, folder: Path) -> None:
    """Asks s6-svscan to stop its services and to end."""
    subprocess.run(["s6-svscanctl", "-t", str(folder / "services")], check=True)


MANAGERS = [
    Manager("Ensconce", ensconce, terminate),
    Manager("`kill()` on exit", by_hand, terminate),
    Manager("like tauri-plugin-shell", like_tauri, close_window),
    Manager("supervisord", supervisord, terminate, needs="supervisord"),
    Manager("supervisord, `…asgroup`", supervisord_group, terminate, needs="supervisord"),
    Manager("s6", s6, stop_s6, needs="s6-svscan"),
]
