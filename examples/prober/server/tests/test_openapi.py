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
        "runs_list",
        "runs_start",
        "runs_read",
        "runs_results",
        "runs_stop",
        "runs_continue",
        "runs_retry",
        "runs_delete",
        "compare_read",
        "suites_list",
        "suites_read",
        "suites_add",
        "suites_delete",
        "providers_list",
        "providers_models",
        "providers_check",
        "utils_health_check",
        "utils_about",
    }


def test_there_is_no_way_to_crash_it(keyless: Server) -> None:
    assert keyless.client.get("/api/v1/utils/crash").status_code == 404


def test_one_version() -> None:
    project = tomllib.loads((SERVER_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__
