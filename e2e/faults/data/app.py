"""Writes the app, and makes the data that every run begins with: old data, a way to the new."""

import atexit
import json
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.manifests import write
from harness.raw import Visitor
from harness.world import Program, World

PROGRAM = Path(__file__).with_name("program.py")
FILES = 300
FOLDERS = 3
OLD, NEW = 2, 1
# The answer that each generation has.
COLOURS = {NEW: "green", OLD: "red"}


@dataclass(frozen=True)
class Template:
    """Old data, with a backup and an export of the new."""

    folder: Path
    backup: str
    # Seconds that each work takes.
    seconds: dict[str, float]

    @property
    def export(self) -> Path:
        """The file to import."""
        return self.folder / "new.ensconce"

    def data(self, version: int) -> Path:
        """The old data in a version of the app."""
        return self.folder / f"data-{version}"


class App:
    """The files of the app in a world."""

    def __init__(self, world: World, journal: str) -> None:
        self.folder = world.folder / "app"
        self.notes = world.folder / "notes"
        self.journal = journal
        self.changes = 0
        for folder in (self.folder, self.notes, self.folder / "pages"):
            folder.mkdir()
        (self.folder / "pages/index.html").write_text("<!doctype html><title>Data</title>")

    def write(self, version: int) -> Path:
        """Writes the manifest of a version."""
        python = [sys.executable, "-I", "-S", str(PROGRAM)]
        env = {
            "APP_VERSION": "{app.version}",
            "DATABASE": "{data}/notes.db",
            "JOURNAL": self.journal,
            "NOTES": str(self.notes),
            "CHANGES": str(self.changes),
        }
        field = {"name": "colour", "label": "Colour", "default": "none"}
        web = {"listen": "tcp", "needs": ["migrate"]}
        return write(
            self.folder,
            {
                "app": {"id": "test.ensconce.data", "name": "Data", "version": f"{version}.0.0"},
                "ui": {"static": "pages"},
                "route": [{"path": "/web", "service": "web"}],
                "task": {"migrate": {"command": [*python, "migrate"], "when": "update"}},
                "service": {
                    "web": {
                        **web,
                        "command": [*python, "serve", "{port}"],
                        "env": {"COLOUR": "{setup.colour}"},
                    }
                },
                "database": {"main": {"file": "{data}/notes.db", "migrate": "migrate"}},
                "setup": {"page": [{"title": "Looks", "fields": [field]}]},
                "env": env,
            },
        )


def put_files(data: Path, generation: int) -> None:
    """Writes all files of a generation, which are the only ones."""
    for number in range(FOLDERS):
        shutil.rmtree(data / f"folder-{number}", ignore_errors=True)
    for old in data.glob("file-*"):
        old.unlink()
    for name in names(generation):
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_text(content(name, generation))


def names(generation: int) -> set[str]:
    """The names of all files of a generation; most are in both."""
    common = {f"file-{number}" for number in range(FILES)}
    below = {f"folder-{number}/file-{number}" for number in range(FOLDERS)}
    return common | below | {f"file-only-{generation}", f"folder-0/only-{generation}"}


def content(name: str, generation: int) -> str:
    """What a file holds."""
    return f"{generation} {name}\n" * 20


def set_generation(database: Path, generation: int) -> None:
    """Makes the rows of a database a generation's."""
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("UPDATE items SET generation = ?", (generation,))


@cache
def template(journal: str) -> Template:
    """Makes the data of a journal mode, once."""
    world = World()
    atexit.register(world.close)
    app = App(world, journal)
    manifest = app.write(1)
    run_once(world, manifest)
    data = world.data / "data"
    put_files(data, NEW)
    answer(world, manifest, COLOURS[NEW])
    seconds = {"backup": timed(world, "backup", "--manifest", manifest)}
    seconds["export"] = timed(world, "export", world.folder / "new.ensconce", manifest)
    (backup,) = [path.name for path in (data / ".ensconce/backups").glob("*-manual.sqlite")]
    seconds["restore"] = timed(world, "restore", "main", backup, "--manifest", manifest)
    seconds["import"] = timed(world, "import", world.folder / "new.ensconce", manifest)
    clear_asides(world)
    set_generation(data / "notes.db", OLD)
    put_files(data, OLD)
    answer(world, manifest, COLOURS[OLD])
    shutil.copytree(world.data, world.folder / "data-1")
    seconds["migrate"] = run_once(world, app.write(2))
    shutil.copytree(world.data, world.folder / "data-2")
    return Template(world.folder, backup, seconds)


def clear_asides(world: World) -> None:
    """Removes what was kept while the work was timed."""
    for kept in world.data.glob("data.before-*"):
        shutil.rmtree(kept)
    for kept in (world.data / "data").glob("*.before-*"):
        kept.unlink()


def run_once(world: World, manifest: Path) -> float:
    """Starts the app until it works, and stops it in order; returns the seconds until it worked."""
    begun = time.monotonic()
    program = world.run_headless(manifest)
    visitor = Visitor(program.url())
    visitor.enter()
    assert visitor.get("/web").status == 200
    seconds = time.monotonic() - begun
    stop(program)
    return seconds


def stop(program: Program) -> None:
    """Stops an app in order."""
    program.process.terminate()
    assert program.exit_code() == 0, program.stderr()


def answer(world: World, manifest: Path, colour: str) -> None:
    """Answers the app's question."""
    given = world.folder / "answers.toml"
    given.write_text(f"colour = {json.dumps(colour)}\n")
    timed(world, "setup", "--no-input", "--answers", given, manifest)


def timed(world: World, *arguments: str | Path) -> float:
    """Runs a command about the app; returns the seconds that it took."""
    begun = time.monotonic()
    program = world.run(*arguments, "--data-dir", world.data)
    assert program.exit_code() == 0, program.stderr()
    return time.monotonic() - begun
