"""Your data, in Settings of a real window: what is asked for while something else goes on."""

import json
import os
import signal
import sys
from pathlib import Path

from selenium.webdriver.common.by import By

from harness.manifests import asking_app
from harness.setup_page import SetupPage
from harness.waiting import eventually

NOTES = Path(__file__).parents[1] / "fixtures" / "notes.py"
ORIGIN = "http://asking.localhost"
COLOUR = {"name": "colour", "type": "choice", "label": "Colour", "choices": ["red", "green"]}
LOOKS = {"title": "Looks", "fields": [COLOUR]}
# Enough for an export to be still going on when it is looked for.
LARGE = 64 * 1024 * 1024

RESTORE = "//ul[@class='backups']//button[starts-with(@aria-label, 'Restore…')]"
WRITE = """
const done = arguments[1];
fetch("/", { method: "POST", body: arguments[0] }).then(() => done(location.reload()));
"""


def notes_app(folder):
    """An app whose `web` keeps notes in a database, and whose `other` is given the colour."""
    database = "{data}/notes.db"
    command = [sys.executable, str(NOTES), "--socket", "{socket}", "--database", database]
    web = {"command": command, "ready": {"http": "/"}}
    other = {
        "command": ["sleep", "infinity"],
        "ready": "started",
        "env": {"COLOUR": "{setup.colour}"},
    }
    return asking_app(
        folder, LOOKS, service={"web": web, "other": other}, database={"main": {"file": database}}
    )


def write_note(window, text):
    window.look_beneath()
    window.driver.execute_async_script(WRITE, text)
    window.wait_for_text(text)


def hold_helper(app):
    """Stops the helper in the midst of its work, and returns it."""

    def look():
        found = [one for one in app.processes() if one.program == "ensconce-helper"]
        for one in found:
            os.kill(one.pid, signal.SIGSTOP)
        return found

    (helper,) = eventually(look, "the helper works")
    return helper


def services(app):
    """Whatever runs of the app's services."""
    return [one.argv for one in app.processes() if "sleep" in one.argv or str(NOTES) in one.argv]


def test_what_is_asked_for_during_an_export_waits_for_its_end(world, tmp_path):
    manifest = notes_app(tmp_path / "app")
    window = world.open_window(manifest)
    page = SetupPage(window)
    page.begin("Looks")
    page.choose("green")
    page.press("Finish")
    page.wait_for("Asking is ready")
    page.leave("Open Asking")
    window.wait_for_origin(ORIGIN)
    write_note(window, "Milk")

    page.open_settings()
    page.press("Back up now", "Your data")
    page.wait_for_text("Made by you")
    page.leave("Close")
    window.wait_for_origin(ORIGIN)
    write_note(window, "Bread")
    (world.data / "data" / "photo").write_bytes(os.urandom(LARGE))

    exported = tmp_path / "all.ensconce"
    page.open_settings()
    page.press("Export…", "Your data")
    page.type("File", str(exported))
    page.press("Export")
    eventually(lambda: services(window.app) == [], "the services are stopped")
    helper = hold_helper(window.app)
    page.choose("red")
    page.press("Save", "Looks")
    kept = world.data / "data" / ".ensconce" / "settings.json"
    eventually(lambda: "red" in kept.read_text(), "the answer is kept")
    page.press("Stop waiting", "Your data")
    window.driver.find_element(By.XPATH, RESTORE).click()
    page.press("Restore")
    page.wait_for_text("Restoring…")
    assert services(window.app) == []
    assert not exported.exists()

    os.kill(helper.pid, signal.SIGCONT)
    page.wait_for_text("The data is as it was in the backup.")
    assert exported.exists()
    eventually(lambda: len(world.pids(manifest)) == 2, "the services run again")
    assert json.loads(kept.read_text())["answers"]["colour"] == "red"
    assert list((world.data / "data").glob("notes.db.before-restore-*"))
    page.leave("Close")
    window.wait_for_origin(ORIGIN)
    write_note(window, "Cheese")
    window.wait_for_text("Notes: Milk, Cheese.")
    window.close()
    window.app.wait_until_gone(within=20)
