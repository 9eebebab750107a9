"""Users: signing up, changing oneself, managing others."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support import ADMIN, PASSWORD, Server, query

NOBODY = f"/users/{uuid.uuid4()}"


def path_of(server: Server, token: str) -> str:
    return f"/users/{server.me(token)['id']}"


# Signing up


def test_signup_makes_an_ordinary_user(guarded: Server) -> None:
    given = {"email": "Anna@Example.com", "password": PASSWORD, "full_name": "Anna"}
    user = guarded.ok("POST", "/users/signup", json=given)
    assert user["email"] == "anna@example.com"
    assert user["full_name"] == "Anna"
    assert user["is_active"] is True
    assert user["is_superuser"] is False
    assert "password" not in "".join(user)


def test_signup_can_not_claim_rights(guarded: Server) -> None:
    given = {"email": "anna@example.com", "password": PASSWORD, "is_superuser": True}
    assert guarded.ok("POST", "/users/signup", json=given)["is_superuser"] is False


@pytest.mark.parametrize("email", ["anna@example.com", "ANNA@example.com"])
def test_an_address_can_be_taken_once(guarded: Server, anna: str, email: str) -> None:
    given = {"email": email, "password": PASSWORD}
    status, answer = guarded.call("POST", "/users/signup", json=given)
    assert status == 409
    assert "already exists" in answer["detail"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"email": "anna@example.com"},
        {"password": PASSWORD},
        {"email": "anna", "password": PASSWORD},
        {"email": "anna@", "password": PASSWORD},
        {"email": "@example.com", "password": PASSWORD},
        {"email": "anna@example", "password": PASSWORD},
        {"email": "local@localhost", "password": PASSWORD},
        {"email": "an na@example.com", "password": PASSWORD},
        {"email": "anna@example..com", "password": PASSWORD},
        {"email": "a@" + "x" * 255 + ".com", "password": PASSWORD},
        {"email": "anna@example.com", "password": "short"},
        {"email": "anna@example.com", "password": "x" * 129},
        {"email": "anna@example.com", "password": PASSWORD, "full_name": "x" * 256},
    ],
)
def test_bad_signups_are_refused(guarded: Server, given: dict[str, Any]) -> None:
    assert guarded.call("POST", "/users/signup", json=given)[0] == 422


def test_the_first_signup_becomes_the_superuser(start: StartServer) -> None:
    server = start(AUTH_REQUIRED=True)
    assert server.ok("GET", "/utils/config")["needs_first_user"] is True
    assert server.me(server.sign_up("anna@example.com"))["is_superuser"] is True
    assert server.ok("GET", "/utils/config")["needs_first_user"] is False
    assert server.me(server.sign_up("bert@example.com"))["is_superuser"] is False


def test_only_one_of_many_first_signups_becomes_the_superuser(start: StartServer) -> None:
    server = start(AUTH_REQUIRED=True)

    def sign_up(number: int) -> bool:
        given = {"email": f"user{number}@example.com", "password": PASSWORD}
        return server.ok("POST", "/users/signup", json=given)["is_superuser"]

    with ThreadPoolExecutor(8) as pool:
        superusers = list(pool.map(sign_up, range(8)))
    assert sum(superusers) == 1


# The first superuser, from the settings


def test_the_first_superuser_is_made_at_start(guarded: Server, admin: str) -> None:
    assert guarded.me(admin)["is_superuser"] is True
    assert guarded.ok("GET", "/utils/config")["needs_first_user"] is False


def test_the_first_superuser_is_made_once(guarded: Server, start: StartServer) -> None:
    again = start(AUTH_REQUIRED=True, FIRST_SUPERUSER_PASSWORD="another password")
    assert again.log_in(ADMIN)
    assert again.try_login(ADMIN, "another password")[0] == 400


def test_no_superuser_is_made_beside_an_existing_one(start: StartServer) -> None:
    start(AUTH_REQUIRED=True).sign_up("anna@example.com")
    server = start(AUTH_REQUIRED=True, FIRST_SUPERUSER_PASSWORD=PASSWORD)
    assert server.try_login(ADMIN)[0] == 400


def test_the_first_superuser_can_be_named(start: StartServer) -> None:
    server = start(
        AUTH_REQUIRED=True, FIRST_SUPERUSER="Boss@example.org", FIRST_SUPERUSER_PASSWORD=PASSWORD
    )
    assert server.me(server.log_in("boss@example.org"))["is_superuser"] is True


def test_an_ordinary_user_is_not_promoted_at_start(local: Server, start: StartServer) -> None:
    local.ok("POST", "/users/", json={"email": ADMIN, "password": "their password"})
    server = start(AUTH_REQUIRED=True, FIRST_SUPERUSER_PASSWORD=PASSWORD)
    assert server.try_login(ADMIN)[0] == 400
    assert server.me(server.log_in(ADMIN, "their password"))["is_superuser"] is False


def test_no_superuser_is_made_without_required_login(start: StartServer) -> None:
    server = start(FIRST_SUPERUSER_PASSWORD=PASSWORD)
    assert server.try_login(ADMIN)[0] == 400


# Oneself


def test_users_change_their_name_and_address(guarded: Server, anna: str) -> None:
    changed = guarded.ok("PATCH", "/users/me", anna, json={"full_name": "Anna A."})
    assert (changed["full_name"], changed["email"]) == ("Anna A.", "anna@example.com")
    guarded.ok("PATCH", "/users/me", anna, json={"email": "anna@example.org"})
    assert guarded.log_in("anna@example.org")
    assert guarded.ok("PATCH", "/users/me", anna, json={"full_name": None})["full_name"] is None


def test_users_can_not_raise_themselves(guarded: Server, anna: str) -> None:
    given = {"is_superuser": True, "is_active": True, "hashed_password": "x"}
    assert guarded.ok("PATCH", "/users/me", anna, json=given)["is_superuser"] is False
    assert guarded.log_in("anna@example.com")


def test_an_address_of_somebody_else_is_refused(guarded: Server, anna: str, bert: str) -> None:
    given = {"email": "bert@example.com"}
    assert guarded.call("PATCH", "/users/me", anna, json=given)[0] == 409
    assert guarded.me(anna)["email"] == "anna@example.com"
    own = {"email": "anna@example.com"}
    assert guarded.ok("PATCH", "/users/me", anna, json=own)["email"] == "anna@example.com"


def test_an_address_can_not_be_null(guarded: Server, anna: str) -> None:
    assert guarded.call("PATCH", "/users/me", anna, json={"email": None})[0] == 422


def change_password(server: Server, token: str, current: str, new: str) -> int:
    given = {"current_password": current, "new_password": new}
    return server.call("PATCH", "/users/me/password", token, json=given)[0]


def test_a_password_change_needs_the_current_one(guarded: Server, anna: str) -> None:
    assert change_password(guarded, anna, "wrong horse", "new password") == 400
    assert change_password(guarded, anna, PASSWORD, PASSWORD) == 400
    assert change_password(guarded, anna, PASSWORD, "short") == 422
    assert guarded.log_in("anna@example.com")


def test_a_changed_password_replaces_the_old_one(guarded: Server, anna: str) -> None:
    assert change_password(guarded, anna, PASSWORD, "new password") == 200
    assert guarded.try_login("anna@example.com")[0] == 400
    assert guarded.log_in("anna@example.com", "new password")


def test_users_delete_themselves_with_their_items(guarded: Server, anna: str) -> None:
    guarded.add_item("Anna's", anna)
    guarded.ok("DELETE", "/users/me", anna)
    assert guarded.call("GET", "/users/me", anna)[0] == 401
    assert query(guarded.file, "SELECT count(*) FROM item") == [(0,)]


# Others


def test_ordinary_users_see_only_themselves(guarded: Server, anna: str, bert: str) -> None:
    assert guarded.ok("GET", path_of(guarded, anna), anna) == guarded.me(anna)
    assert guarded.call("GET", path_of(guarded, bert), anna)[0] == 403
    assert guarded.call("GET", NOBODY, anna)[0] == 403


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_ordinary_users_manage_nobody(guarded: Server, anna: str, bert: str, method: str) -> None:
    options = {"json": {"full_name": "x"}} if method == "PATCH" else {}
    for path in (path_of(guarded, bert), path_of(guarded, anna), NOBODY):
        assert guarded.call(method, path, anna, **options)[0] == 403
    assert guarded.call("GET", "/users/", anna)[0] == 403
    new = {"email": "carl@example.com", "password": PASSWORD}
    assert guarded.call("POST", "/users/", anna, json=new)[0] == 403


def test_superusers_make_users(guarded: Server, admin: str) -> None:
    given = {"email": "carl@example.com", "password": PASSWORD, "is_superuser": True}
    user = guarded.ok("POST", "/users/", admin, json=given)
    assert guarded.ok("GET", f"/users/{user['id']}", admin) == user
    assert guarded.me(guarded.log_in("carl@example.com"))["is_superuser"] is True
    assert guarded.call("POST", "/users/", admin, json=given)[0] == 409


def test_superusers_list_users_in_pages(guarded: Server, admin: str, anna: str, bert: str) -> None:
    page = guarded.ok("GET", "/users/?skip=1&limit=1", admin)
    assert [user["email"] for user in page["data"]] == ["anna@example.com"]
    assert page["count"] == 3
    assert "hashed_password" not in page["data"][0]


def test_superusers_change_users(guarded: Server, admin: str, anna: str, bert: str) -> None:
    path = path_of(guarded, anna)
    given = {"password": "new password", "full_name": "A", "is_superuser": True}
    assert guarded.ok("PATCH", path, admin, json=given)["is_superuser"] is True
    assert guarded.log_in("anna@example.com", "new password")
    assert guarded.call("PATCH", path, admin, json={"email": "bert@example.com"})[0] == 409
    assert guarded.call("PATCH", path, admin, json={"password": None})[0] == 422
    assert guarded.call("PATCH", path, admin, json={"is_active": None})[0] == 422


def test_superusers_delete_users_with_their_items(guarded: Server, admin: str, anna: str) -> None:
    guarded.add_item("Anna's", anna)
    guarded.ok("DELETE", path_of(guarded, anna), admin)
    assert guarded.ok("GET", "/items/", admin) == {"data": [], "count": 0}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_unknown_users(guarded: Server, admin: str, method: str) -> None:
    options = {"json": {}} if method == "PATCH" else {}
    assert guarded.call(method, NOBODY, admin, **options) == (404, {"detail": "User not found"})


# The last superuser


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("PATCH", {"is_superuser": False}),
        ("PATCH", {"is_active": False}),
        ("DELETE", None),
    ],
)
def test_the_last_superuser_stays(
    guarded: Server, admin: str, anna: str, method: str, change: Any
) -> None:
    status, answer = guarded.call(method, path_of(guarded, admin), admin, json=change)
    assert status == 409
    assert "last superuser" in answer["detail"]
    assert guarded.me(admin)["is_superuser"] is True


def test_the_last_superuser_can_not_leave(guarded: Server, admin: str) -> None:
    assert guarded.call("DELETE", "/users/me", admin)[0] == 409
    assert guarded.me(admin)["email"] == ADMIN


def test_one_of_two_superusers_can_leave(guarded: Server, admin: str, anna: str) -> None:
    guarded.ok("PATCH", path_of(guarded, anna), admin, json={"is_superuser": True})
    guarded.ok("DELETE", "/users/me", admin)
    assert guarded.call("DELETE", "/users/me", anna)[0] == 409


def test_an_inactive_superuser_does_not_count(guarded: Server, admin: str, anna: str) -> None:
    given = {"is_superuser": True, "is_active": False}
    guarded.ok("PATCH", path_of(guarded, anna), admin, json=given)
    assert guarded.call("DELETE", "/users/me", admin)[0] == 409


def test_the_local_superuser_does_not_count(local: Server, start: StartServer) -> None:
    guarded = start(AUTH_REQUIRED=True)
    first = guarded.sign_up(ADMIN)
    assert guarded.call("DELETE", "/users/me", first)[0] == 409


def test_two_superusers_leaving_at_once_leave_one(guarded: Server, admin: str, anna: str) -> None:
    guarded.ok("PATCH", path_of(guarded, anna), admin, json={"is_superuser": True})
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda token: guarded.call("DELETE", "/users/me", token)[0], (admin, anna))
        )
    assert sorted(answers) == [200, 409]
