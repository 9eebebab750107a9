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

    An empty variable counts as one that is not set.
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
    VALKEY_SOCKET: Path | None = Field(
        default=None, description="Valkey's Unix socket. Default: `valkey.sock` in `DATA_DIR`."
    )
    VALKEY_PASSWORD: SecretStr = Field(default=SecretStr(""), description="Valkey's password.")
    CONTROL_URL: str = Field(
        default="", description="Where Ensconce tells about the app's processes, and restarts them."
    )
    CONTROL_TOKEN: SecretStr = Field(default=SecretStr(""), description="What it asks for.")
    LOG_LEVEL: LogLevel = Field(default="info", description="Least severe level that is logged.")
    WEB_DIST: Path | None = Field(
        default=None, description="Folder with the built web app, to be served at `/`."
    )

    @model_validator(mode="after")
    def complete_paths(self) -> Self:
        """Makes the data folder absolute and fills in what lies in it."""
        self.DATA_DIR = self.DATA_DIR.resolve()
        if not self.DATABASE_URL:
            self.DATABASE_URL = paths.url_for_file(self.DATA_DIR / "app.db")
        paths.file_from_url(self.DATABASE_URL)
        self.VALKEY_SOCKET = self.VALKEY_SOCKET or self.DATA_DIR / "valkey.sock"
        return self

    @property
    def database_file(self) -> Path:
        """The SQLite file behind `DATABASE_URL`."""
        return paths.file_from_url(self.DATABASE_URL)
