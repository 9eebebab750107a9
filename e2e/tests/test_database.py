"""A PostgreSQL database that set-up asks for: a real server, and wrong ways to it."""

import re

from harness.manifests import asking_app
from harness.postgres import ENCODED, PASSWORD, postgres
from harness.setup_page import SetupPage
from harness.waiting import eventually
from harness.webdriver import free_ports

QUERY = "SELECT version_num FROM alembic_version"
WHERE = {
    "title": "Where is it?",
    "fields": [{"name": "key", "type": "database", "label": "Database"}],
    "check": {"postgres": "{setup.key}", "schema": QUERY},
}


def test_a_real_server_and_wrong_ways_to_it(world, tmp_path):
    manifest = asking_app(tmp_path / "app", WHERE)
    # Below the world's folder, which other users may enter.
    world.folder.chmod(0o755)
    with postgres(world.folder / "pg") as server:
        window = world.open_window(manifest)
        page = SetupPage(window)
        page.begin("Where is it?")

        (free,) = free_ports(1)
        attempts = [
            (server.url(port=free), "refuses the connection"),
            (server.url().replace("127.0.0.1", "nowhere.invalid"), "nowhere.invalid"),
            (server.url(password="wrong"), "password"),
            (server.url().replace("/app", "/missing"), "missing"),
        ]
        for url, words in attempts:
            page.type("Database", url)
            page.press("Try it")
            page.wait_for_status(words)
            assert page.title() == "Where is it?"
            assert page.value("Database") == url
            for secret in (PASSWORD, ENCODED):
                assert secret not in page.status()
        assert "worker" not in world.pids(manifest)

        page.type("Database", server.url())
        page.press("Try it")
        page.wait_for_status("PostgreSQL")
        version = re.search(r"\d+(\.\d+)+", server.sql("SHOW server_version").stdout)
        assert version
        assert version[0] in page.status()
        assert "0007" in page.status()
        page.press("Finish")
        page.wait_for("Asking is ready")
        page.leave("Open Asking")
        window.wait_for_origin("http://asking.localhost")
        eventually(lambda: "worker" in world.pids(manifest), "the worker has the address")
