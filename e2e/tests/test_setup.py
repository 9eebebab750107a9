"""Set-up and Settings in a real window: an app of our own, and Prober."""

import json
import os
import signal
import tomllib
import urllib.request
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException

from harness.asked import ANTHROPIC_KEY, fake_providers, key_server
from harness.manifests import asking_app, write
from harness.prober_page import ProberPage
from harness.processes import of
from harness.setup_page import Keyboard, SetupPage
from harness.waiting import eventually
from harness.world import OWN_PAGES

ORIGIN = "http://asking.localhost"
KEY = "right-key-0001"
NAME = {"name": "name", "label": "Name"}
SECRET = {"name": "key", "type": "secret", "label": "Key"}
WHO = {"title": "Who are you?", "text": "The worker wants to know.", "fields": [NAME, SECRET]}
COLOUR = {"name": "colour", "type": "choice", "label": "Colour", "choices": ["red", "green"]}
LOOKS = {"title": "Looks", "fields": [COLOUR]}
WELCOME = "Welcome to Asking"


def tried(port, **more):
    """The page about the key, whose key is tried at a port of this machine."""
    headers = {"Authorization": "Bearer {setup.key}"}
    return {**WHO, "check": {"http": f"http://127.0.0.1:{port}/me", "headers": headers, **more}}


def open_setup(world, manifest):
    window = world.open_window(manifest)
    page = SetupPage(window)
    page.wait_for(WELCOME)
    return window, page


def start(page, name="Ada", key=KEY):
    page.press("Start")
    page.wait_for("Who are you?")
    page.type("Name", name)
    page.type("Key", key)
    page.press("Next")


def finish(window, page):
    page.choose("green")
    page.press("Finish")
    page.wait_for("Asking is ready")
    page.leave("Open Asking")
    wait_for_app(window)


def wait_for_app(window, origin=ORIGIN, text="It works"):
    window.wait_for_origin(origin)
    window.wait_for_text(text)


def environment(pid):
    return dict(pair.partition("=")[::2] for pair in process(pid).environment)


def process(pid):
    return of(Path("/proc") / str(pid))


def test_it_asks_at_the_first_start_and_then_never_again(world, tmp_path):
    manifest = asking_app(tmp_path / "app", WHO, LOOKS)
    window, page = open_setup(world, manifest)
    assert window.url().startswith(OWN_PAGES)
    # What needs no answer is up; what needs one is not.
    eventually(lambda: set(world.pids(manifest)) == {"web"}, "only what needs no answer is up")
    assert world.status(manifest)["phase"] == "setup"
    web = world.pids(manifest)["web"]

    start(page)
    page.wait_for("Looks")
    finish(window, page)
    pids = world.pids(manifest)
    assert set(pids) == {"web", "worker", "other"}
    # It had no answers to wait for, and goes on.
    assert pids["web"] == web
    assert environment(pids["worker"])["NAME"] == "Ada"
    assert environment(pids["worker"])["KEY"] == KEY
    assert environment(pids["other"])["COLOUR"] == "green"
    assert "KEY" not in environment(pids["other"])

    window.close()
    window.app.wait_until_gone(within=15)
    window = world.open_window(manifest)
    wait_for_app(window)
    assert environment(world.pids(manifest)["worker"])["KEY"] == KEY


def test_it_welcomes_although_a_page_has_all_answers_by_default(world, tmp_path):
    looks = {"title": "Looks", "fields": [{**COLOUR, "default": "red"}]}
    _, page = open_setup(world, asking_app(tmp_path / "app", WHO, looks))
    start(page)
    page.wait_for("Looks")


def test_a_wrong_key_is_told_and_what_was_typed_stays(world, tmp_path):
    with key_server(KEY) as server:
        manifest = asking_app(tmp_path / "app", tried(server.server_port), LOOKS)
        window, page = open_setup(world, manifest)
        start(page, key="wrong-key")
        page.wait_for_text("Nobody knows this key")
        assert page.title() == "Who are you?"
        assert page.value("Name") == "Ada"
        assert page.value("Key") == "wrong-key"
        assert "wrong-key" not in window.text()
        assert "worker" not in world.pids(manifest)

        page.type("Key", KEY)
        page.press("Try it")
        page.wait_for_text("Hello, Ada")
        assert page.title() == "Who are you?"
        page.press("Next")
        page.wait_for("Looks")


