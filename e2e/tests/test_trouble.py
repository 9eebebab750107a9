"""What the window shows when the app cannot start, or takes its time to end."""

import contextlib
import os
import signal
import time

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

from harness.manifests import small_app, write
from harness.waiting import eventually

ORIGIN = "http://small.localhost"
OWN_PAGES = "tauri://localhost"


def button(window, label):
    def look():
        found = window.driver.find_elements(By.TAG_NAME, "button")
        return next((button for button in found if button.text == label), None)

    return eventually(look, f"there is a button `{label}`", ignoring=(WebDriverException,))


def open_broken(world, tmp_path):
    cause = tmp_path / "cause"
    cause.touch()
    window = world.open_window(small_app(tmp_path / "app", "--fail-if", str(cause)))
    window.wait_for_text("Small could not start")
    return window, cause


def test_the_failure_page_says_what_happened_and_tries_again(world, tmp_path):
    window, cause = open_broken(world, tmp_path)
    assert window.url().startswith(OWN_PAGES)
    assert "(web)" in window.text()
    window.driver.find_element(By.TAG_NAME, "summary").click()
    window.wait_for_text("The thing is broken: <b>no such thing</b>")
    assert "web.log" in window.text()

    # With the cause still there, it fails once more and says so, on a new page.
    window.driver.execute_script("document.querySelector('main').id = 'first'")
    button(window, "Try again").click()
    eventually(
        lambda: window.driver.find_elements(By.CSS_SELECTOR, "main.failure:not(#first)"),
        "the app has failed again",
    )
    assert world.log("web").count("The thing is broken") == 2
    cause.unlink()
    button(window, "Try again").click()
    window.wait_for_origin(ORIGIN)
    window.wait_for_text("It works")

    window.close()
    window.app.wait_until_gone(within=10)


def test_details_can_be_copied(world, tmp_path):
    window, _ = open_broken(world, tmp_path)
    button(window, "Copy details").click()
    window.wait_for_text("Copied")
    copied = eventually(world.desktop.clipboard, "the clipboard has a text")
    assert "The thing is broken" in copied
    assert "web" in copied


def test_the_failure_page_can_quit(world, tmp_path):
    window, _ = open_broken(world, tmp_path)
    # The window may be gone before its driver has heard of the click.
    with contextlib.suppress(WebDriverException):
        button(window, "Quit").click()
    window.app.wait_until_gone(within=10)


def test_a_failed_app_can_be_closed_and_says_so_with_code_1(world, tmp_path):
    cause = tmp_path / "cause"
    cause.touch()
    app = world.start_shell(small_app(tmp_path / "app", "--fail-if", str(cause)))
    eventually(lambda: "The thing is broken" in app.stderr(), "the failure is in the terminal")
    world.desktop.close_window(world.desktop.window(app.pid))
    assert app.exit_code() == 1
    # WebKit's own processes end when they see that their window's is gone.
    app.app.wait_until_gone(within=5)
    assert world.left_in_runtime() == []


def test_a_crash_while_running_is_mended(world, tmp_path):
    window = world.open_window(small_app(tmp_path / "app"))
    window.wait_for_origin(ORIGIN)
    window.wait_for_text("It works")
    window.driver.execute_script(
        "window.told = []; addEventListener('ensconce', (e) => told.push(e.detail))"
    )
    (server,) = servers(window)
    os.kill(server.pid, signal.SIGKILL)
    eventually(
        lambda: [s.pid for s in servers(window)] not in ([], [server.pid]), "a new server runs"
    )
    eventually(
        lambda: (
            [told["state"] for told in window.driver.execute_script("return told")]
            == ["reconnecting", "back"]
        ),
        "the page is told",
    )
    window.driver.refresh()
    window.wait_for_text("It works")


