"""Reads the settings from the environment."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core import paths

API_PREFIX = "/api/v1"
MINUTES_PER_DAY = 24 * 60

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
    AUTH_REQUIRED: bool = Field(default=False, description="Whether callers must log in.")
    SECRET_KEY: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Signs the tokens. Default: made once, kept in `DATA_DIR/secret.key`.",
    )
    ACCESS_TOKEN_EXPIRE_MINUTES: int = Field(
        default=7 * MINUTES_PER_DAY,
        gt=0,
        le=3650 * MINUTES_PER_DAY,
        description="How long a token is good for, in minutes.",
    )
    FIRST_SUPERUSER: str = Field(
        default="admin@example.com", description="E-mail address of the first superuser."
    )
    FIRST_SUPERUSER_PASSWORD: SecretStr | None = Field(
        default=None,
        min_length=8,
        max_length=128,
        description="When set and a login is required, the first superuser is made at start.",
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
