"""Settings from the environment, the stored key, and the password hashes."""

import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import ValidationError

from app.core import security
from app.core.config import Settings
from app.core.paths import DEFAULT_DATA_DIR
from tests.conftest import StartServer
from tests.support import ADMIN, Server

LONG_KEY = "k" * 32
owner_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")


def test_defaults() -> None:
    settings = Settings()
    assert settings.DATA_DIR == DEFAULT_DATA_DIR
    assert settings.database_file == DEFAULT_DATA_DIR / "app.db"
    assert settings.AUTH_REQUIRED is False
    assert settings.SECRET_KEY is None
    assert settings.ACCESS_TOKEN_EXPIRE_MINUTES == 7 * 24 * 60
    assert settings.FIRST_SUPERUSER == ADMIN
    assert settings.LOG_LEVEL == "info"


def test_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    monkeypatch.setenv("SECRET_KEY", LONG_KEY)
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    settings = Settings()
    assert settings.database_file == tmp_path / "app.db"
    assert settings.AUTH_REQUIRED is True
    assert settings.SECRET_KEY and settings.SECRET_KEY.get_secret_value() == LONG_KEY
    assert settings.LOG_LEVEL == "debug"


def test_empty_variables_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(name, "")
    assert Settings() == defaults


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short secret"),
        ("FIRST_SUPERUSER_PASSWORD", "secret"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "postgresql://localhost/app"),
        ("AUTH_REQUIRED", "perhaps"),
    ],
)
def test_bad_settings_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as error:
        Settings()
    assert name in str(error.value)
    assert "secret" not in str(error.value)


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(SECRET_KEY=LONG_KEY, FIRST_SUPERUSER_PASSWORD="p" * 8))
    assert LONG_KEY not in shown
    assert "p" * 8 not in shown


# The key that signs tokens


@owner_only
def test_a_key_is_made_for_the_owner_only(local: Server) -> None:
    file = local.folder / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(local.key) >= 32
    assert file.read_text().strip() == local.key


def test_the_key_is_made_once(local: Server, start: StartServer) -> None:
    assert start().key == local.key


def test_each_folder_has_its_own_key(tmp_path: Path) -> None:
    keys = set()
    for name in "ab":
        (tmp_path / name).mkdir()
        keys.add(security.stored_key(tmp_path / name))
    assert len(keys) == 2


def test_many_at_once_make_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: security.stored_key(tmp_path), range(8)))
    assert len(keys) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


@owner_only
def test_an_open_key_file_is_closed_to_others(tmp_path: Path) -> None:
    security.stored_key(tmp_path)
    (tmp_path / "secret.key").chmod(0o644)
    security.stored_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


def test_a_given_key_is_used_and_not_stored(start: StartServer, tmp_path: Path) -> None:
    assert start(SECRET_KEY=LONG_KEY).key == LONG_KEY
    assert not (tmp_path / "secret.key").exists()


# Password hashes, with the real effort


@pytest.fixture
def real_hashes(quick_hashes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes back the little effort other tests hash with."""
    monkeypatch.undo()


@pytest.mark.usefixtures("real_hashes")
def test_passwords_are_hashed_with_argon2() -> None:
    hashed = security.hash_password("correct horse")
    assert hashed.startswith("$argon2id$")
    assert security.password_matches("correct horse", hashed)
    assert not security.password_matches("wrong horse", hashed)
    assert not security.password_matches("correct horse", None)


def test_the_dummy_costs_as_much_as_a_real_hash() -> None:
    assert not Argon2Hasher().check_needs_rehash(security.DUMMY_HASH)
