"""`ensconce run --headless`: an app for a browser, and what the terminal gets."""

import json
import signal
import socket

import pytest

from harness import processes
from harness.items_page import ItemsPage
from harness.manifests import small_app
from harness.raw import UPGRADE, Visitor, read_answer, request_bytes
from harness.waiting import eventually

API = "/api/v1/items/"


def test_the_link_opens_the_app_once(world, items):
    app = world.run_headless(items)
    visitor = Visitor(app.url())
    first = visitor.enter()
    assert first.status == 303
    assert first.one("Location") == "/"
    assert "ensconce_token" not in first.one("Location")
    cookie = first.one("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "<title>" in visitor.get("/").text()
    # Somebody who has read the link over one's shoulder.
    second = Visitor(app.url()).enter()
    assert second.status == 401
    assert second.all("Set-Cookie") == []


def test_the_api_answers_only_with_the_cookie(world, items):
    visitor = Visitor(world.run_headless(items).url())
    stranger = Visitor(visitor.origin)
    visitor.enter()
    made = visitor.send(
        "POST", API, {"Content-Type": "application/json"}, json.dumps({"title": "Milk"}).encode()
    )
    assert made.status == 201
    listed = json.loads(visitor.get(API).body)
    assert [item["title"] for item in listed["data"]] == ["Milk"]
    assert stranger.get(API).status == 401
    assert stranger.get("/").status == 401
    assert stranger.get(API, Cookie="ensconce_com.example.items=guessed").status == 401


def test_other_sites_get_nothing(world, items):
    visitor = Visitor(world.run_headless(items).url())
    visitor.enter()
    foreign = [
        {"Origin": "http://evil.test"},
        {"Origin": f"http://127.0.0.1:{visitor.port + 1}"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Host": "evil.test"},
        {"Host": f"evil.test:{visitor.port}"},
        {"Host": ""},
    ]
    body = json.dumps({"title": "Planted"}).encode()
    for headers in foreign:
        typed = {"Content-Type": "application/json", **headers}
        assert visitor.send("POST", API, typed, body).status == 403, headers
    assert visitor.send("GET", "/", {**UPGRADE, "Origin": "http://evil.test"}).status == 403
    assert json.loads(visitor.get(API).body)["data"] == []


def test_the_gateway_listens_on_loopback_alone(world, items):
    port = Visitor(world.run_headless(items).url()).port
    assert processes.listening_addresses(port) == {"0100007F"}


def test_a_real_browser_uses_the_app(world, items):
    app = world.run_headless(items)
    driver = world.open_chromium()
    driver.get(app.url())
    assert driver.current_url == f"{Visitor(app.url()).origin}/"
    page = ItemsPage(driver)
    page.wait_until_shown()
    page.create("Bread", "With seeds")
    driver.refresh()
    page.wait_for_titles("Bread")
    assert not [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def test_the_port_is_the_same_at_the_next_start(world, items):
    ports = set()
    for _ in range(2):
        app = world.run_headless(items)
        ports.add(Visitor(app.url()).port)
        app.signal(signal.SIGTERM)
        assert app.exit_code() == 0
    assert len(ports) == 1


def test_a_taken_port_is_replaced_and_said(world, items):
    app = world.run_headless(items)
    port = Visitor(app.url()).port
    app.signal(signal.SIGTERM)
    assert app.exit_code() == 0
    with socket.create_server(("127.0.0.1", port)):
        again = world.run_headless(items)
        assert Visitor(again.url()).port != port
        assert str(port) in again.stderr()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(world, tmp_path, number):
    goodbye = tmp_path / "goodbye"
    app = world.run_headless(small_app(tmp_path / "app", "--goodbye", str(goodbye)))
    url = app.url()
    app.signal(number)
    assert app.exit_code() == 0
    assert goodbye.read_text() == "finished in order"
    assert app.stdout() == f"{url}\n"
    assert app.app.processes() == []
    assert world.left_in_runtime() == []


def test_a_killed_one_leaves_nothing(world, items):
    app = world.run_headless(items)
    app.url()
    assert len(app.app.processes()) > 1
    app.signal(signal.SIGKILL)
    app.app.wait_until_gone(within=2)
    again = world.run_headless(items)
    assert Visitor(again.url()).enter().status == 303


def test_mistakes_in_the_manifest_are_all_told_with_code_2(world, tmp_path):
    manifest = tmp_path / "ensconce.toml"
    manifest.write_text(
        '[app]\nid = "no"\nname = "Broken"\nversion = "1"\n'
        '[ui]\nservice = "wbe"\n[service.web]\ncomand = ["x"]\n'
    )
    app = world.run_headless(manifest)
    assert app.exit_code() == 2
    assert app.stdout() == ""
    for hint in (":2:", ":4:", ":6:", ":8:", "`web`", "`command`"):
        assert hint in app.stderr(), hint


@pytest.mark.parametrize("content", [None, b"", b"\x00\xff\xfe" * 50, b"a = " + b"[" * 200_000])
def test_a_manifest_that_is_none_is_code_2(world, tmp_path, content):
    manifest = tmp_path / "ensconce.toml"
    if content is not None:
        manifest.write_bytes(content)
    app = world.run_headless(manifest)
    assert app.exit_code() == 2
    assert "ensconce.toml" in app.stderr()
    assert len(app.stderr()) < 10_000


def test_an_app_that_fails_is_code_1_and_shows_its_last_words(world, tmp_path):
    cause = tmp_path / "cause"
    cause.touch()
    app = world.run_headless(small_app(tmp_path / "app", "--fail-if", str(cause)))
    assert app.exit_code() == 1
    assert app.stdout() == ""
    assert "The thing is broken" in app.stderr()
    assert "`web`" in app.stderr()
    assert app.app.processes() == []


def test_events_come_as_lines_of_json(world, items):
    app = world.run_headless(items, "--json")

    def events() -> list[dict]:
        lines = app.stdout().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def named(name: str) -> list[dict]:
        return [event for event in events() if event["event"] == name]

    (ready,) = eventually(lambda: named("ready"), "the event `ready`", within=30)
    assert Visitor(ready["url"]).enter().status == 303
    states = [(event["name"], event["state"]) for event in named("service")]
    assert states.index(("api", "starting")) < states.index(("api", "ready"))
    assert ("migrate", "ready") in [(event["name"], event["state"]) for event in named("task")]
    app.signal(signal.SIGTERM)
    assert app.exit_code() == 0
    assert events()[-1] == {"event": "stopped"}


def test_a_failure_is_an_event(world, tmp_path):
    cause = tmp_path / "cause"
    cause.touch()
    app = world.run_headless(small_app(tmp_path / "app", "--fail-if", str(cause)), "--json")
    assert app.exit_code() == 1
    events = [json.loads(line) for line in app.stdout().splitlines()]
    (failure,) = [event for event in events if event["event"] == "failed"]
    assert failure["service"] == "web"
    assert any("The thing is broken" in line for line in failure["output"])


def test_of_two_starts_at_once_one_runs(world, items):
    apps = [world.run_headless(items) for _ in range(2)]

    def ended() -> list:
        return [app for app in apps if app.process.poll() is not None]

    (loser,) = eventually(ended, "one of the two ends")
    (winner,) = [app for app in apps if app is not loser]
    assert loser.exit_code() == 1
    assert "running already" in loser.stderr()
    assert loser.stdout() == ""
    assert Visitor(winner.url()).enter().status == 303


def test_a_corrupt_state_file_does_not_keep_the_app_from_starting(world, items):
    app = world.run_headless(items)
    app.url()
    app.signal(signal.SIGTERM)
    assert app.exit_code() == 0
    state = world.data / "data" / ".ensconce" / "state.json"
    assert state.exists()
    state.write_bytes(b'{"port": "\x00')
    again = world.run_headless(items)
    assert Visitor(again.url()).enter().status == 303


def test_a_request_that_is_cut_off_does_no_harm(world, items):
    visitor = Visitor(world.run_headless(items).url())
    visitor.enter()
    headers = {"Host": visitor.entry.netloc, "Cookie": visitor.cookie, "Content-Length": "1000"}
    with socket.create_connection(("127.0.0.1", visitor.port)) as connection:
        connection.sendall(request_bytes(API, "POST", headers) + b'{"title":')
    with socket.create_connection(("127.0.0.1", visitor.port), timeout=15) as connection:
        connection.sendall(b"GARBAGE\r\n\r\n")
        assert read_answer(connection).status == 400
    assert visitor.get(API).status == 200


def test_check_plan_and_schema_tell_without_starting_anything(world, items):
    check = world.run("check", items)
    assert check.exit_code() == 0
    assert "Items 1.0.0 is valid" in check.stderr()
    plan = world.run("plan", "--json", items)
    assert plan.exit_code() == 0
    jobs = json.loads(plan.stdout())["jobs"]
    assert [job["name"] for job in jobs] == ["migrate", "api"]
    schema = world.run("schema")
    assert schema.exit_code() == 0
    assert "service" in json.loads(schema.stdout())["properties"]
    assert not (world.folder / "home/.local/share/com.example.items").exists()


def test_without_a_display_a_window_is_refused_with_a_hint(world, items):
    app = world.run("run", "--data-dir", world.data, items)
    assert app.exit_code() == 1
    assert "--headless" in app.stderr()
