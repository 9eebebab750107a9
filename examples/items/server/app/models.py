"""The tables, and the shapes the API takes in and gives out."""

import re
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints, field_validator
from pydantic.json_schema import SkipJsonSchema, WithJsonSchema
from sqlalchemy import DateTime, Dialect, TypeDecorator
from sqlmodel import Field, SQLModel

EMAIL_PATTERN = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s.\x00-\x1f]+(\.[^@\s.\x00-\x1f]+)+")
EMAIL_MAX_LENGTH = 255
FULL_NAME_MAX_LENGTH = 255
TITLE_MAX_LENGTH = 255
DESCRIPTION_MAX_LENGTH = 2000

# The user everything belongs to when nobody has to log in. Known by this id, so that its
# name and address may be changed. Sign-up refuses addresses without a dot in the domain,
# so nobody can take this one.
LOCAL_USER_ID = uuid.UUID("7b8c2f5e-6a51-4d0c-9e5f-0c6b1d2a3f40")
LOCAL_USER_EMAIL = "local@localhost"
LOCAL_USER_NAME = "Local user"


def now() -> datetime:
    """Returns the current time, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """Keeps a point in time as UTC, because SQLite drops the time zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turns any aware time into the UTC that is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a time zone can not be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the stored time its time zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


def normal_email(email: str) -> str:
    """Checks the shape of an e-mail address, and makes it lower case."""
    email = email.strip()
    if len(email) > EMAIL_MAX_LENGTH or not EMAIL_PATTERN.fullmatch(email):
        raise ValueError("Not an e-mail address")
    return email.lower()


Email = Annotated[
    str,
    AfterValidator(normal_email),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": EMAIL_MAX_LENGTH}),
]
Password = Annotated[str, StringConstraints(min_length=8, max_length=128)]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=FULL_NAME_MAX_LENGTH)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_MAX_LENGTH)
]
Description = Annotated[str, StringConstraints(max_length=DESCRIPTION_MAX_LENGTH)]


def without_default(schema: dict[str, Any]) -> None:
    """Takes `default: null` out of the schema of a field that must not be null."""
    schema.pop("default", None)


def omittable() -> Any:
    """Describes a field of an update: it may be left out, but may not be null."""
    return Field(default=None, schema_extra={"json_schema_extra": without_default})


def refuse_null(value: Any) -> Any:
    """Refuses an explicit null; a field that was left out does not come here."""
    if value is None:
        raise ValueError("May be left out, but not null")
    return value


# Users


class User(SQLModel, table=True):
    """A row of the table of users."""

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    email: str = Field(max_length=EMAIL_MAX_LENGTH, unique=True, index=True)
    full_name: str | None = Field(default=None, max_length=FULL_NAME_MAX_LENGTH)
    is_active: bool = True
    is_superuser: bool = False
    # A user without one can not log in.
    hashed_password: str | None = Field(default=None, max_length=255)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class UserPublic(SQLModel):
    """What the API tells about a user."""

    id: uuid.UUID
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    created_at: datetime


class UsersPublic(SQLModel):
    """A page of users, and how many there are in all."""

    data: list[UserPublic]
    count: int


class UserSignup(SQLModel):
    """What somebody gives to make an account of their own."""

    email: Email
    password: Password
    full_name: FullName | None = None


class UserCreate(UserSignup):
    """What a superuser gives to make an account."""

    is_active: bool = True
    is_superuser: bool = False


class UserUpdateMe(SQLModel):
    """What users may change about themselves; what is left out stays."""

    email: Email | SkipJsonSchema[None] = omittable()
    full_name: FullName | None = None

    _refuse_null = field_validator("email", mode="before")(refuse_null)


class UserUpdate(UserUpdateMe):
    """What a superuser may change about a user; what is left out stays."""

    password: Password | SkipJsonSchema[None] = omittable()
    is_active: bool | SkipJsonSchema[None] = omittable()
    is_superuser: bool | SkipJsonSchema[None] = omittable()

    _refuse_null_too = field_validator("password", "is_active", "is_superuser", mode="before")(
        refuse_null
    )


class PasswordChange(SQLModel):
    """The old password, to be sure who asks, and the new one."""

    current_password: Annotated[str, StringConstraints(max_length=128)]
    new_password: Password


# Items


class Item(SQLModel, table=True):
    """A row of the table of items."""

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    title: str = Field(max_length=TITLE_MAX_LENGTH)
    description: str | None = Field(default=None, max_length=DESCRIPTION_MAX_LENGTH)
    done: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    owner_id: uuid.UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)


class ItemCreate(SQLModel):
    """What is given to make an item."""

    title: Title
    description: Description | None = None
    done: bool = False


class ItemUpdate(SQLModel):
    """What may be changed about an item; what is left out stays."""

    title: Title | SkipJsonSchema[None] = omittable()
    description: Description | None = None
    done: bool | SkipJsonSchema[None] = omittable()

    _refuse_null = field_validator("title", "done", mode="before")(refuse_null)


class ItemPublic(SQLModel):
    """What the API tells about an item."""

    id: uuid.UUID
    title: str
    description: str | None
    done: bool
    created_at: datetime
    updated_at: datetime
    owner_id: uuid.UUID


class ItemsPublic(SQLModel):
    """A page of items, and how many there are in all."""

    data: list[ItemPublic]
    count: int


# Everything else


class Message(SQLModel):
    """A sentence for the user."""

    message: str


class Token(SQLModel):
    """Proof of a login, to be sent as a bearer token."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105


class ServerConfig(SQLModel):
    """What the web app has to know before it can show its first page."""

    auth_required: bool
    # No user can log in yet; the first sign-up becomes the superuser.
    needs_first_user: bool
    version: str
