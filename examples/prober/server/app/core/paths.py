"""Says where the server keeps its files.

Uses the standard library only, because the migration check (`app.migrate`) reads it
before anything slow is imported.
"""

import os
from collections.abc import Mapping
from pathlib import Path

SERVER_DIR = Path(__file__).resolve().parents[2]
MIGRATIONS_DIR = SERVER_DIR / "migrations"
DEFAULT_DATA_DIR = SERVER_DIR / ".data"
BUNDLED_SUITES_DIR = SERVER_DIR / "suites"
BUNDLED_MODELS_FILE = SERVER_DIR / "models.yaml"
URL_PREFIX = "sqlite:///"


class DatabaseUrlError(ValueError):
    """The database URL is not one that names an SQLite file."""


def data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the folder for everything the server writes."""
    return Path(environment.get("DATA_DIR") or DEFAULT_DATA_DIR).resolve()


def database_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the SQLite file that `DATABASE_URL` names, or the default one."""
    url = environment.get("DATABASE_URL")
    return file_from_url(url) if url else data_dir(environment) / "app.db"


def suites_dir(data: Path) -> Path:
    """Returns the folder of the user's own suites."""
    return data / "suites"


def models_file(data: Path) -> Path:
    """Returns the file in which users list models and prices of their own."""
    return data / "models.yaml"


def url_for_file(file: Path) -> str:
    """Writes the database URL of an SQLite file."""
    return URL_PREFIX + file.as_posix()


def file_from_url(url: str) -> Path:
    """Reads the file out of a `sqlite:///` URL; refuses everything else."""
    path = url.removeprefix(URL_PREFIX)
    if path == url:
        raise DatabaseUrlError(f"DATABASE_URL must start with `{URL_PREFIX}`")
    if not path or ":memory:" in path:
        raise DatabaseUrlError("DATABASE_URL must name a file")
    if "?" in path:
        raise DatabaseUrlError("DATABASE_URL must not carry options after `?`")
    return Path(path).resolve()
