"""Hashes passwords, signs tokens, and keeps the key that signs them.

The libraries behind it are imported on first use: without a login they are never needed,
and the server starts sooner.
"""

import os
import secrets
import tempfile
import uuid
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.models import now

if TYPE_CHECKING:
    from pwdlib import PasswordHash

ALGORITHM = "HS256"
KEY_FILE_NAME = "secret.key"
KEY_BYTES = 48
OWNER_ONLY = 0o600

# The hash of a password nobody knows, made with the same parameters as all others. It is
# checked when there is no real hash, so that the answer takes as long as for a known user.
DUMMY_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$"
    "otq5Hxvmp7Sn6SUmRP8oLQ$Kh8VVZUufF3LKKz2CQBEgzpi5aBwsGvcRm/2aj/V7GU"
)


@cache
def password_hasher() -> "PasswordHash":
    """Returns the hasher for passwords."""
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    return PasswordHash([Argon2Hasher()])


def hash_password(password: str) -> str:
    """Hashes a password for storage."""
    return password_hasher().hash(password)


def password_matches(password: str, hashed: str | None) -> bool:
    """Tells whether the password is right; takes the same time without a hash."""
    matches = password_hasher().verify(password, hashed or DUMMY_HASH)
    return matches and hashed is not None


def make_token(user_id: uuid.UUID, key: str, lifetime: timedelta) -> str:
    """Signs a token that says who the caller is."""
    import jwt

    issued = now()
    claims = {"sub": str(user_id), "iat": issued, "exp": issued + lifetime}
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def user_id_in_token(token: str, key: str) -> uuid.UUID | None:
    """Returns who the token speaks for, or nothing when it is not to be trusted."""
    import jwt

    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM], options={"require": ["sub", "exp"]})
        return uuid.UUID(claims["sub"])
    except (jwt.InvalidTokenError, ValueError):
        return None


def stored_key(folder: Path) -> str:
    """Returns the signing key kept in the folder; makes it when there is none."""
    file = folder / KEY_FILE_NAME
    if not file.exists():
        write_new_key(file)
    file.chmod(OWNER_ONLY)
    return file.read_text(encoding="ascii").strip()


def write_new_key(file: Path) -> None:
    """Writes a fresh key, unless another process is first.

    The file appears under its name only when it is complete, so no process ever reads half
    a key; and a link never replaces a file, so two processes can not end with two keys.
    """
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(OWNER_ONLY)
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
