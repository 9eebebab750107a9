"""The Items app in a real window: used, closed, killed, started twice."""

import json
import signal
from pathlib import Path

from selenium.common.exceptions import WebDriverException

from harness import processes
from harness.items_page import ItemsPage
from harness.manifests import hold_back, items_variant, require_login
from harness.raw import UPGRADE, request
from harness.waiting import eventually

ORIGIN = "http://items.localhost"
SPLASH = "tauri://localhost"
INVOKE = """
const [command, answer] = arguments;
const event = { event: "status", target: { kind: "Any" }, handler: 1 };
window.__TAURI_INTERNALS__.invoke(command, event)
  .then((value) => answer("done: " + JSON.stringify(value)), (why) => answer("refused: " + why));
"""


def open_items(world, manifest, **changes):
    window = world.open_window(manifest, **changes)
    window.wait_for_origin(ORIGIN)
    page = ItemsPage(window.driver)
    page.wait_until_shown()
    return window, page


def test_splash_then_app_and_all_is_still_there_after_a_restart(world, tmp_path):
    gate = tmp_path / "gate"
    manifest = items_variant(tmp_path / "app", lambda manifest: hold_back(manifest, gate))
    window = world.open_window(manifest)
    window.wait_for_origin(SPLASH)
    window.wait_for_text("Items")
    window.wait_for_text("Preparing data")
    assert window.on_screen().title == "Items"

    gate.touch()
    window.wait_for_origin(ORIGIN)
    assert window.driver.execute_script("return location.origin") == ORIGIN
    assert window.driver.execute_script("return isSecureContext")
    page = ItemsPage(window.driver)
    page.wait_until_shown()
    assert "Items" in window.driver.title
    page.create("Milk", "Two bottles")
    page.create("Bread")
    page.rename("Milk", "Oat milk")
    page.delete("Bread")
    page.use("Oat milk", "item-done")
    was_dark = page.is_dark()
    page.click("theme-toggle")
    eventually(lambda: page.is_dark() != was_dark, "the theme changes")
    theme = page.stored("items:theme")
    assert theme == ("light" if was_dark else "dark")

    window.close()
    window.app.wait_until_gone(within=10)
    assert world.left_in_runtime() == []

    window, page = open_items(world, manifest)
    page.wait_for_titles("Oat milk")
    assert page.row("Oat milk").get_attribute("data-done") == "true"
    assert page.stored("items:theme") == theme
    assert page.is_dark() != was_dark


def test_the_page_loads_under_the_splash_and_is_not_loaded_again(world, tmp_path):
    gate = tmp_path / "gate"
    manifest = items_variant(tmp_path / "app", lambda manifest: hold_back(manifest, gate))
    window = world.open_window(manifest)
    window.wait_for_text("Preparing data")
    window.look_beneath()
    run = window.driver.execute_script
    eventually(
        lambda: run("return document.readyState + document.title") == "completeItems",
        "the page is loaded",
        ignoring=(WebDriverException,),
    )
    # It is as large as it will be, and everything in it may happen that happens in a page.
    assert run("return [innerWidth, innerHeight, document.visibilityState]") == [
        1100,
        750,
        "visible",
    ]
    run("window.sameAsBefore = true")
    window.wait_for_origin(SPLASH)

    gate.touch()
    window.wait_for_origin(ORIGIN)
    page = ItemsPage(window.driver)
    page.wait_until_shown()
    assert run("return window.sameAsBefore")
    page.create("Milk")


def test_the_apps_pages_cannot_give_orders(world, items):
    window, page = open_items(world, items)
    for command in ("quit", "status", "open_logs", "plugin:event|listen"):
        answer = window.driver.execute_async_script(INVOKE, command)
        assert answer.startswith("refused"), (command, answer)
    page.create("Still here")


def test_a_killed_shell_leaves_nothing_and_starts_again(world, items):
    window, page = open_items(world, items)
    page.create("Survivor")
    assert len(window.app.processes()) > 3
    window.kill()
    window.app.wait_until_gone(within=2)

    _, page = open_items(world, items)
    page.wait_for_titles("Survivor")


def test_the_app_runs_without_a_driver(world, items):
    app = world.start_shell(items)
    window = world.desktop.window(app.pid)
    assert window.title == "Items"
    world.desktop.close_window(window)
    assert app.exit_code() == 0
    app.app.wait_until_gone(within=2)


def test_signals_end_the_shell_in_order(world, items):
    for number in (signal.SIGTERM, signal.SIGINT):
        app = world.start_shell(items)
        world.desktop.window(app.pid)
        app.signal(number)
        assert app.exit_code() == 0
        # WebKit's own processes end when they see that their window's is gone.
        app.app.wait_until_gone(within=5)
        assert world.left_in_runtime() == []


