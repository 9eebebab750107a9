"""Starting Valkey: private, and never the one of the machine."""

import stat
from pathlib import Path

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from app import store
from tests.support import PASSWORD, Valkey


def client(valkey: Valkey, password: str | None) -> Redis:
    at_once = Retry(NoBackoff(), retries=0)
    path = str(valkey.settings.VALKEY_SOCKET)
    return Redis(unix_socket_path=path, password=password, retry=at_once)


def test_only_who_has_the_password_gets_in(valkey: Valkey) -> None:
    with client(valkey, PASSWORD) as allowed:
        assert allowed.ping()
    for password in (None, "guessed"):
        with client(valkey, password) as stranger, pytest.raises(AuthenticationError):
            stranger.ping()


def test_it_listens_on_the_socket_alone(valkey: Valkey) -> None:
    with client(valkey, PASSWORD) as allowed:
        assert allowed.config_get("port") == {"port": "0"}
    socket = valkey.settings.VALKEY_SOCKET
    assert socket
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600


def test_the_password_is_no_argument(valkey: Valkey) -> None:
    command = Path(f"/proc/{valkey.process.pid}/cmdline")
    if not command.exists():
        pytest.skip("There is no /proc here")
    assert PASSWORD.encode() not in command.read_bytes()


def test_what_it_keeps_outlives_a_kill(valkey: Valkey, folder: Path) -> None:
    with client(valkey, PASSWORD) as allowed:
        allowed.xadd("changes", {"what": "history"})
        allowed.config_set("appendfsync", "always")
        allowed.set("kept", "yes")
    valkey.kill()
    valkey.start()
    with client(valkey, PASSWORD) as allowed:
        assert allowed.get("kept") == b"yes"
    assert list((folder / "valkey").iterdir())


def test_it_ends_in_order(valkey: Valkey) -> None:
    assert valkey.end() == 0


def test_redis_does_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        store.shutil, "which", lambda name: f"/x/{name}" if "redis" in name else None
    )
    assert store.find_program() == "/x/redis-server"


def test_a_machine_without_either_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(store.shutil, "which", lambda name: None)
    assert store.main([str(tmp_path / "s"), str(tmp_path)]) == 1
    assert "valkey-server, redis-server" in capsys.readouterr().err
    assert store.main([]) == 2


def test_odd_texts_stay_one_word() -> None:
    assert store.quoted('a "b"\\c\nd') == '"a \\"b\\"\\\\c\\nd"'
