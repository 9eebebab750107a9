"""The same services under Ensconce, s6 and supervisord."""

import json
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .places import BENCH, CLI, program
from .world import Program, World, home

HEAD = """\
[app]
id = "dev.ensconce.bench-supervision"
name = "Supervision"
version = "1.0.0"

[ui]
static = "site"
"""

SUPERVISORD = """\
[supervisord]
nodaemon = true
user = {user}
logfile = {folder}/supervisord.log
pidfile = {folder}/supervisord.pid
childlogdir = {folder}
"""

SUPERVISORD_PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
startsecs = 0
autorestart = true
stdout_logfile = {folder}/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 5
"""

# Whether the manifest knows the pause before a restart; older versions always pause.
NO_PAUSE = 'restart = { delay = "0s", limit = 1000 }'


@dataclass
class Service:
    """What is to run."""

    name: str
    command: list[str]
    needs: list[str] = field(default_factory=list)
    ready: str = '"started"'
    """As in Ensconce's manifest, and so the lines below."""
    more: str = ""
    environment: dict[str, str] = field(default_factory=dict)


def marked(marks: str, *steps: str) -> list[str]:
    """The command of a service that notes times."""
    return [program("perl"), str(BENCH / "marked.pl"), marks, *steps]


def manifest(folder: Path, services: list[Service]) -> Path:
    """Writes Ensconce's manifest."""
    (folder / "site").mkdir(parents=True, exist_ok=True)
    (folder / "site" / "index.html").write_text("<p>Hello")
    parts = [HEAD]
    for service in services:
        # What JSON has for text and lists is TOML as well.
        environment = ", ".join(f"{name} = {json.dumps(value)}" for name, value in service.environment.items())
        parts += [
            f"\n[service.{service.name}]",
            f"command = {json.dumps(service.command)}",
            f"needs = {json.dumps(service.needs)}",
            f"ready = {service.ready}",
            f"env = {{ {environment} }}" if environment else "",
            service.more,
        ]
    path = folder / "ensconce.toml"
    path.write_text("\n".join(parts) + "\n")
    return path


def ensconce(world: World, folder: Path, services: list[Service]) -> Program:
    """Starts them under Ensconce, without a window."""
    path = manifest(folder, services)
    command = [CLI, "run", "--headless", "--data-dir", folder / "data", path]
    return Program(command, world.environment | home(folder / "home"), folder / "ensconce.log")


def s6(world: World, folder: Path, services: list[Service]) -> Program:
    """Starts them under s6; a need is waited for by `s6-svwait`, at the start of the script."""
    folder.mkdir(parents=True, exist_ok=True)
    scan = folder / "scan"
    for service in services:
        own = scan / service.name
        own.mkdir(parents=True)
        waits = [f"s6-svwait -U {scan / need} || exit 1\n" for need in service.needs]
        exports = [f"export {name}={shlex.quote(value)}\n" for name, value in service.environment.items()]
        run = own / "run"
        run.write_text("".join(["#!/bin/sh\n", *waits, *exports, f"exec {shlex.join(service.command)}\n"]))
        run.chmod(0o755)
        if "newline" in service.command:
            (own / "notification-fd").write_text("3\n")
    return Program([program("s6-svscan"), scan], world.environment, folder / "s6.log")


def supervisord(world: World, folder: Path, services: list[Service]) -> Program:
    """Starts them under supervisord, which knows no needs."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [SUPERVISORD.format(folder=folder, user=subprocess.getoutput("id -un"))]
    for service in services:
        environment = ",".join(f'{name}="{value}"' for name, value in service.environment.items())
        command = shlex.join(service.command)
        values = {"name": service.name, "command": command, "environment": environment}
        parts.append(SUPERVISORD_PROGRAM.format(folder=folder, **values))
    path = folder / "supervisord.conf"
    path.write_text("".join(parts))
    return Program([program("supervisord"), "-c", path], world.environment, folder / "supervisord.out")


Supervisor = Callable[[World, Path, list[Service]], Program]
ALL: dict[str, Supervisor] = {"Ensconce": ensconce, "s6": s6, "supervisord": supervisord}


def knows_no_pause(folder: Path) -> bool:
    """Whether this Ensconce can restart without a pause."""
    path = manifest(folder, [Service("api", ["true"], more=NO_PAUSE)])
    return subprocess.run([CLI, "check", path], capture_output=True, check=False).returncode == 0