def test_signing_up_logging_in_and_out(world, tmp_path):
    manifest = items_variant(tmp_path / "app", require_login)
    window = world.open_window(manifest)
    window.wait_for_origin(ORIGIN)
    page = ItemsPage(window.driver)
    page.sign_up("Ada", "ada@example.com", "correct horse")
    page.wait_until_shown()
    page.create("Secret plan")

    page.click("logout")
    page.log_in("ada@example.com", "wrong horse")
    window.wait_for_text("Incorrect e-mail address or password")
    assert page.stored("items:token") is None
    page.log_in("ada@example.com", "correct horse")
    page.wait_for_titles("Secret plan")

    # The login is as good after a restart: the key that signs it is kept.
    window.close()
    window.app.wait_until_gone(within=10)
    _, page = open_items(world, manifest)
    page.wait_for_titles("Secret plan")


def test_a_second_start_brings_the_first_to_the_front(world, items):
    first = world.start_shell(items)
    window = world.desktop.window(first.pid)
    world.desktop.minimise(window)

    second = world.start_shell(items)
    assert second.exit_code(within=10) == 0
    eventually(lambda: world.desktop.is_visible(window), "the first window is on the screen")
    eventually(lambda: world.desktop.is_active(window), "the first window has the keyboard")
    assert [shown.pid for shown in world.desktop.windows()] == [first.pid]
    assert first.process.poll() is None
    second.app.wait_until_gone(within=2)


def test_another_data_folder_is_another_app(world, items):
    first = world.start_shell(items)
    world.desktop.window(first.pid)
    world.data = world.folder / "other"
    second = world.start_shell(items)
    world.desktop.window(second.pid)
    assert first.process.poll() is None


def test_without_credentials_nobody_gets_through_the_gateway(world, items):
    app = world.start_shell(items)
    world.desktop.window(app.pid)
    # Once the API's process is there, so is all that a request could reach.
    control = world.control_port()
    ports = eventually(
        lambda: len(found := processes.listening_ports(app.pid)) > 1 and found, "both ports listen"
    )
    assert all(processes.listening_addresses(port) == {"0100007F"} for port in ports)
    (port,) = set(ports) - {control}
    host = {"Host": "items.localhost"}
    body = json.dumps({"title": "Planted"}).encode()
    attempts = [
        ("GET", "/", host),
        ("GET", "/api/v1/items/", {"Host": f"127.0.0.1:{port}"}),
        ("GET", "/", {"Host": f"localhost:{port}", "Origin": ORIGIN}),
        ("GET", f"{ORIGIN}/", host),
        ("GET", f"{ORIGIN}/api/v1/items/", {**host, "Origin": ORIGIN}),
        ("POST", f"{ORIGIN}/api/v1/items/", {**host, "Content-Type": "application/json"}),
        ("GET", f"{ORIGIN}/", {**host, **UPGRADE}),
        ("GET", "/", {**host, **UPGRADE, "Origin": ORIGIN}),
        ("CONNECT", "items.localhost:80", {"Host": "items.localhost:80"}),
        ("CONNECT", "example.com:443", {"Host": "example.com:443"}),
        ("GET", f"{ORIGIN}/", {**host, "Proxy-Authorization": "Basic ZW5zY29uY2U6"}),
        ("GET", f"{ORIGIN}/", {**host, "Proxy-Authorization": "Bearer x"}),
        ("GET", "/?ensconce_token=x", {**host, "Cookie": "ensconce_com.example.items=x"}),
    ]
    for method, target, headers in attempts:
        sent = body if method == "POST" else b""
        answer = request(port, target, method=method, headers=headers, body=sent)
        assert answer.status == 407, (method, target, headers)
        assert b"<title>Items" not in answer.body
        assert answer.all("Set-Cookie") == []
        refused = request(control, target, method=method, headers=headers, body=sent)
        assert refused.status in (400, 401, 403), (method, target, headers)


def test_size_and_place_are_remembered(world, items):
    app = world.start_shell(items)
    window = world.desktop.window(app.pid)
    assert (window.width, window.height) == (1100, 750)
    world.desktop.place(window, 90, 120, 840, 560)
    eventually(
        lambda: size(world.desktop.window(app.pid)) == (840, 560), "the window has the new size"
    )
    placed = world.desktop.window(app.pid)
    world.desktop.close_window(placed)
    assert app.exit_code() == 0

    again = world.start_shell(items)
    window = world.desktop.window(again.pid)
    assert size(window) == (840, 560)
    assert abs(window.x - placed.x) <= 2
    assert abs(window.y - placed.y) <= 2


def size(window):
    return (window.width, window.height)


def test_secrets_are_in_no_argument_and_in_no_log(world, items):
    window, _ = open_items(world, items)
    pairs = [pair for process in window.app.processes() for pair in process.environment]
    secrets = {pair.partition("=")[2] for pair in pairs if pair.startswith("SECRET_KEY=")}
    (secret,) = secrets
    assert len(secret) >= 32
    for process in window.app.processes():
        assert secret not in " ".join(process.argv)
    for file in filter(Path.is_file, world.data.rglob("*")):
        assert secret.encode() not in file.read_bytes(), file


def test_without_a_keyring_it_starts_all_the_same(world, items):
    _, page = open_items(world, items, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
    page.create("Kept")
