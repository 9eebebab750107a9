"""Manages users: oneself, and for superusers everybody."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException

from app import crud
from app.api.dependencies import (
    CurrentSuperuser,
    CurrentUser,
    Limit,
    RequestSession,
    SettingsNow,
    Skip,
    require_superuser,
)
from app.core.security import hash_password, password_matches
from app.models import (
    LOCAL_USER_ID,
    Message,
    PasswordChange,
    User,
    UserCreate,
    UserPublic,
    UserSignup,
    UsersPublic,
    UserUpdate,
    UserUpdateMe,
)

router = APIRouter(prefix="/users", tags=["users"])
superusers_only = [Depends(require_superuser)]


def get_user(session: RequestSession, caller: CurrentUser, user_id: uuid.UUID) -> User:
    """Returns the user of the path; only superusers learn who else there is."""
    if user_id != caller.id and not caller.is_superuser:
        raise HTTPException(403, "Only a superuser may do this")
    user = session.get(User, user_id)
    if not user:
        raise HTTPException(404, "User not found")
    return user


UserOfPath = Annotated[User, Depends(get_user)]


def new_user(given: UserSignup, **flags: bool) -> User:
    """Makes the row of a new user."""
    return User(
        email=given.email,
        full_name=given.full_name,
        hashed_password=hash_password(given.password),
        **flags,
    )


def refuse_local_user(user: User, action: str) -> None:
    """Protects the user that stands for everybody when there is no login."""
    if user.id == LOCAL_USER_ID:
        raise HTTPException(403, f"The local user can not {action}")


@router.get("/", name="list", response_model=UsersPublic, dependencies=superusers_only)
def list_users(session: RequestSession, skip: Skip = 0, limit: Limit = 100) -> dict[str, object]:
    """Gives a page of users, oldest first."""
    data, count = crud.list_users(session, skip=skip, limit=limit)
    return {"data": data, "count": count}


@router.post("/", name="create", response_model=UserPublic, status_code=201)
def create_user(session: RequestSession, _caller: CurrentSuperuser, given: UserCreate) -> User:
    """Makes an account for somebody."""
    user = new_user(given, is_active=given.is_active, is_superuser=given.is_superuser)
    return crud.add_user(session, user)


@router.post("/signup", name="signup", response_model=UserPublic, status_code=201)
def sign_up(session: RequestSession, settings: SettingsNow, given: UserSignup) -> User:
    """Makes an account for the caller; the first one becomes the superuser."""
    if not settings.AUTH_REQUIRED:
        raise HTTPException(403, "There is no sign-up, because no login is required")
    # Hashes before the session takes the write lock, because hashing is slow.
    user = new_user(given)
    user.is_superuser = not crud.somebody_has_password(session)
    return crud.add_user(session, user)


@router.get("/me", name="read_me", response_model=UserPublic)
def read_me(user: CurrentUser) -> User:
    """Gives the caller."""
    return user


@router.patch("/me", name="update_me", response_model=UserPublic)
def update_me(session: RequestSession, user: CurrentUser, given: UserUpdateMe) -> User:
    """Changes the caller's name or address; what is left out stays as it is."""
    return crud.change_user(session, user, given.model_dump(exclude_unset=True))


@router.delete("/me", name="delete_me")
def delete_me(session: RequestSession, user: CurrentUser) -> Message:
    """Deletes the caller with all their items."""
    refuse_local_user(user, "be deleted")
    crud.delete_user(session, user)
    return Message(message="User deleted")


@router.patch("/me/password", name="update_password_me")
def update_password_me(
    session: RequestSession, user: CurrentUser, given: PasswordChange
) -> Message:
    """Changes the caller's password."""
    refuse_local_user(user, "have a password")
    if not password_matches(given.current_password, user.hashed_password):
        raise HTTPException(400, "Incorrect password")
    if given.current_password == given.new_password:
        raise HTTPException(400, "The new password must differ from the current one")
    crud.change_user(session, user, {"hashed_password": hash_password(given.new_password)})
    return Message(message="Password changed")


@router.get("/{user_id}", name="read", response_model=UserPublic)
def read_user(user: UserOfPath) -> User:
    """Gives one user: any of them to a superuser, else only oneself."""
    return user


@router.patch("/{user_id}", name="update", response_model=UserPublic)
def update_user(
    session: RequestSession, _caller: CurrentSuperuser, user: UserOfPath, given: UserUpdate
) -> User:
    """Changes a user; what is left out stays as it is."""
    if given.model_fields_set - {"email", "full_name"}:
        refuse_local_user(user, "have a password, or lose or gain rights")
    return crud.change_user(session, user, columns(given))


def columns(given: UserUpdate) -> dict[str, Any]:
    """Turns what was given into values of columns."""
    changes = given.model_dump(exclude_unset=True)
    if "password" in changes:
        changes["hashed_password"] = hash_password(changes.pop("password"))
    return changes


@router.delete("/{user_id}", name="delete")
def delete_user(
    session: RequestSession, _caller: CurrentSuperuser, user: UserOfPath, settings: SettingsNow
) -> Message:
    """Deletes a user with all their items."""
    if not settings.AUTH_REQUIRED:
        refuse_local_user(user, "be deleted")
    crud.delete_user(session, user)
    return Message(message="User deleted")
