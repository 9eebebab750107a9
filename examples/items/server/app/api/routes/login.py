"""Gives out tokens and checks them, whether or not a login is required."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import OAuth2PasswordRequestForm

from app import crud
from app.api.dependencies import (
    BearerToken,
    ReadingSession,
    SettingsNow,
    SigningKey,
    user_of_token,
)
from app.core.security import make_token
from app.models import Token, User, UserPublic

router = APIRouter(prefix="/login", tags=["login"])


@router.post("/access-token", name="access_token")
def log_in(
    session: ReadingSession,
    settings: SettingsNow,
    key: SigningKey,
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
) -> Token:
    """Gives a token for an e-mail address (as `username`) and a password."""
    user = crud.authenticate(session, form.username, form.password)
    if not user:
        raise HTTPException(400, "Incorrect e-mail address or password")
    lifetime = timedelta(minutes=settings.ACCESS_TOKEN_EXPIRE_MINUTES)
    return Token(access_token=make_token(user.id, key, lifetime))


@router.post("/test-token", name="test_token", response_model=UserPublic)
def test_token(session: ReadingSession, key: SigningKey, token: BearerToken) -> User:
    """Tells whose token this is; always looks at the token, also without required login."""
    return user_of_token(session, token, key)
