"""Reads and changes rows. Knows no HTTP; each function that changes something commits."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, or_, select

from app.core.security import hash_password, password_matches
from app.models import (
    LOCAL_USER_EMAIL,
    LOCAL_USER_ID,
    LOCAL_USER_NAME,
    Item,
    ItemCreate,
    ItemUpdate,
    User,
    now,
)


class EmailTakenError(Exception):
    """Another user has this e-mail address."""


class LastSuperuserError(Exception):
    """Nobody would be left who can manage users."""


# Users


def find_user_by_email(session: Session, email: str) -> User | None:
    """Returns the user with this address, in whatever case it is written."""
    return session.exec(select(User).where(User.email == email.strip().lower())).first()


def list_users(session: Session, *, skip: int, limit: int) -> tuple[list[User], int]:
    """Returns one page of users, oldest first, and the number of all users."""
    page = select(User).order_by(col(User.created_at), col(User.id)).offset(skip).limit(limit)
    count = session.exec(select(func.count()).select_from(User)).one()
    return list(session.exec(page)), count


def add_user(session: Session, user: User) -> User:
    """Stores a new user."""
    session.add(user)
    commit_user(session)
    return user


def change_user(session: Session, user: User, changes: dict[str, Any]) -> User:
    """Stores changed columns of a user, but never disarms the last superuser."""
    was_manager = can_manage(user)
    for name, value in changes.items():
        setattr(user, name, value)
    session.add(user)
    if was_manager and not can_manage(user):
        require_other_manager(session, user)
    commit_user(session)
    return user


def delete_user(session: Session, user: User) -> None:
    """Deletes a user with all their items, but never the last superuser."""
    if can_manage(user):
        require_other_manager(session, user)
    session.delete(user)
    session.commit()


def commit_user(session: Session) -> None:
    """Commits, and says so when the address is taken: nothing else can clash."""
    try:
        session.commit()
    except IntegrityError as error:
        session.rollback()
        raise EmailTakenError from error


def can_manage(user: User) -> bool:
    """Tells whether the user can log in and manage users; the local user can not."""
    return user.is_active and user.is_superuser and user.hashed_password is not None


def require_other_manager(session: Session, user: User) -> None:
    """Fails when no other user could manage users."""
    with session.no_autoflush:
        others = session.exec(select(User).where(col(User.is_superuser), User.id != user.id))
        if not any(can_manage(other) for other in others):
            session.rollback()
            raise LastSuperuserError


def somebody_can_manage(session: Session) -> bool:
    """Tells whether any user can log in and manage users."""
    return any(map(can_manage, session.exec(select(User).where(col(User.is_superuser)))))


def somebody_has_password(session: Session) -> bool:
    """Tells whether anybody could log in at all."""
    found = session.exec(select(User.id).where(col(User.hashed_password).is_not(None)).limit(1))
    return found.first() is not None


def authenticate(session: Session, email: str, password: str) -> User | None:
    """Returns the active user with this address and password.

    Checks a password in every case, so that the time taken does not tell who has an account.
    """
    user = find_user_by_email(session, email)
    if not password_matches(password, user.hashed_password if user else None):
        return None
    return user if user and user.is_active else None


def ensure_local_user(session: Session) -> User:
    """Returns the user of an app without login; makes it on the first start."""
    user = session.get(User, LOCAL_USER_ID)
    if user:
        return user
    return add_user(
        session,
        User(
            id=LOCAL_USER_ID,
            email=LOCAL_USER_EMAIL,
            full_name=LOCAL_USER_NAME,
            is_superuser=True,
        ),
    )


def ensure_first_superuser(session: Session, email: str, password: str) -> bool:
    """Makes the first superuser; tells whether there is one now."""
    if somebody_can_manage(session):
        return True
    if find_user_by_email(session, email):
        return False
    hashed = hash_password(password)
    add_user(session, User(email=email, is_superuser=True, hashed_password=hashed))
    return True


# Items


def list_items(
    session: Session, user: User, *, search: str | None, skip: int, limit: int
) -> tuple[list[Item], int]:
    """Returns one page of the items the user may see, newest first, and how many match."""
    conditions = item_conditions(user, search)
    page = (
        select(Item)
        .where(*conditions)
        .order_by(col(Item.created_at).desc(), col(Item.id))
        .offset(skip)
        .limit(limit)
    )
    count = session.exec(select(func.count()).select_from(Item).where(*conditions)).one()
    return list(session.exec(page)), count


def item_conditions(user: User, search: str | None) -> list[ColumnElement[bool]]:
    """Limits items to those the user may see, and that contain the words searched for."""
    conditions: list[ColumnElement[bool]] = []
    if not user.is_superuser:
        conditions.append(col(Item.owner_id) == user.id)
    if search and (words := search.strip().casefold()):
        conditions.append(
            or_(
                func.casefold(Item.title).contains(words, autoescape=True),
                func.casefold(Item.description).contains(words, autoescape=True),
            )
        )
    return conditions


def find_item(session: Session, user: User, item_id: uuid.UUID) -> Item | None:
    """Returns the item, if there is one and the user may see it."""
    item = session.get(Item, item_id)
    return item if item and (user.is_superuser or item.owner_id == user.id) else None


def add_item(session: Session, owner: User, given: ItemCreate) -> Item:
    """Stores a new item."""
    created = now()
    item = Item(**given.model_dump(), owner_id=owner.id, created_at=created, updated_at=created)
    session.add(item)
    session.commit()
    return item


def change_item(session: Session, item: Item, given: ItemUpdate) -> Item:
    """Stores what was given about an item."""
    for name, value in given.model_dump(exclude_unset=True).items():
        setattr(item, name, value)
    item.updated_at = now()
    session.add(item)
    session.commit()
    return item


def delete_item(session: Session, item: Item) -> None:
    """Deletes an item."""
    session.delete(item)
    session.commit()
