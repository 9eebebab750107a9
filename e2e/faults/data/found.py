"""What is found on the disk afterwards, and whether it may be."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .app import content, names
from .program import ROWS

# What may lie in the data folder, in Ensconce's own, and among its backups, when nothing is left
# half-done.
IN_DATA = r"\.ensconce|notes\.db(-wal|-shm)?|file-.*|folder-\d|notes\.db\.before-restore-[^.]*"
IN_OWN = r"lock|data\.lock|state\.json|settings\.json|backups|unclean"
# The note of an update that is done stays until the start after it.
IN_BACKUPS = r"main-[\w.-]+\.(sqlite|json)|migrate\.update"
BESIDE = r"data|data\.before-import-.*|config|cache|logs|filler"


@dataclass(frozen=True)
class Database:
    """What a database holds."""

    generation: int
    schema: int
    tick: int


def database(file: Path) -> Database:
    """Reads a database, which must be of one generation and one schema."""
    with closing(sqlite3.connect(file)) as opened:
        said = opened.execute("PRAGMA integrity_check").fetchone()[0]
        assert said == "ok", f"{file} is damaged: {said}"
        schema = opened.execute("PRAGMA user_version").fetchone()[0]
        rows = opened.execute("SELECT id, generation, amount FROM items").fetchall()
        tick = opened.execute("SELECT coalesce(max(number), 0) FROM ticks").fetchone()[0]
        tables = {row[0] for row in opened.execute("SELECT name FROM sqlite_master")}
    assert tables == {"items", "ticks"}, f"{file} is half migrated: {tables}"
    generations = {row[1] for row in rows}
    assert len(rows) == ROWS, f"{file} has {len(rows)} rows"
    assert len(generations) == 1, f"{file} mixes generations {generations}"
    wrong = [row for row in rows if row[2] != row[0] * schema]
    assert not wrong, f"{file} has schema {schema}, and rows of another one: {wrong[:3]}"
    return Database(generations.pop(), schema, tick)


def generation_of_files(data: Path) -> int:
    """Reports which generation the files are of; they must be all of it, and nothing else."""
    found = {
        str(path.relative_to(data))
        for pattern in ("file-*", "folder-*/*")
        for path in data.glob(pattern)
    }
    for generation in (1, 2):
        if found == names(generation):
            for name in found:
                text = (data / name).read_text()
                assert text == content(name, generation), f"{name} is not whole: {text[:40]!r}"
            return generation
    common = names(1) & names(2)
    raise AssertionError(
        f"The files are of no generation: {len(found)} in {data}, "
        f"missing {sorted(common - found)[:5]}, odd {sorted(found - common)[:5]}"
    )


def record(data: Path) -> dict:
    """Reads what has been done to the data."""
    return json.loads((data / ".ensconce/state.json").read_text())["data"]


def left_over(data: Path) -> list[str]:
    """Lists what should not be there once all is well."""
    own = data / ".ensconce"
    looked = [
        (data.parent, BESIDE),
        (data, IN_DATA),
        (own, IN_OWN),
        (own / "backups", IN_BACKUPS),
    ]
    odd = [
        str(path.relative_to(data.parent))
        for folder, allowed in looked
        for path in folder.iterdir()
        if not re.fullmatch(allowed, path.name)
    ]
    alone = [
        path.name
        for path in (own / "backups").glob("main-*")
        if not (path.with_suffix(".json").exists() and path.with_suffix(".sqlite").exists())
    ]
    return odd + [f"backups/{name} alone" for name in alone]
