"""Reads the settings from the environment."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core import paths

API_PREFIX = "/api/v1"

LogLevel = Annotated[
    Literal["critical", "error", "warning", "info", "debug"],
    BeforeValidator(lambda level: level.lower() if isinstance(level, str) else level),
]


class Settings(BaseSettings):
    """Everything that can be set from outside, one environment variable each.

    An empty variable counts as one that is not set. None has to be there.
    """

    model_config = SettingsConfigDict(
        case_sensitive=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    DATA_DIR: Path = Field(
        default=paths.DEFAULT_DATA_DIR, description="Folder for all files the server writes."
    )
    DATABASE_URL: str = Field(
        default="", description="`sqlite:///FILE`. Default: `app.db` in `DATA_DIR`."
    )
    ANTHROPIC_API_KEY: SecretStr = Field(default=SecretStr(""), description="Anthropic's key.")
    ANTHROPIC_API_KEY_FILE: Path | None = Field(
        default=None, description="A file with the key; goes before the key itself."
    )
    ANTHROPIC_BASE_URL: str = Field(default="", description="Another address of the API.")
    OPENAI_API_KEY: SecretStr = Field(default=SecretStr(""), description="OpenAI's key.")
    OPENAI_API_KEY_FILE: Path | None = Field(
        default=None, description="A file with the key; goes before the key itself."
    )
    OPENAI_BASE_URL: str = Field(
        default="", description="Another address of the API, with its `/v1`."
    )
    CONCURRENCY: int = Field(
        default=4, ge=1, le=32, description="How many questions are open at the same time."
    )
    REQUEST_TIMEOUT_SECONDS: float = Field(
        default=120, gt=0, le=600, description="How long one answer is waited for."
    )
    MAX_RETRIES: int = Field(
        default=3, ge=0, le=10, description="How often the SDKs ask again by themselves."
    )
    LOG_LEVEL: LogLevel = Field(default="info", description="Least severe level that is logged.")
    WEB_DIST: Path | None = Field(
        default=None, description="Folder with the built web app, to be served at `/`."
    )

    @model_validator(mode="after")
    def complete_paths(self) -> Self:
        """Makes the data folder absolute and fills in the database URL."""
        self.DATA_DIR = self.DATA_DIR.resolve()
        if not self.DATABASE_URL:
            self.DATABASE_URL = paths.url_for_file(self.DATA_DIR / "app.db")
        paths.file_from_url(self.DATABASE_URL)
        return self

    @property
    def database_file(self) -> Path:
        """The SQLite file behind `DATABASE_URL`."""
        return paths.file_from_url(self.DATABASE_URL)
