"""The built web app, served when there is no Ensconce to do it."""

from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.support import Server

PAGE = "<!doctype html><title>Prober</title>"


@pytest.fixture
def web(start: StartServer, tmp_path: Path) -> Server:
    """A server with a web app."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(PAGE)
    (folder / "assets" / "index-1a2b.js").write_text("start()")
    (folder / "icon.svg").write_text("<svg/>")
    return start(WEB_DIST=folder)


@pytest.mark.parametrize("path", ["/", "/index.html", "/suites", "/compare?runs=1"])
def test_routes_of_the_web_app_get_its_page(web: Server, path: str) -> None:
    response = web.client.get(path)
    assert (response.status_code, response.text) == (200, PAGE)
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-cache"


def test_files(web: Server) -> None:
    script = web.client.get("/assets/index-1a2b.js")
    assert script.text == "start()"
    assert "immutable" in script.headers["cache-control"]
    assert web.client.get("/icon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/assets/gone.js", "/assets/gone", "/gone.png", "/api/v1/gone", "/api", "/%2e%2e/app.db"],
)
def test_missing_files_are_not_found(web: Server, path: str) -> None:
    assert web.client.get(path).status_code == 404


def test_the_api_comes_first(web: Server) -> None:
    assert web.client.get("/api/v1/utils/health-check/").json() is True
    assert web.client.post("/suites").status_code == 405


def test_nothing_is_served_unless_set(keyless: Server) -> None:
    assert keyless.client.get("/").status_code == 404
