"""`ensconce dev --headless`: the developer's servers behind the same origin."""

import os
import re
import signal
import socket

from harness.items_page import ItemsPage
from harness.manifests import items_variant
from harness.raw import UPGRADE, Visitor, read_answer, request_bytes
from harness.waiting import eventually


def start(world, tmp_path):
    manifest = items_variant(tmp_path / "app", lambda manifest: None)
    app = world.run("dev", "--headless", "--data-dir", world.data, manifest)
    return app, manifest


def test_pages_come_from_vite_through_the_same_origin(world, tmp_path):
    app, _ = start(world, tmp_path)
    visitor = Visitor(app.url())
    visitor.enter()
    assert "/@vite/client" in visitor.get("/").text()
    assert visitor.get("/api/v1/items/").status == 200

    token = re.search(r'wsToken = "([^"]+)"', visitor.get("/@vite/client").text())
    assert token, "Vite's client has no token for its WebSocket"
    headers = {
        **UPGRADE,
        "Host": visitor.entry.netloc,
        "Cookie": visitor.cookie,
        "Origin": visitor.origin,
        "Sec-WebSocket-Protocol": "vite-hmr",
    }
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=15) as connection:
        connection.sendall(request_bytes(f"/?token={token[1]}", "GET", headers))
        answer = read_answer(connection)
        assert answer.status == 101
        assert answer.one("Sec-WebSocket-Protocol") == "vite-hmr"


def test_hot_reload_connects_in_a_real_browser(world, tmp_path):
    app, _ = start(world, tmp_path)
    driver = world.open_chromium()
    driver.get(app.url())
    ItemsPage(driver).wait_until_shown()
    seen = []

    def connected() -> bool:
        seen.extend(entry["message"] for entry in driver.get_log("browser"))
        return any("[vite] connected." in message for message in seen)

    eventually(connected, "Vite's client says that it is connected")


def test_a_changed_manifest_restarts_what_has_changed(world, tmp_path):
    app, manifest = start(world, tmp_path)
    visitor = Visitor(app.url())
    visitor.enter()

    def servers(variable: str) -> list[int]:
        return [
            process.pid
            for process in app.app.processes()
            if "uvicorn" in process.argv and variable in process.environment
        ]

    assert servers("LOG_LEVEL=debug") == []
    text = manifest.read_text()
    changed = text.replace("[env]\n", '[env]\nLOG_LEVEL = "debug"\n')
    assert changed != text
    replacement = manifest.with_suffix(".new")
    replacement.write_text(changed)
    replacement.replace(manifest)
    eventually(lambda: servers("LOG_LEVEL=debug"), "the API runs with the new setting")
    eventually(lambda: visitor.get("/api/v1/items/").status == 200, "the API answers as before")

    manifest.write_text("[app\n")
    eventually(lambda: "goes on as it was" in app.stderr(), "the mistake is told")
    assert visitor.get("/api/v1/items/").status == 200


def test_ctrl_c_ends_it_cleanly(world, tmp_path):
    app, _ = start(world, tmp_path)
    app.url()
    # A terminal sends it to the whole group.
    os.killpg(app.pid, signal.SIGINT)
    assert app.exit_code() == 0
    assert app.app.processes() == []
    assert world.left_in_runtime() == []
    assert app.stdout().count("\n") == 1
