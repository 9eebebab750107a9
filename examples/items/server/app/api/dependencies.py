"""What routes ask for: settings, a session, the caller."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, HTTPException, Query, Request
from fastapi.security import OAuth2PasswordBearer
from sqlmodel import Session

from app.core.config import API_PREFIX, Settings
from app.core.db import reading_session, writing_session
from app.core.security import user_id_in_token
from app.models import LOCAL_USER_ID, User

METHODS_THAT_READ = frozenset({"GET", "HEAD"})
# SQLite counts in signed 64-bit numbers; a larger one would not reach the query.
MAX_SKIP = 2**31 - 1
MAX_LIMIT = 1000

bearer_token = OAuth2PasswordBearer(tokenUrl=f"{API_PREFIX}/login/access-token", auto_error=False)


def get_settings(request: Request) -> Settings:
    """Returns the settings the app was made with."""
    return request.app.state.settings


def get_signing_key(request: Request) -> str:
    """Returns the key that signs tokens."""
    return request.app.state.signing_key


def get_reading_session(request: Request) -> Iterator[Session]:
    """Opens a session that never takes the write lock."""
    with reading_session(request.app.state.engine) as session:
        yield session


def get_session(request: Request) -> Iterator[Session]:
    """Opens the session of a request; one that may write takes its turn first."""
    reads = request.method in METHODS_THAT_READ
    open_session = reading_session if reads else writing_session
    with open_session(request.app.state.engine) as session:
        yield session


SettingsNow = Annotated[Settings, Depends(get_settings)]
SigningKey = Annotated[str, Depends(get_signing_key)]
ReadingSession = Annotated[Session, Depends(get_reading_session)]
RequestSession = Annotated[Session, Depends(get_session)]
BearerToken = Annotated[str | None, Depends(bearer_token)]


def not_authenticated() -> HTTPException:
    """Says the same whatever was wrong with the token."""
    return HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})


def user_of_token(session: Session, token: str | None, key: str) -> User:
    """Returns the user a token speaks for, if they may still log in."""
    user_id = user_id_in_token(token, key) if token else None
    user = session.get(User, user_id) if user_id else None
    if not user or not user.is_active or user.hashed_password is None:
        raise not_authenticated()
    return user


def get_current_user(
    session: RequestSession, settings: SettingsNow, key: SigningKey, token: BearerToken
) -> User:
    """Returns the caller: the local user, unless a login is required."""
    if settings.AUTH_REQUIRED:
        return user_of_token(session, token, key)
    return session.get_one(User, LOCAL_USER_ID)


CurrentUser = Annotated[User, Depends(get_current_user)]


def require_superuser(user: CurrentUser) -> User:
    """Returns the caller if it is a superuser."""
    if not user.is_superuser:
        raise HTTPException(403, "Only a superuser may do this")
    return user


CurrentSuperuser = Annotated[User, Depends(require_superuser)]
Skip = Annotated[int, Query(ge=0, le=MAX_SKIP, description="How many to leave out first.")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to give at most.")]
