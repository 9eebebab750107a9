"""Fixtures: an environment without settings, a migrated database, fake providers, servers."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import migrate
from app.core.config import Settings
from app.runs import lane
from tests.fake_providers import FakeProviders
from tests.support import Server

# What the SDKs and the library below them read by themselves.
READ_BY_SDKS = ("ANTHROPIC_AUTH_TOKEN", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps settings of the machine out of the tests."""
    for name in (*Settings.model_fields, *READ_BY_SDKS, *PROXIES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries again sooner than people would want it."""
    monkeypatch.setattr(lane, "FIRST_PAUSE_SECONDS", 0.1)


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
def fake() -> Iterator[FakeProviders]:
    """Both providers, on this machine."""
    with FakeProviders() as fake:
        yield fake


StartServer = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path, template: Path) -> Iterator[StartServer]:
    """Starts servers with given settings, all on the same data folder."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(Server(tmp_path, template, **settings))


@pytest.fixture
def server(start: StartServer, fake: FakeProviders) -> Server:
    """A server with keys, whose SDKs do not ask again by themselves."""
    return start(**fake.settings, MAX_RETRIES=0)


@pytest.fixture
def keyless(start: StartServer) -> Server:
    """A server without any setting."""
    return start()


@pytest.fixture
def unused_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
