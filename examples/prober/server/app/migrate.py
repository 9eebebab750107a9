"""Brings the database to the newest revision: `python -m app.migrate`.

Does what `alembic upgrade head` does. But nearly every start finds the database up to date,
and importing alembic takes longer than everything else here. So this looks first, with
nothing but the standard library: the revision stands in the database, the revisions there
are stand in the files under `migrations/versions`.
"""

import ast
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.core import paths

VERSIONS_DIR = paths.MIGRATIONS_DIR / "versions"


class MigrationError(Exception):
    """The database can not be used by this version of the app."""


@dataclass(frozen=True)
class Revisions:
    """The revisions this version of the app knows."""

    known: frozenset[str]
    heads: frozenset[str]


def read_revisions(folder: Path) -> Revisions:
    """Reads which revisions there are, and which no other one follows."""
    known: set[str] = set()
    followed: set[str] = set()
    for file in folder.glob("*.py"):
        names = module_constants(file)
        known.update(as_names(names["revision"]))
        followed.update(as_names(names["down_revision"]))
    return Revisions(known=frozenset(known), heads=frozenset(known - followed))


def module_constants(file: Path) -> dict[str, object]:
    """Reads the constants of a revision file without running it."""
    constants: dict[str, object] = {}
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case _:
                continue
        if name in ("revision", "down_revision"):
            constants[name] = ast.literal_eval(value)
    return constants


def as_names(value: object) -> Iterable[str]:
    """Turns the forms alembic allows (none, one, several) into several."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def database_revisions(file: Path) -> frozenset[str]:
    """Reads which revisions the database is at: none when it is new."""
    if not file.exists():
        return frozenset()
    try:
        with closing(sqlite3.connect(file, timeout=5)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return frozenset()
        raise MigrationError(f"The database can not be read: {file}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise MigrationError(f"Not a database: {file}: {error}") from error
    return frozenset(version for (version,) in rows)


def is_current(file: Path) -> bool:
    """Tells whether the database is at the newest revision; fails for an unknown one."""
    revisions = read_revisions(VERSIONS_DIR)
    current = database_revisions(file)
    if unknown := sorted(current - revisions.known):
        raise MigrationError(
            f"The database {file} is at revision `{unknown[0]}`, which this version of the "
            "app does not know; it was probably made by a newer version"
        )
    return current == revisions.heads


def require_current(file: Path) -> None:
    """Fails unless the database is at the newest revision."""
    if not is_current(file):
        raise MigrationError(
            f"The database {file} is not up to date: run `python -m app.migrate` first"
        )


def upgrade() -> None:
    """Runs `alembic upgrade head`, without loading the models."""
    from alembic import command
    from alembic.config import Config

    config = Config(paths.SERVER_DIR / "alembic.ini")
    config.attributes["run_by_app"] = True
    command.upgrade(config, "head")


def main() -> int:
    """Upgrades the database if there is anything to do; returns the exit code."""
    try:
        if not is_current(paths.database_file()):
            upgrade()
    except (MigrationError, paths.DatabaseUrlError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
