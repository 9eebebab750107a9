"""The OpenAPI document, from which the client of the web app is made."""

import json
import tomllib

from app import __version__, export_openapi
from app.core.paths import SERVER_DIR
from tests.support import Server

EXPORTED = SERVER_DIR.parent / "web" / "openapi.json"


def test_the_exported_document_is_fresh() -> None:
    assert EXPORTED.read_text(encoding="utf-8") == export_openapi.document()


def test_operations_have_short_names() -> None:
    paths = json.loads(export_openapi.document())["paths"]
    names = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert names == {
        "items_list",
        "items_create",
        "items_read",
        "items_update",
        "items_delete",
        "login_access_token",
        "login_test_token",
        "users_list",
        "users_create",
        "users_signup",
        "users_read_me",
        "users_update_me",
        "users_delete_me",
        "users_update_password_me",
        "users_read",
        "users_update",
        "users_delete",
        "utils_health_check",
        "utils_config",
    }


def test_the_document_is_served(local: Server) -> None:
    served = local.ok("GET", "/openapi.json")
    assert served == json.loads(export_openapi.document())


def test_one_version() -> None:
    project = tomllib.loads((SERVER_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__