def test_what_was_typed_outlives_a_failure(world, tmp_path):
    cause = tmp_path / "cause"
    window = world.open_window(small_app(tmp_path / "app", "--fail-if", str(cause)))
    window.wait_for_origin(ORIGIN)
    window.wait_for_text("It works")
    window.driver.find_element(By.ID, "text").send_keys("Half a letter")
    cause.touch()
    (server,) = servers(window)
    os.kill(server.pid, signal.SIGKILL)
    window.wait_for_text("Small has stopped working")
    assert window.url().startswith(OWN_PAGES)

    cause.unlink()
    button(window, "Try again").click()
    window.wait_for_origin(ORIGIN)
    text = window.driver.find_element(By.ID, "text")
    assert text.get_property("value") == "Half a letter"
    # The page has the keyboard again; the driver's own keys would get there in any case.
    window.driver.execute_script("document.getElementById('text').focus()")
    world.desktop.press(window.on_screen(), "x")
    eventually(
        lambda: (
            text.get_property("value").replace("x", "") == "Half a letter"
            and "x" in text.get_property("value")
        ),
        "a key reaches the page",
    )
    window.driver.refresh()
    window.wait_for_text("It works")


def test_a_page_that_hangs_does_not_keep_the_failure_from_being_shown(world, tmp_path):
    cause = tmp_path / "cause"
    window = world.open_window(small_app(tmp_path / "app", "--fail-if", str(cause)))
    window.wait_for_origin(ORIGIN)
    window.wait_for_text("It works")
    window.driver.execute_script("addEventListener('keydown', () => { while (true) {} })")
    shown = window.on_screen()
    world.desktop.press(shown, "x")
    cause.touch()
    (server,) = servers(window)
    os.kill(server.pid, signal.SIGKILL)
    eventually(
        lambda: "The thing is broken" in window.app.stderr.read_text(),
        "the failure is in the terminal",
    )

    # The driver waits for the page that hangs. A key is enough: `Try again` has the keyboard.
    cause.unlink()

    def try_again():
        world.desktop.press(shown, "Return")
        return servers(window)

    eventually(try_again, "the server runs again")


def test_a_slow_end_is_shown_and_waited_for(world, tmp_path):
    goodbye = tmp_path / "goodbye"
    app = small_app(tmp_path / "app", "--linger", "3", "--goodbye", str(goodbye))
    window = world.open_window(app)
    window.wait_for_origin(ORIGIN)
    window.wait_for_text("It works")
    window.close()
    window.wait_for_origin(OWN_PAGES, within=2.5)
    window.wait_for_text("Closing Small", within=2.5)
    assert not goodbye.exists()
    window.app.wait_until_gone(within=10)
    assert goodbye.read_text() == "finished in order"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Cannot read the manifest"),
        (b"[app]\nname = 1\n", "name"),
    ],
)
def test_a_bad_manifest_is_told_in_the_window(world, tmp_path, content, words):
    manifest = tmp_path / "ensconce.toml"
    if content is not None:
        manifest.write_bytes(content)
    app = world.start_shell(manifest)
    window = world.desktop.window(app.pid)
    assert words in app.stderr()
    world.desktop.close_window(window)
    assert app.exit_code() == 2


def test_that_an_optional_part_is_not_available_can_be_read(world, tmp_path):
    (tmp_path / "index.html").write_text("<h1>It works</h1>")
    app = {"id": "test.ensconce.mic", "name": "Mic", "version": "1.0.0"}
    mic = {"command": ["false"], "optional": True}
    shell = world.start_shell(
        write(tmp_path, {"app": app, "ui": {"static": "."}, "service": {"mic": mic}})
    )

    def title():
        return world.desktop.window(shell.pid).title

    eventually(lambda: title() == "mic is not available \u2013 Mic", "the title says it")
    said = time.monotonic()
    eventually(lambda: title() == "Mic", "the title is as before")
    # As long as that a download has ended, and not cut short by what was said before.
    assert time.monotonic() - said > 5


def servers(window):
    return [
        process
        for process in window.app.processes()
        if any(part.endswith("service.py") for part in process.argv)
        and process.program.startswith("python")
    ]
