"""Bringing the database to the newest revision, by the quick way and by alembic's own."""

import os
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from app import migrate
from app.core import paths
from app.core.engine import open_engine
from app.migrate import MigrationError, Revisions, read_revisions
from tests.support import API, query
from tests.test_process import RunningServer

HEAD = "0002"
TABLES = "SELECT name FROM sqlite_master"
ROW_OF_FIRST_REVISION = "11111111111141118111111111111111"


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


def revision(file: Path) -> str:
    [(found,)] = query(file, "SELECT version_num FROM alembic_version")
    return found


def schema(file: Path) -> set[str]:
    """Gives the statements that made the tables, with space evened out."""
    rows = query(file, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {" ".join(sql.split()) for (sql,) in rows}


def test_an_empty_folder_gets_a_database(tmp_path: Path) -> None:
    folder = tmp_path / "deeper" / "data"
    done = run(folder, "app.migrate")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert revision(folder / "app.db") == HEAD


def test_alembic_makes_the_same_database(tmp_path: Path, template: Path) -> None:
    done = run(tmp_path, "alembic", "upgrade", "head")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert schema(tmp_path / "app.db") == schema(template)


def test_the_models_match_the_revisions(tmp_path: Path, template: Path) -> None:
    (tmp_path / "app.db").write_bytes(template.read_bytes())
    done = run(tmp_path, "alembic", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_revisions_can_be_taken_back(tmp_path: Path, template: Path) -> None:
    (tmp_path / "app.db").write_bytes(template.read_bytes())
    assert run(tmp_path, "alembic", "downgrade", "base").returncode == 0
    assert "item" not in {name for (name,) in query(tmp_path / "app.db", TABLES)}
    assert run(tmp_path, "app.migrate").returncode == 0
    assert schema(tmp_path / "app.db") == schema(template)


def test_revisions_can_be_written_as_sql(tmp_path: Path) -> None:
    done = run(tmp_path, "alembic", "upgrade", "head", "--sql")
    # Batch mode has to look at the table, so only the first revision can be written.
    assert "CREATE TABLE item" in done.stdout
    assert not (tmp_path / "app.db").exists()


def test_data_of_the_first_revision_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    assert run(tmp_path, "alembic", "upgrade", "0001").returncode == 0
    made = "2024-02-29 12:00:00.000000"
    user = (ROW_OF_FIRST_REVISION, "anna@example.com", made)
    query(file, "INSERT INTO user VALUES (?, ?, NULL, 1, 1, NULL, ?)", *user)
    item = (ROW_OF_FIRST_REVISION, made, ROW_OF_FIRST_REVISION)
    query(file, "INSERT INTO item VALUES (?, 'Milk', NULL, ?, ?)", *item)
    assert run(tmp_path, "app.migrate").returncode == 0
    assert revision(file) == HEAD
    assert query(file, "SELECT title, done, updated_at, owner_id FROM item") == [
        ("Milk", 0, made, ROW_OF_FIRST_REVISION)
    ]


def test_a_broken_reference_undoes_the_migration(tmp_path: Path) -> None:
    file = tmp_path / "app.db"
    run(tmp_path, "alembic", "upgrade", "0001")
    item = (ROW_OF_FIRST_REVISION, "2024-02-29 12:00:00.000000", ROW_OF_FIRST_REVISION)
    query(file, "INSERT INTO item VALUES (?, 'Milk', NULL, ?, ?)", *item)
    before = schema(file)
    done = run(tmp_path, "app.migrate")
    assert done.returncode == 1
    assert "broken references in: item" in done.stderr
    assert revision(file) == "0001"
    assert schema(file) == before


def test_many_at_once_migrate_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: run(tmp_path, "app.migrate"), range(4)))
    assert [(done.returncode, done.stderr) for done in results] == [(0, "")] * 4
    assert revision(tmp_path / "app.db") == HEAD


def at_head(
    file: Path, template: Path, monkeypatch: pytest.MonkeyPatch, database_revision: str = HEAD
) -> None:
    """Puts a database at this revision where the server looks for it."""
    file.write_bytes(template.read_bytes())
    query(file, "UPDATE alembic_version SET version_num = ?", database_revision)
    monkeypatch.setenv("DATA_DIR", str(file.parent))


