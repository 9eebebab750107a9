"""Writes the manifest of a schedule's app."""

import sys
from pathlib import Path

from harness.manifests import Manifest, write
from harness.world import PROGRAMS

from .schedule import Part, Schedule
from .strangers import free_fixed_ports

FAKE = PROGRAMS / "ensconce-fake"
SERVICE = Path(__file__).with_name("service.py")
PAGE = "<!doctype html><title>Faults</title>It works"
ADDRESS = {
    "tcp": "{port}",
    "fixed": "{port}",
    "unix": "{socket}",
    "handshake-file": "{handshake}",
}
LISTEN = {"fixed": "tcp", "handshake-file": "handshake", "handshake-line": "handshake"}


class MadeApp:
    """The files of an app, and what was settled when they were written."""

    def __init__(self, folder: Path, schedule: Schedule) -> None:
        self.notes = folder / "notes"
        self.notes.mkdir()
        # Where services say that an earlier copy of theirs was alive at their start.
        self.former_copies = folder / "notes-former"
        (folder / "pages").mkdir()
        (folder / "pages/index.html").write_text(PAGE)
        fixed = [part.name for part in schedule.parts if part.listen == "fixed"]
        self.fixed_ports = dict(zip(fixed, free_fixed_ports(len(fixed)), strict=True))
        self.manifest = write(folder, self._manifest(schedule))

    def _manifest(self, schedule: Schedule) -> Manifest:
        parts = schedule.parts
        return {
            "app": {"id": "test.ensconce.faults", "name": "Faults", "version": "1.0.0"},
            "ui": {"static": "pages"},
            "route": [
                {"path": f"/{part.name}", "service": part.name} for part in parts if part.listens
            ],
            "task": {part.name: self._task(part) for part in parts if part.is_task},
            "service": {part.name: self._service(part) for part in parts if not part.is_task},
        }

    def _task(self, part: Part) -> Manifest:
        return {"command": self._numbering(part, lasts="0.03"), "needs": list(part.needs)}

    def _service(self, part: Part) -> Manifest:
        service = {
            "command": self._command(part),
            "needs": list(part.needs),
            "listen": LISTEN.get(part.listen, part.listen),
            "ready": {"http": {"http": "/"}, "log": {"log": "^up$"}}.get(part.ready, part.ready),
            "start": {"timeout": "20s"},
            "stop": {"timeout": f"{part.stop_ms}ms"},
        }
        if part.listen == "fixed":
            service["port"] = self.fixed_ports[part.name]
        if part.crashes:
            service |= {"optional": True, "ready": "started"}
        return service

    def _command(self, part: Part) -> list[str]:
        if part.crashes:
            return [str(FAKE), *children(part), "wait=30", "exit=70"]
        return self._numbering(part, lasts="on") if part.numbers else misbehaving(part)

    def _numbering(self, part: Part, lasts: str) -> list[str]:
        said = {
            "name": part.name,
            "notes": self.notes,
            "fake": FAKE,
            "stream": part.stream,
            "pace": part.pace,
            "children": ",".join(part.children),
            "manner": part.manner,
            "listen": part.listen,
            "address": ADDRESS.get(part.listen, ""),
            "ready": part.ready,
            "lasts": lasts,
        }
        # Without the site's packages, which would take longer to find than all the rest.
        arguments = [f"{name}={value}" for name, value in said.items()]
        return [sys.executable, "-I", "-S", str(SERVICE), *arguments]


def misbehaving(part: Part) -> list[str]:
    """Returns the steps of `ensconce-fake` for a service."""
    listening = {
        "tcp": ["tcp={port}"],
        "fixed": ["tcp={port}"],
        "unix": ["unix={socket}"],
        "handshake-file": ["port-file={handshake}"],
        "handshake-line": ["port-line"],
        "none": [],
    }
    manner = {"prompt": [], "slow": ["slow-stop=100"], "deaf": ["deaf"]}
    ready = {"log": ["say=up"], "notify": ["notify"]}
    steps = [
        *manner[part.manner],
        *children(part),
        *listening[part.listen],
        *ready.get(part.ready, []),
    ]
    return [str(FAKE), *steps, "stay"]


def children(part: Part) -> list[str]:
    """Returns the steps that start children; a background job is a shell's affair."""
    return [f"child={kind}" for kind in part.children if kind != "background"]