def test_a_provider_that_cannot_be_reached_is_told(world, tmp_path):
    with key_server(KEY) as server:
        port = server.server_port
    manifest = asking_app(tmp_path / "app", tried(port), LOOKS)
    window, page = open_setup(world, manifest)
    start(page)
    page.wait_for_text("refuses the connection")
    assert page.title() == "Who are you?"
    assert page.value("Key") == KEY
    assert KEY not in window.text()
    with key_server(KEY, port):
        page.press("Next")
        page.wait_for("Looks")


def test_a_provider_that_never_answers_holds_nobody_up(world, tmp_path):
    with key_server(KEY) as server:
        server.gate.clear()
        manifest = asking_app(tmp_path / "app", tried(server.server_port, timeout="60s"), LOOKS)
        _, page = open_setup(world, manifest)
        start(page)
        page.wait_for_text("Checking your answers")
        page.press("Stop waiting")
        page.press("Back")
        page.wait_for(WELCOME)
        page.press("Start")
        page.wait_for("Who are you?")
        assert page.value("Name") == "Ada"

        server.gate.set()
        page.type("Key", KEY)
        page.press("Next")
        page.wait_for("Looks")


def test_a_check_has_an_end(world, tmp_path):
    with key_server(KEY) as server:
        server.gate.clear()
        manifest = asking_app(tmp_path / "app", tried(server.server_port, timeout="1s"), LOOKS)
        _, page = open_setup(world, manifest)
        start(page)
        page.wait_for_text("within 1 second")
        assert page.title() == "Who are you?"


@pytest.mark.parametrize("killed", [False, True])
def test_left_half_way_it_goes_on_there(world, tmp_path, killed):
    manifest = asking_app(tmp_path / "app", WHO, LOOKS)
    window, page = open_setup(world, manifest)
    start(page)
    page.wait_for("Looks")
    if killed:
        window.kill()
    else:
        window.close()
    window.app.wait_until_gone(within=15)

    window = world.open_window(manifest)
    page = SetupPage(window)
    page.wait_for("Looks")
    page.press("Back")
    page.wait_for("Who are you?")
    assert page.value("Name") == "Ada"
    # A secret never comes back to a page.
    assert page.value("Key") == ""
    page.wait_for_text("Already set.")
    page.press("Next")
    page.wait_for("Looks")
    finish(window, page)
    assert environment(world.pids(manifest)["worker"])["KEY"] == KEY


def test_opened_twice_it_is_one_setup(world, tmp_path):
    manifest = asking_app(tmp_path / "app", WHO, LOOKS)
    window, page = open_setup(world, manifest)
    start(page)
    page.wait_for("Looks")
    second = world.start_shell(manifest)
    assert second.exit_code(within=20) == 0
    assert page.title() == "Looks"
    assert [shown.pid for shown in world.desktop.windows()] == [window.pid]


def test_a_setting_restarts_only_what_depends_on_it(world, tmp_path):
    manifest = asking_app(tmp_path / "app", WHO, LOOKS)
    window, page = open_setup(world, manifest)
    start(page)
    page.wait_for("Looks")
    finish(window, page)
    before = world.pids(manifest)

    page.open_settings()
    page.choose("red")
    page.press("Save", "Looks")
    page.wait_for_text("Restarting other")
    now = eventually(
        lambda: (
            len(pids := world.pids(manifest)) == 3 and pids["other"] != before["other"] and pids
        ),
        "the other one is restarted",
    )
    assert environment(now["other"])["COLOUR"] == "red"
    assert {**now, "other": 0} == {**before, "other": 0}

    page.type("Key", "another-key")
    page.press("Save", "Who are you?")
    page.wait_for_text("Restarting worker")
    then = eventually(
        lambda: len(pids := world.pids(manifest)) == 3 and pids["worker"] != now["worker"] and pids,
        "the worker is restarted",
    )
    assert environment(then["worker"])["KEY"] == "another-key"
    assert {**then, "worker": 0} == {**now, "worker": 0}
    page.leave("Close")
    wait_for_app(window)


