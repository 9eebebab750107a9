"""Runs migrations for alembic's command line and for `app.migrate`.

SQLite can hardly alter a table, so batch mode copies it, drops the old one and renames the
copy. With foreign keys on, the drop would delete every row that refers to the table; so they
are off here and checked before the commit instead. All revisions run in one transaction that
holds the write lock: either all are applied or none, and a second process waits, then finds
nothing left to do.
"""

from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import Connection

from app.core.engine import for_writing, open_engine
from app.core.paths import database_file, url_for_file

config = context.config


def options() -> dict[str, Any]:
    """Returns what both ways of running have in common."""
    return {
        "target_metadata": None if run_by_app() else metadata(),
        "render_as_batch": True,
        "transactional_ddl": True,
    }


def run_by_app() -> bool:
    """Tells whether `app.migrate` runs this: it only upgrades, so it needs no models."""
    return bool(config.attributes.get("run_by_app"))


def metadata() -> Any:
    """Returns the tables of the models, to which alembic compares the database."""
    from app import models

    return models.SQLModel.metadata


def check_foreign_keys(connection: Connection) -> None:
    """Fails, and so undoes everything, when a row refers to a row that is gone."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise RuntimeError(f"The migration would leave broken references in: {tables}")


def migrate_database() -> None:
    """Applies the migrations to the database."""
    file = database_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(file, foreign_keys=False)
    try:
        with for_writing(engine).connect() as connection:
            context.configure(connection=connection, **options())
            with context.begin_transaction():
                context.run_migrations()
                check_foreign_keys(connection)
    finally:
        engine.dispose()


def print_sql() -> None:
    """Writes the migrations as SQL instead of applying them (`alembic upgrade --sql`)."""
    context.configure(url=url_for_file(database_file()), literal_binds=True, **options())
    with context.begin_transaction():
        context.run_migrations()


if config.config_file_name and not run_by_app():
    fileConfig(config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    print_sql()
else:
    migrate_database()
