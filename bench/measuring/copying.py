"""Ways to copy a SQLite database that an app's service is writing into."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .headless import LIMIT, Headless
from .places import BENCH, CLI
from .world import World, home

APP = BENCH / "writing_app.py"
MEGA = 10**6
# Rows that are added at once while the database is made; a row has a kilobyte.
BATCH = 10_000
# Before each copy, so that the disk is done with the one before.
SETTLE = 2
# What is held up by the end of a copy is seen within this.
AFTER = 3
# How long nothing is copied, to see the writes alone.
ALONE = 10
# An answer of Ensconce that takes longer never comes.
ENSCONCE_LIMIT = 600
SIDES = ["", "-wal", "-shm", "-journal"]

MANIFEST = """\
[app]
id = "dev.ensconce.bench-backup"
name = "Backup"
version = "1.0.0"

[ui]
static = "site"

[service.writer]
command = {command}
ready = {{ log = "writing" }}

[database.main]
file = "{{data}}/main.db"
"""

# Peers that are a few lines of Python, each in a process of its own.
IN_ONE_GO = """\
import sqlite3, sys
with sqlite3.connect(sys.argv[2]) as copy:
    sqlite3.connect(sys.argv[1]).backup(copy, pages=-1)
copy.close()
"""
VACUUM = """\
import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", [sys.argv[2]])
"""


@dataclass
class Transaction:
    """One of the service's."""

    begun: int
    took: int
    failed: bool


@dataclass
class Copied:
    """What one copy has shown."""

    seconds: float | None
    """None when it was not finished within the limit."""
    meanwhile: list[float]
    """How long each transaction took, in milliseconds."""
    after: list[float]
    failed: int
    whole: bool = False
    """Whether it passes SQLite's check."""
    complete: bool = False
    """Whether it has all that was committed before."""


class WritingApp:
    """An app with a large database, whose service writes."""

    def __init__(self, world: World, megabytes: int, synchronous: str) -> None:
        self.data = world.folder / "app"
        self.database = self.data / "data" / "main.db"
        self.database.parent.mkdir(parents=True, mode=0o700)
        self.backups = self.database.parent / ".ensconce" / "backups"
        self.copy = world.folder / "copy.db"
        self.environment = world.environment | home(world.folder / "home")
        self._socket = world.folder / "s"
        make(self.database, megabytes * MEGA)
        (world.folder / "site").mkdir()
        (world.folder / "site" / "index.html").write_text("<p>Hello")
        command = [sys.executable, str(APP), "{data}/main.db", str(self._socket), synchronous]
        self.manifest = world.folder / "ensconce.toml"
        # What JSON has for text and lists is TOML as well.
        self.manifest.write_text(MANIFEST.format(command=json.dumps(command)))
        self._app = Headless(self.manifest, self.environment, self.data, world.folder / "ensconce.log")

    def transactions(self) -> tuple[list[Transaction], int]:
        """Returns the transactions since it was asked last, and the last row that is kept for sure."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(self._socket))
            with connection.makefile("rb") as told:
                answer = json.load(told)
        return [Transaction(*one) for one in answer["transactions"]], answer["last"]

    def transactions_until(self, moment: int) -> list[Transaction]:
        """Waits for the first transaction that begins after a moment; returns those up to it."""
        found: list[Transaction] = []
        deadline = time.monotonic() + LIMIT
        while not found or found[-1].begun < moment:
            if time.monotonic() > deadline:
                raise TimeoutError(f"The service has written nothing for {LIMIT} s")
            time.sleep(max(0.05, (moment - time.monotonic_ns()) / 1e9))
            found += self.transactions()[0]
        return found

    def end(self) -> None:
        """Ends it."""
        self._app.end()


def make(file: Path, size: int) -> None:
    """Makes the database, with a write-ahead log."""
    database = sqlite3.connect(file, isolation_level=None)
    database.executescript("""
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        PRAGMA cache_size = -300000;
        CREATE TABLE rows (id INTEGER PRIMARY KEY, word TEXT, content BLOB);
        CREATE INDEX by_word ON rows (word);
    """)
    while number(database, "page_count") * number(database, "page_size") < size:
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO rows (word, content) SELECT lower(hex(randomblob(8))), randomblob(1000) FROM n",
            [BATCH],
        )
    database.execute("PRAGMA journal_mode = WAL")
    database.close()
    durable(file)


def number(database: sqlite3.Connection, pragma: str) -> int:
    """Returns a number that SQLite knows of a database."""
    return database.execute(f"PRAGMA {pragma}").fetchone()[0]


def durable(file: Path) -> None:
    """Waits until a file is on the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def nobody(_app: WritingApp, _limit: float) -> None:
    """Nobody copies."""
    time.sleep(ALONE)


