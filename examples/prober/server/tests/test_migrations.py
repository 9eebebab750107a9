"""Bringing the database to the newest revision."""

import os
import subprocess
import sys
from pathlib import Path

from app import migrate
from app.core import paths
from tests.support import query


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a Python module of the server in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=paths.SERVER_DIR,
        env={**os.environ, "DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_an_empty_folder_gets_a_database(tmp_path: Path) -> None:
    folder = tmp_path / "deeper" / "data"
    done = run(folder, "app.migrate")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert migrate.is_current(folder / "app.db")
    again = run(folder, "app.migrate")
    assert (again.returncode, again.stderr) == (0, "")


def test_the_tables_are_those_of_the_models(tmp_path: Path) -> None:
    run(tmp_path, "app.migrate")
    done = run(tmp_path, "alembic", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_can_be_taken_back(tmp_path: Path) -> None:
    run(tmp_path, "app.migrate")
    assert run(tmp_path, "alembic", "downgrade", "base").returncode == 0
    tables = query(tmp_path / "app.db", "SELECT name FROM sqlite_master WHERE type = 'table'")
    assert tables == [("alembic_version",)]


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path, template: Path) -> None:
    (tmp_path / "app.db").write_bytes(template.read_bytes())
    query(tmp_path / "app.db", "UPDATE alembic_version SET version_num = '9999'")
    done = run(tmp_path, "app.migrate")
    assert done.returncode == 1
    assert "newer version" in done.stderr


def test_two_writers_wait_for_each_other(template: Path) -> None:
    assert query(template, "PRAGMA journal_mode") == [("wal",)]
