"""Settings from the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.config import Settings
from app.core.paths import DEFAULT_DATA_DIR


def test_defaults() -> None:
    settings = Settings()
    assert settings.DATA_DIR == DEFAULT_DATA_DIR
    assert settings.database_file == DEFAULT_DATA_DIR / "app.db"
    assert (settings.CONCURRENCY, settings.MAX_RETRIES) == (4, 3)
    assert not settings.ANTHROPIC_API_KEY.get_secret_value()


def test_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("CONCURRENCY", "2")
    settings = Settings()
    assert settings.database_file == tmp_path / "app.db"
    assert settings.OPENAI_API_KEY.get_secret_value() == "k"
    assert settings.CONCURRENCY == 2


def test_empty_variables_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = Settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(name, "")
    assert Settings() == defaults


@pytest.mark.parametrize(
    ("name", "value"),
    [("CONCURRENCY", "0"), ("MAX_RETRIES", "many"), ("REQUEST_TIMEOUT_SECONDS", "-1")],
)
def test_bad_settings_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as error:
        Settings()
    assert name in str(error.value)
