"""How the database is opened, and many threads that write to it."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from app.core.db import reading_session, writing_session
from app.models import LOCAL_USER_ID, Item
from tests.support import Server


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 5000)]
)
@pytest.mark.parametrize("open_session", [reading_session, writing_session])
def test_pragmas(local: Server, open_session: object, pragma: str, value: object) -> None:
    with open_session(local.app.state.engine) as session:  # type: ignore[operator]
        found = session.connection().exec_driver_sql(f"PRAGMA {pragma}").scalar()
    assert found == value


def test_the_file_is_in_wal_mode_for_everybody(local: Server) -> None:
    with closing(sqlite3.connect(local.file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_item_needs_an_owner(local: Server) -> None:
    with writing_session(local.app.state.engine) as session:
        session.add(Item(title="Orphan", owner_id="5" * 32))
        with pytest.raises((IntegrityError, StatementError)):
            session.commit()


def test_times_are_stored_as_utc(local: Server) -> None:
    here = datetime(2024, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with writing_session(local.app.state.engine) as session:
        item = Item(title="Milk", owner_id=LOCAL_USER_ID, created_at=here)
        session.add(item)
        session.commit()
    with reading_session(local.app.state.engine) as session:
        read = session.exec(select(Item)).one().created_at
    assert read == here
    assert read.tzinfo is UTC
    assert read.hour == 10


def test_a_time_without_a_zone_is_refused(local: Server) -> None:
    with writing_session(local.app.state.engine) as session:
        session.add(Item(title="x", owner_id=LOCAL_USER_ID, created_at=datetime(2024, 6, 1)))
        with pytest.raises(StatementError, match="without a time zone"):
            session.commit()


def test_many_threads_write(local: Server) -> None:
    def write(number: int) -> None:
        item = local.add_item(f"item {number}")
        local.ok("PUT", f"/items/{item['id']}", json={"done": True})
        if number % 4 == 0:
            local.ok("DELETE", f"/items/{item['id']}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(80)))
    page = local.ok("GET", "/items/")
    assert page["count"] == 60
    assert all(item["done"] for item in page["data"])


def test_many_threads_read_then_write_the_same_row(local: Server) -> None:
    """Reading first and writing later fails at once in SQLite, unless the lock comes first."""
    engine = local.app.state.engine
    local.add_item("0")

    def count_up(_number: int) -> None:
        with writing_session(engine) as session:
            item = session.exec(select(Item)).one()
            item.title = str(int(item.title) + 1)
            session.add(item)
            session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(64)))
    assert local.titles() == ["64"]


def test_reading_goes_on_while_somebody_writes(local: Server) -> None:
    with writing_session(local.app.state.engine) as session:
        session.add(Item(title="Milk", owner_id=LOCAL_USER_ID))
        session.flush()
        assert local.titles() == []
        session.commit()
    assert local.titles() == ["Milk"]


def test_the_log_of_changes_is_merged_at_the_end(tmp_path: Path, template: Path) -> None:
    with Server(tmp_path, template) as server:
        server.add_item("Milk")
    assert not (tmp_path / "app.db-wal").exists()
    with Server(tmp_path, template) as server:
        assert server.titles() == ["Milk"]
