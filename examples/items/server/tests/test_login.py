"""Logging in, and what a token is worth."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from app.core import security
from app.core.security import make_token
from tests.conftest import StartServer
from tests.support import ADMIN, PASSWORD, Server

PROTECTED = [
    ("GET", "/items/"),
    ("POST", "/items/"),
    ("GET", f"/items/{uuid.uuid4()}"),
    ("PUT", f"/items/{uuid.uuid4()}"),
    ("DELETE", f"/items/{uuid.uuid4()}"),
    ("GET", "/users/"),
    ("POST", "/users/"),
    ("GET", "/users/me"),
    ("PATCH", "/users/me"),
    ("DELETE", "/users/me"),
    ("PATCH", "/users/me/password"),
    ("GET", f"/users/{uuid.uuid4()}"),
    ("PATCH", f"/users/{uuid.uuid4()}"),
    ("DELETE", f"/users/{uuid.uuid4()}"),
    ("POST", "/login/test-token"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_nothing_works_without_a_token(guarded: Server, method: str, path: str) -> None:
    response = guarded.client.request(method, f"/api/v1{path}")
    assert response.status_code == 401
    assert response.json() == {"detail": "Not authenticated"}
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_every_operation_is_either_open_or_protected(guarded: Server) -> None:
    listed = {
        (method.upper(), path)
        for path, methods in guarded.app.openapi()["paths"].items()
        for method in methods
    }
    opened = {
        ("GET", "/api/v1/utils/health-check/"),
        ("GET", "/api/v1/utils/config"),
        ("POST", "/api/v1/login/access-token"),
        ("POST", "/api/v1/users/signup"),
    }
    assert opened < listed
    assert len(listed - opened) == len(PROTECTED)


def test_a_token_says_who_is_calling(guarded: Server, anna: str) -> None:
    assert guarded.me(anna)["email"] == "anna@example.com"
    assert guarded.ok("POST", "/login/test-token", anna) == guarded.me(anna)


def test_the_address_may_be_written_in_any_case(guarded: Server) -> None:
    assert guarded.log_in(" Admin@Example.COM ")


def test_a_token_lasts_as_long_as_set(start: StartServer) -> None:
    server = start(AUTH_REQUIRED=True, ACCESS_TOKEN_EXPIRE_MINUTES=5)
    claims = jwt.decode(server.sign_up(ADMIN), server.key, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 5 * 60


def test_a_token_outlives_a_restart(guarded: Server, admin: str, start: StartServer) -> None:
    assert start(AUTH_REQUIRED=True).me(admin)["email"] == ADMIN


def test_a_wrong_password_and_an_unknown_address_look_the_same(guarded: Server, anna: str) -> None:
    wrong = guarded.try_login("anna@example.com", "wrong horse")
    unknown = guarded.try_login("nobody@example.com", "wrong horse")
    assert wrong == unknown == (400, {"detail": "Incorrect e-mail address or password"})


def test_an_unknown_address_costs_a_password_check_too(
    guarded: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    hasher = security.password_hasher()

    class Recorder:
        def verify(self, password: str, hashed: str) -> bool:
            checked.append(hashed)
            return hasher.verify(password, hashed)

    monkeypatch.setattr(security, "password_hasher", Recorder)
    guarded.try_login("nobody@example.com")
    assert checked == [security.DUMMY_HASH]


def test_an_inactive_user_looks_like_an_unknown_one(guarded: Server, admin: str, anna: str) -> None:
    path = f"/users/{guarded.me(anna)['id']}"
    guarded.ok("PATCH", path, admin, json={"is_active": False})
    assert guarded.try_login("anna@example.com") == guarded.try_login("nobody@example.com")
    assert guarded.call("GET", "/users/me", anna) == (401, {"detail": "Not authenticated"})
    guarded.ok("PATCH", path, admin, json={"is_active": True})
    assert guarded.me(anna)["email"] == "anna@example.com"


def test_a_deleted_user_is_not_let_in(guarded: Server, admin: str, anna: str) -> None:
    guarded.ok("DELETE", f"/users/{guarded.me(anna)['id']}", admin)
    assert guarded.call("GET", "/users/me", anna)[0] == 401
    assert guarded.try_login("anna@example.com")[0] == 400


def test_a_login_needs_both_fields(guarded: Server) -> None:
    path = "/login/access-token"
    assert guarded.call("POST", path, data={"username": ADMIN})[0] == 422
    assert guarded.call("POST", path, data={"password": PASSWORD})[0] == 422
    assert guarded.call("POST", path, json={"username": ADMIN, "password": PASSWORD})[0] == 422


def expired(subject: str, key: str) -> str:
    return make_token(uuid.UUID(subject), key, timedelta(seconds=-1))


def wrong_key(subject: str, key: str) -> str:
    return make_token(uuid.UUID(subject), key[::-1], timedelta(minutes=1))


def unsigned(subject: str, key: str) -> str:
    return jwt.encode({"sub": subject, "exp": 2**33}, None, algorithm="none")


def endless(subject: str, key: str) -> str:
    return jwt.encode({"sub": subject}, key, algorithm="HS256")


def anonymous(subject: str, key: str) -> str:
    return jwt.encode({"exp": 2**33}, key, algorithm="HS256")


def odd_subject(subject: str, key: str) -> str:
    return jwt.encode({"sub": "root", "exp": 2**33}, key, algorithm="HS256")


def other_algorithm(subject: str, key: str) -> str:
    return jwt.encode({"sub": subject, "exp": 2**33}, key * 2, algorithm="HS512")


def tampered(subject: str, key: str) -> str:
    other = make_token(uuid.uuid4(), key, timedelta(minutes=1)).split(".")
    mine = make_token(uuid.UUID(subject), key, timedelta(minutes=1)).split(".")
    return ".".join([other[0], mine[1], other[2]])


def nobody(subject: str, key: str) -> str:
    return make_token(uuid.uuid4(), key, timedelta(minutes=1))


def nonsense(subject: str, key: str) -> str:
    return "nonsense"


@pytest.mark.parametrize(
    "forge",
    [
        expired,
        wrong_key,
        unsigned,
        endless,
        anonymous,
        odd_subject,
        other_algorithm,
        tampered,
        nobody,
        nonsense,
    ],
)
def test_bad_tokens_are_refused(
    guarded: Server, admin: str, forge: Callable[[str, str], str]
) -> None:
    token = forge(guarded.me(admin)["id"], guarded.key)
    answer: Any = guarded.call("GET", "/items/", token)
    assert answer == (401, {"detail": "Not authenticated"})


def test_another_scheme_is_refused(guarded: Server, admin: str) -> None:
    response = guarded.client.get("/api/v1/items/", headers={"Authorization": f"Basic {admin}"})
    assert response.status_code == 401
