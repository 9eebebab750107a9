"""Fixtures: an environment without settings, a migrated database, Valkey, servers, a recorder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app import migrate
from app.core.config import Settings
from tests.support import PASSWORD, Process, Server, Valkey


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps settings of the machine out of the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at the newest revision, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.setenv("DATA_DIR", str(folder))
        assert migrate.main() == 0
    return folder / "app.db"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a short path, because a socket's path must be short."""
    with TemporaryDirectory(prefix="recorder-") as folder:
        yield Path(folder)


@pytest.fixture
def valkey(folder: Path) -> Iterator[Valkey]:
    """A Valkey that runs."""
    with Valkey(folder) as valkey:
        yield valkey


StartServer = Callable[..., Server]


@pytest.fixture
def start(folder: Path, template: Path) -> Iterator[StartServer]:
    """Starts servers with given settings, all on the same data folder."""
    told = {"VALKEY_SOCKET": folder / "v.sock", "VALKEY_PASSWORD": PASSWORD}
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(Server(folder, template, **{**told, **more}))


@pytest.fixture
def server(start: StartServer) -> Server:
    """A server, for which Valkey is away unless the test starts one."""
    return start()


@pytest.fixture
def recorder(server: Server, folder: Path) -> Iterator[Process]:
    """A recorder beside the server, with the microphone switched off."""
    server.ok("PUT", "/source/", json={"microphone": False})
    told = {"VALKEY_SOCKET": str(folder / "v.sock"), "VALKEY_PASSWORD": PASSWORD}
    with Process("app.recorder", DATA_DIR=str(folder), **told) as recorder:
        yield recorder