def test_settings_keep_what_a_check_refuses_to_themselves(world, tmp_path):
    with key_server(KEY) as server:
        manifest = asking_app(tmp_path / "app", tried(server.server_port), LOOKS)
        window, page = open_setup(world, manifest)
        start(page)
        page.wait_for("Looks")
        finish(window, page)
        before = world.pids(manifest)
        page.open_settings()
        page.type("Key", "wrong-key")
        page.press("Save", "Who are you?")
        page.wait_for_text("Nobody knows this key")
        assert page.value("Key") == "wrong-key"
        assert world.pids(manifest) == before
        assert environment(before["worker"])["KEY"] == KEY


def fails_if(manifest, cause):
    """Lets the worker of an asking app fail for as long as a file exists."""
    changed = tomllib.loads(manifest.read_text())
    script = f"[ ! -e '{cause}' ] && exec sleep infinity"
    changed["service"]["worker"]["command"] = ["sh", "-c", script]
    return write(manifest.parent, changed)


def test_an_app_that_fails_after_its_set_up_opens_when_it_is_mended(world, tmp_path):
    cause = tmp_path / "cause"
    cause.touch()
    manifest = fails_if(asking_app(tmp_path / "app", WHO, LOOKS), cause)
    window, page = open_setup(world, manifest)
    start(page)
    page.wait_for("Looks")
    page.choose("green")
    page.press("Finish")
    page.wait_for("Asking has stopped working")
    cause.unlink()
    page.leave("Try again")
    wait_for_app(window)


def test_settings_lead_to_what_has_failed_meanwhile(world, tmp_path):
    cause = tmp_path / "cause"
    manifest = fails_if(asking_app(tmp_path / "app", WHO, LOOKS), cause)
    window, page = open_setup(world, manifest)
    start(page)
    page.wait_for("Looks")
    finish(window, page)
    page.open_settings()
    cause.touch()
    os.kill(world.pids(manifest)["worker"], signal.SIGKILL)
    eventually(lambda: world.status(manifest)["phase"] == "failed", "the app has failed")
    page.leave("Close")
    page.wait_for("Asking has stopped working")
    cause.unlink()
    page.leave("Try again")
    wait_for_app(window)


def test_by_keyboard_alone(world, tmp_path):
    manifest = asking_app(tmp_path / "app", WHO, LOOKS)
    window, page = open_setup(world, manifest)
    keys = Keyboard(page)
    keys.press_button("Start")
    page.wait_for("Who are you?")
    keys.go_to("Name")
    keys.type("Ada")
    keys.go_to("Key")
    keys.type(KEY)
    # Return in a field does what the page's first button does.
    keys.press("Return")
    page.wait_for("Looks")
    keys.go_to("red")
    keys.press("Down")
    eventually(lambda: page.focused() == "green", "the second choice is chosen")
    keys.press_button("Finish")
    page.wait_for("Asking is ready")
    keys.press_button("Open Asking")
    wait_for_app(window)
    assert environment(world.pids(manifest)["other"])["COLOUR"] == "green"

    page.open_settings()
    keys.go_to("green")
    keys.press("Up")
    keys.press_button("Save")
    page.wait_for_text("Restarting other")
    keys.press("Escape")
    wait_for_app(window)


PROBER = "http://prober.localhost"


def set_up_prober(world, prober, address):
    window = world.open_window(prober)
    page = SetupPage(window)
    page.begin("Model provider")
    page.type("Anthropic address", address)
    page.type("Anthropic API key", "sk-ant-wrong-0000000000")
    page.press("Next")
    page.wait_for_text("does not accept")
    assert page.title() == "Model provider"
    page.type("Anthropic API key", ANTHROPIC_KEY)
    page.press("Next")
    page.wait_for("How it asks")
    assert page.value("Questions at the same time") == "4"
    page.type("Questions at the same time", "1")
    page.press("Finish")
    page.wait_for("Prober is ready")
    page.leave("Open Prober")
    window.wait_for_origin(PROBER)
    pages = ProberPage(window.driver)
    pages.wait_until_shown()
    return window, page, pages


def test_prober_asks_for_a_key_and_a_run_outlives_its_back_end(world, prober):
    address = fake_providers(world.base_environment)
    window, _, pages = set_up_prober(world, prober, address)
    api = api_with(world, prober, "1")
    assert ANTHROPIC_KEY not in str(environment(api))

    # The fourth question has no answer for as long as there is this rule.
    control(address, "POST", {"match": "Sally", "wait": 600})
    pages.start_run("claude-sonnet-5")
    pages.wait_for_results(3)
    os.kill(api, signal.SIGKILL)
    control(address, "DELETE")
    pages.wait_for_state("finished")
    pages.wait_for_results(5)
    assert api_with(world, prober, "1") != api
    # What was being asked when it died is asked again; nothing else is.
    questions = json.loads(control(address, "GET"))["questions"]
    prompts = [each["prompt"] for each in questions if "Sally" not in each["prompt"]]
    assert len(prompts) == len(set(prompts)) == 4
    window.close()
    window.app.wait_until_gone(within=20)


