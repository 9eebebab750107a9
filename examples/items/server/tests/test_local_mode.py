"""The server without a required login: everything belongs to the local user."""

import pytest

from app.models import LOCAL_USER_EMAIL, LOCAL_USER_ID
from tests.conftest import StartServer
from tests.support import ADMIN, PASSWORD, Server, query

LOCAL_PATH = f"/users/{LOCAL_USER_ID}"


def test_config_asks_for_nothing(local: Server) -> None:
    config = local.ok("GET", "/utils/config")
    assert config == {"auth_required": False, "needs_first_user": False, "version": "0.1.0"}


def test_me_is_the_local_user(local: Server) -> None:
    me = local.me()
    assert me["id"] == str(LOCAL_USER_ID)
    assert me["email"] == LOCAL_USER_EMAIL
    assert me["is_active"] and me["is_superuser"]
    assert me["created_at"].endswith("Z")


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_me_ignores_tokens(local: Server, token: str) -> None:
    assert local.me(token)["id"] == str(LOCAL_USER_ID)


def test_new_items_belong_to_the_local_user(local: Server) -> None:
    assert local.add_item()["owner_id"] == str(LOCAL_USER_ID)


def test_items_of_everybody_are_shown(local: Server, start: StartServer) -> None:
    local.add_item("mine")
    guarded = start(AUTH_REQUIRED=True)
    guarded.add_item("theirs", guarded.sign_up("anna@example.com"))
    assert local.titles() == ["theirs", "mine"]


def test_signup_is_refused(local: Server) -> None:
    given = {"email": "anna@example.com", "password": PASSWORD}
    status, answer = local.call("POST", "/users/signup", json=given)
    assert status == 403
    assert "sign-up" in answer["detail"]


def test_login_still_works(local: Server) -> None:
    local.ok("POST", "/users/", json={"email": "anna@example.com", "password": PASSWORD})
    token = local.log_in("anna@example.com")
    assert local.ok("POST", "/login/test-token", token)["email"] == "anna@example.com"
    assert local.try_login("anna@example.com", "wrong horse")[0] == 400


def test_test_token_needs_a_token_here_too(local: Server) -> None:
    assert local.call("POST", "/login/test-token")[0] == 401


@pytest.mark.parametrize("password", ["", "None", "null", "local", PASSWORD])
def test_local_user_can_not_log_in(local: Server, password: str) -> None:
    assert local.try_login(LOCAL_USER_EMAIL, password)[0] in (400, 422)


def test_local_user_has_no_password_hash(local: Server) -> None:
    rows = query(local.file, "SELECT id, hashed_password FROM user")
    assert rows == [(LOCAL_USER_ID.hex, None)]


def test_local_user_gets_no_password(local: Server) -> None:
    change = {"current_password": "", "new_password": "new password"}
    assert local.call("PATCH", "/users/me/password", json=change)[0] == 403
    assert local.call("PATCH", LOCAL_PATH, json={"password": "new password"})[0] == 403


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_superuser": False}])
def test_local_user_keeps_its_rights(local: Server, change: dict[str, bool]) -> None:
    assert local.call("PATCH", LOCAL_PATH, json=change)[0] == 403


@pytest.mark.parametrize("path", ["/users/me", LOCAL_PATH])
def test_local_user_can_not_be_deleted(local: Server, path: str) -> None:
    assert local.call("DELETE", path)[0] == 403
    assert local.me()["id"] == str(LOCAL_USER_ID)


def test_local_user_keeps_its_new_name_after_a_restart(local: Server, start: StartServer) -> None:
    local.ok("PATCH", "/users/me", json={"full_name": "Me", "email": "me@example.com"})
    again = start()
    assert again.me()["full_name"] == "Me"
    assert again.me()["id"] == str(LOCAL_USER_ID)
    assert again.ok("GET", "/users/")["count"] == 1


def test_local_user_is_nobody_once_a_login_is_required(local: Server, start: StartServer) -> None:
    local.add_item("mine")
    guarded = start(AUTH_REQUIRED=True)
    assert guarded.call("GET", "/items/")[0] == 401
    assert guarded.ok("GET", "/utils/config")["needs_first_user"] is True
    first = guarded.sign_up(ADMIN)
    assert guarded.titles(token=first) == ["mine"]
    guarded.ok("DELETE", LOCAL_PATH, first)
    assert guarded.titles(token=first) == []


def test_a_forgotten_password_can_be_replaced(local: Server, start: StartServer) -> None:
    guarded = start(AUTH_REQUIRED=True)
    guarded.sign_up(ADMIN, "forgotten")
    [admin] = [user for user in local.ok("GET", "/users/")["data"] if user["email"] == ADMIN]
    local.ok("PATCH", f"/users/{admin['id']}", json={"password": "remembered"})
    assert guarded.log_in(ADMIN, "remembered")