def ensconce(app: WritingApp, _limit: float) -> Path:
    """Ensconce's backup, by the app that runs."""
    command = [CLI, "backup", "--manifest", app.manifest, "--data-dir", app.data]
    run(command, app.environment, ENSCONCE_LIMIT)
    (backup,) = app.backups.glob("*.sqlite")
    return backup


def in_one_go(app: WritingApp, limit: float) -> Path:
    """Python's backup, all pages at once."""
    return with_peer(app, limit, [sys.executable, "-c", IN_ONE_GO, app.database, app.copy])


def vacuum(app: WritingApp, limit: float) -> Path:
    """SQLite's `VACUUM INTO`."""
    return with_peer(app, limit, [sys.executable, "-c", VACUUM, app.database, app.copy])


def dot_backup(app: WritingApp, limit: float) -> Path:
    """The backup of SQLite's own program, which takes 100 pages at a time."""
    return with_peer(app, limit, ["sqlite3", "-cmd", ".timeout 10000", app.database, f".backup '{app.copy}'"])


def cp(app: WritingApp, limit: float) -> Path:
    """A copy of the file as it is."""
    return with_peer(app, limit, ["cp", app.database, app.copy])


def with_peer(app: WritingApp, limit: float, command: list) -> Path:
    """Copies by a program, and makes the copy durable, as Ensconce does."""
    run(command, app.environment, limit)
    durable(app.copy)
    return app.copy


def run(command: list, environment: dict[str, str], limit: float) -> None:
    """Runs a program; the error has what it says."""
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=limit,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} has failed:\n{done.stdout.decode(errors='replace')}")


Way = Callable[[WritingApp, float], Path | None]
OWN, ALONE_TITLE = "Ensconce", "nobody copies"
WAYS: dict[str, Way] = {
    OWN: ensconce,
    "Python's backup(pages=-1)": in_one_go,
    "VACUUM INTO": vacuum,
    "sqlite3's .backup": dot_backup,
    "cp, torn": cp,
    ALONE_TITLE: nobody,
}


def ways() -> dict[str, Way]:
    """Returns those that this machine has."""
    return {title: way for title, way in WAYS.items() if way is not dot_backup or shutil.which("sqlite3")}


def measure(app: WritingApp, way: Way, limit: float) -> Copied:
    """Makes one copy while the service writes, looks at it, and removes it."""
    os.sync()
    time.sleep(SETTLE)
    _, last = app.transactions()
    begun = time.monotonic_ns()
    try:
        copy = way(app, limit)
        finished = True
    except subprocess.TimeoutExpired:
        copy, finished = None, False
    ended = time.monotonic_ns()
    try:
        found = app.transactions_until(ended + AFTER * 10**9)
        meanwhile = [one for one in found if one.begun < ended and one.begun + one.took > begun]
        copied = Copied(
            seconds=(ended - begun) / 1e9 if finished else None,
            meanwhile=[one.took / 1e6 for one in meanwhile],
            after=[one.took / 1e6 for one in found if one.begun >= ended],
            failed=sum(one.failed for one in meanwhile),
        )
        if copy:
            copied.whole, copied.complete = look_at(copy, last)
    finally:
        for file in (app.copy, *([copy] if copy else [])):
            for side in SIDES:
                file.with_name(file.name + side).unlink(missing_ok=True)
    return copied


def look_at(copy: Path, last: int) -> tuple[bool, bool]:
    """Reports whether a copy is whole, and has this row."""
    database = sqlite3.connect(copy)
    try:
        whole = database.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        (newest,) = database.execute("SELECT max(id) FROM rows").fetchone()
    except sqlite3.DatabaseError:
        return False, False
    finally:
        database.close()
    return whole, newest >= last