def api_with(world, prober, concurrency):
    """The process of the API, once it has been started with an answer."""

    def look():
        api = world.pids(prober).get("api")
        return api and environment(api).get("CONCURRENCY") == concurrency and api

    return eventually(look, f"the API runs with {concurrency}", within=40)


def control(address, method, rule=None):
    request = urllib.request.Request(
        f"{address}/control",
        None if rule is None else json.dumps(rule).encode(),
        {"Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def test_probers_settings_are_reached_by_its_link(world, prober):
    window, page, pages = set_up_prober(world, prober, fake_providers(world.base_environment))
    api_with(world, prober, "1")
    pages.driver.find_element("css selector", "a[href='/providers']").click()
    pages.click("open-settings")
    page.wait_for("Settings")
    page.type("Questions at the same time", "2")
    page.press("Save", "How it asks")
    page.wait_for_text("Restarting api")
    api_with(world, prober, "2")
    page.leave("Close")
    window.wait_for_origin(PROBER)
    pages.find("provider")


def test_in_a_browser_a_link_leads_to_the_settings_and_back(world, tmp_path):
    manifest = asking_app(tmp_path / "app", WHO, LOOKS)
    answers = tmp_path / "answers.toml"
    answers.write_text(f'name = "Ada"\nkey = "{KEY}"\ncolour = "green"\n')
    given = world.run("setup", "--answers", answers, "--data-dir", world.data, manifest)
    assert given.exit_code() == 0, given.stderr()
    app = world.run_headless(manifest)
    driver = world.open_chromium()
    driver.get(app.url())
    wait_for_words(driver, "It works")
    home = driver.current_url
    driver.execute_script("location.href = '/.ensconce/settings'")
    wait_for_words(driver, "Settings")
    wait_for_words(driver, "Colour")
    driver.find_element("xpath", "//button[normalize-space()='Close']").click()
    wait_for_words(driver, "It works")
    assert driver.current_url == home


def wait_for_words(driver, text):
    eventually(
        lambda: text in driver.find_element("css selector", "body").text,
        f"{text!r} is shown",
        ignoring=(WebDriverException,),
    )


def test_in_a_browser_the_address_of_setup_works_once(world, tmp_path):
    address = world.run_headless(asking_app(tmp_path / "app", WHO, LOOKS)).url()
    driver = world.open_chromium()
    driver.get(address)
    wait_for_words(driver, WELCOME)
    assert "token" not in driver.current_url
    driver.refresh()
    wait_for_words(driver, WELCOME)

    driver.switch_to.new_window("tab")
    driver.get(address)
    wait_for_words(driver, "This address was used already")
    assert "token" not in driver.current_url


def test_the_page_is_opened_in_the_browser_by_a_file_of_ones_own(world, tmp_path):
    manifest = asking_app(tmp_path / "app", WHO, LOOKS)
    app = world.run_headless(manifest)
    app.url()
    opened = tmp_path / "opened"
    browser = tmp_path / "bin" / "xdg-open"
    browser.parent.mkdir()
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$1" >{opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    path = f"{browser.parent}:{world.base_environment['PATH']}"
    asked = world.run("setup", "--page", "--data-dir", world.data, manifest, PATH=path)
    assert asked.exit_code() == 0, asked.stderr()
    assert asked.stdout() == ""
    eventually(opened.exists, "the browser is started")
    file = Path(opened.read_text())
    assert file.stat().st_mode & 0o777 == 0o600

    driver = world.open_chromium()
    driver.get(file.as_uri())
    wait_for_words(driver, WELCOME)
    assert "token" not in driver.current_url
    driver.find_element("xpath", "//button[normalize-space()='Start']").click()
    wait_for_words(driver, "Who are you?")
    # The address in it works once, like any other.
    driver.switch_to.new_window("tab")
    driver.get(file.as_uri())
    wait_for_words(driver, "This address was used already")
