"""Fixtures: an environment without settings, a migrated database, servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app import migrate
from app.core import security
from app.core.config import Settings
from tests.support import ADMIN, PASSWORD, Server


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps settings of the machine out of the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes with little effort, because most tests only need some hash."""
    hasher = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)])
    monkeypatch.setattr(security, "password_hasher", lambda: hasher)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at the newest revision, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("DATA_DIR", str(folder))
        assert migrate.main() == 0
    return folder / "app.db"


StartServer = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path, template: Path) -> Iterator[StartServer]:
    """Starts servers with given settings, all on the same data folder."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Server(tmp_path, template, **settings))


@pytest.fixture
def local(start: StartServer) -> Server:
    """A server that requires no login."""
    return start()


@pytest.fixture
def guarded(start: StartServer) -> Server:
    """A server that requires a login, and has a superuser."""
    return start(AUTH_REQUIRED=True, FIRST_SUPERUSER_PASSWORD=PASSWORD)


@pytest.fixture
def admin(guarded: Server) -> str:
    """The token of the superuser of `guarded`."""
    return guarded.log_in(ADMIN)


@pytest.fixture
def anna(guarded: Server) -> str:
    """The token of an ordinary user of `guarded`."""
    return guarded.sign_up("anna@example.com")


@pytest.fixture
def bert(guarded: Server) -> str:
    """The token of another ordinary user of `guarded`."""
    return guarded.sign_up("bert@example.com")