def test_at_head_nothing_is_upgraded(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_head(tmp_path / "app.db", template, monkeypatch)
    monkeypatch.setattr(migrate, "upgrade", lambda: pytest.fail("upgraded"))
    assert migrate.main() == 0


def test_at_head_nothing_slow_is_imported(tmp_path: Path, template: Path) -> None:
    (tmp_path / "app.db").write_bytes(template.read_bytes())
    script = (
        "import sys; from app.migrate import main; code = main();"
        "print(code, *sorted({'alembic', 'sqlalchemy', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=paths.SERVER_DIR,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stdout == "0\n"


@pytest.mark.parametrize("older", ["0001"])
def test_behind_head_it_is_upgraded(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, older: str
) -> None:
    at_head(tmp_path / "app.db", template, monkeypatch, older)
    called: list[bool] = []
    monkeypatch.setattr(migrate, "upgrade", lambda: called.append(True))
    assert migrate.main() == 0
    assert called == [True]


def test_an_unknown_revision_is_refused(tmp_path: Path, template: Path) -> None:
    file = tmp_path / "app.db"
    file.write_bytes(template.read_bytes())
    query(file, "UPDATE alembic_version SET version_num = '9999'")
    done = run(tmp_path, "app.migrate")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: The database {file} is at revision `9999`, which this version of the app "
        "does not know; it was probably made by a newer version\n"
    )
    assert revision(file) == "9999"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_bytes(b"Dear diary, " * 100)
    done = run(tmp_path, "app.migrate")
    assert done.returncode == 1
    assert done.stderr.startswith("error: Not a database: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://localhost/app",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///a?b",
    ],
)
def test_other_database_urls_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert migrate.main() == 1
    assert capsys.readouterr().err.startswith("error: DATABASE_URL must ")


def test_an_empty_file_counts_as_new(tmp_path: Path) -> None:
    (tmp_path / "app.db").touch()
    assert run(tmp_path, "app.migrate").returncode == 0
    assert revision(tmp_path / "app.db") == HEAD


def test_the_server_refuses_an_old_database(tmp_path: Path) -> None:
    run(tmp_path, "alembic", "upgrade", "0001")
    with RunningServer(tmp_path, wait=False) as server:
        assert server.wait() != 0
    assert "run `python -m app.migrate` first" in "".join(server.lines)


def test_the_server_starts_after_the_migration(tmp_path: Path) -> None:
    run(tmp_path, "app.migrate")
    with RunningServer(tmp_path) as server, server.client() as client:
        assert client.get(f"{API}/items/").json() == {"data": [], "count": 0}


def test_the_database_can_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a folder, 100% odd #1" / "items.db"
    monkeypatch.setenv("DATABASE_URL", paths.url_for_file(file))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert migrate.main() == 0
    assert revision(file) == HEAD
    assert not (tmp_path / "app.db").exists()


# The revisions as read without alembic


def test_alembic_reads_the_same_revisions() -> None:
    scripts = ScriptDirectory(str(paths.MIGRATIONS_DIR))
    assert read_revisions(migrate.VERSIONS_DIR) == Revisions(
        known=frozenset(script.revision for script in scripts.walk_revisions()),
        heads=frozenset(scripts.get_heads()),
    )
    assert len(scripts.get_heads()) == 1


def test_all_forms_of_a_revision_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('revision = "a"\ndown_revision = None\n')
    (tmp_path / "b.py").write_text("revision: str = 'b'\ndown_revision: str | None = 'a'\n")
    (tmp_path / "c.py").write_text('"""c\n\nrevision = "x"\n"""\nrevision="c"\ndown_revision="a"')
    (tmp_path / "d.py").write_text('revision = "d"\ndown_revision = ("b", "c")\n')
    assert read_revisions(tmp_path) == Revisions(frozenset("abcd"), frozenset("d"))


def test_revision_files_are_named_after_their_revision() -> None:
    for file in migrate.VERSIONS_DIR.glob("*.py"):
        assert file.name.startswith(f"{migrate.module_constants(file)['revision']}_")
        assert re.fullmatch(r"\d{4}_[a-z_]+\.py", file.name)


def test_require_current_explains(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="not up to date"):
        migrate.require_current(tmp_path / "app.db")


def test_foreign_keys_are_off_while_migrating(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "app.db", foreign_keys=False)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
    engine.dispose()


def test_the_check_does_not_hold_the_database(tmp_path: Path, template: Path) -> None:
    file = tmp_path / "app.db"
    file.write_bytes(template.read_bytes())
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert migrate.is_current(file)
