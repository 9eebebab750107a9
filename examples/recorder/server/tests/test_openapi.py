"""The OpenAPI document, from which the client of the web app is made."""

import json
import tomllib

from app import __version__, export_openapi
from app.core.paths import SERVER_DIR

EXPORTED = SERVER_DIR.parent / "web" / "openapi.json"


def test_the_exported_document_is_fresh() -> None:
    assert EXPORTED.read_text(encoding="utf-8") == export_openapi.document()


def test_operations_have_short_names() -> None:
    paths = json.loads(export_openapi.document())["paths"]
    names = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert names == {
        "history_list",
        "history_delete",
        "history_clear",
        "tracks_list",
        "tracks_add",
        "tracks_update",
        "tracks_delete",
        "source_read",
        "source_update",
        "source_add_file",
        "source_delete_file",
        "processes_read",
        "processes_restart_recorder",
        "utils_health_check",
        "utils_about",
    }


def test_one_version() -> None:
    project = tomllib.loads((SERVER_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__
