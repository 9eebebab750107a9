"""Opens the SQLite database the way every part of the server needs it.

SQLite allows one writer at a time. A transaction that reads first and writes later can
fail at once with "database is locked", whatever the busy timeout, when another writer got
in between. So a session that is going to write says so, and takes the write lock with its
first statement: it waits its turn there, and what it read stays true until it commits.

Knows no models and no sessions, so that migrations need not import them.
"""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_TIMEOUT_MILLISECONDS = 5000
BEGIN_OPTION = "sqlite_begin"


def open_engine(file: Path, *, foreign_keys: bool = True) -> Engine:
    """Opens the database; migrations turn foreign keys off to rebuild tables."""
    engine = create_engine(
        URL.create("sqlite", database=str(file)), connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _record: object) -> None:
        # The driver must not open transactions by itself; `begin` below does.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        kind = connection.get_execution_options().get(BEGIN_OPTION, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def for_writing(engine: Engine) -> Engine:
    """Returns the same engine, with transactions that take the write lock first."""
    return engine.execution_options(**{BEGIN_OPTION: "IMMEDIATE"})
