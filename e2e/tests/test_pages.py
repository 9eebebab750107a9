"""What the app's pages may expect of a window: all that a browser would do for them."""

import sys

import pytest
from selenium.common.exceptions import NoAlertPresentException, WebDriverException
from selenium.webdriver.common.by import By

from harness.manifests import ROOT, write
from harness.waiting import eventually

ORIGIN = "http://pages.localhost"
SERVER = ROOT / "e2e" / "fixtures" / "pages.py"


@pytest.fixture
def opened(world):
    """The file that a stand-in for the user's browser writes what it is given into."""
    programs, opened = world.folder / "programs", world.folder / "opened"
    programs.mkdir()
    opened.touch()
    browser = programs / "xdg-open"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    browser.chmod(0o755)
    world.base_environment["PATH"] = f"{programs}:{world.base_environment['PATH']}"
    return opened


@pytest.fixture
def window(world, opened, tmp_path):
    service = {"command": [sys.executable, str(SERVER), "--socket", "{socket}"]}
    app = {"id": "test.ensconce.pages", "name": "Pages", "version": "1.0.0"}
    route = {"host": "localhost:8000", "service": "web"}
    manifest = {"app": app, "ui": {"service": "web"}, "route": [route], "service": {"web": service}}
    window = world.open_window(write(tmp_path, manifest))
    window.wait_for_origin(ORIGIN)
    window.wait_for_text("Nothing yet")
    return window


def click(window, name):
    window.driver.find_element(By.ID, name).click()


def test_a_window_of_their_own_can_talk_to_the_page_that_opened_it(window):
    first = window.driver.current_window_handle
    click(window, "own")
    eventually(lambda: len(window.driver.window_handles) == 2, "there is a second window")
    window.driver.switch_to.window(first)
    window.wait_for_text("said: hello from the popup")
    assert window.url() == f"{ORIGIN}/"


def test_json_reaches_an_address_that_the_pages_were_built_with(window):
    window.driver.execute_script('ask("http://localhost:8000/api")')
    window.wait_for_text("answered: stored")


@pytest.mark.parametrize(("link", "path"), [("foreign", "new"), ("leave", "leave")])
def test_foreign_links_open_in_the_browser_and_the_page_stays(window, opened, link, path):
    click(window, link)
    eventually(lambda: opened.read_text().split(), "the browser was given something")
    assert opened.read_text().split() == [f"https://example.com/{path}"]
    assert window.url() == f"{ORIGIN}/"
    assert window.text().startswith("Nothing yet")


def test_a_frame_of_others_opens_nowhere(window, opened):
    window.driver.execute_script("frame()")
    click(window, "own")
    eventually(lambda: len(window.driver.window_handles) == 2, "there is a second window")
    eventually(
        lambda: "example.com" in window.app.stderr.read_text(), "the refusal is in the terminal"
    )
    assert '[ui] allow = ["https://example.com"]' in window.app.stderr.read_text()
    assert opened.read_text() == ""


def test_a_download_is_saved_where_users_look(world, window):
    click(window, "file")
    saved = world.folder / "home" / "Downloads" / "r.csv"
    eventually(lambda: saved.exists() and saved.read_text() == "a,b\n", "the file is saved")


def test_unsaved_work_is_asked_about(window):
    window.driver.execute_script("guard()")
    window.close()
    dialog = eventually(
        lambda: window.driver.switch_to.alert,
        "the page asks",
        ignoring=(NoAlertPresentException,),
    )
    dialog.dismiss()
    window.wait_for_text("Nothing yet")
    window.close()
    dialog = eventually(
        lambda: window.driver.switch_to.alert,
        "the page asks again",
        ignoring=(NoAlertPresentException,),
    )
    dialog.accept()
    window.app.wait_until_gone(within=10)


def test_back_leads_to_the_page_before_but_not_out_of_the_app(world, window):
    shown = window.on_screen()
    click(window, "next")
    window.wait_for_text("Next page")

    def back_to_first():
        world.desktop.press(shown, "alt+Left")
        return window.url() == f"{ORIGIN}/"

    eventually(back_to_first, "the first page is back", ignoring=(WebDriverException,))
    world.desktop.press(shown, "alt+Left")
    window.wait_for_text("Nothing yet")
    assert window.url() == f"{ORIGIN}/"
