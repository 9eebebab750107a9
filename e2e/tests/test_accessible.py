"""axe-core looks at set-up and Settings as they are shown in the real window."""

import pytest

from harness.axe import violations
from harness.manifests import asking_app
from harness.setup_page import SetupPage
from harness.waiting import eventually

CHOICES = [{"value": "a", "label": "The first"}, {"value": "b", "label": "B", "help": "Restful"}]
MANY = ["Denmark", "Finland", "Iceland", "Norway", "Sweden", "Åland"]
EVERYTHING = {
    "title": "One of each",
    "text": "The first paragraph.\n\nThe second.",
    "fields": [
        {"name": "name", "label": "Name", "help": "It stands above.", "pattern": "[A-Z].*"},
        {"name": "key", "type": "secret", "label": "Key"},
        {"name": "site", "type": "url", "label": "Site", "placeholder": "https://example.com"},
        {"name": "mail", "type": "email", "label": "E-mail", "required": False},
        {"name": "number", "type": "number", "label": "Number", "min": 1, "max": 5},
        {"name": "few", "type": "choice", "label": "Few", "choices": CHOICES},
        {"name": "many", "type": "choice", "label": "Many", "choices": MANY, "default": "Norway"},
        {"name": "loud", "type": "switch", "label": "Loud", "default": True},
        {"name": "file", "type": "file", "label": "File", "required": False},
        {"name": "folder", "type": "folder", "label": "Folder", "required": False},
        {"name": "store", "type": "database", "label": "Database", "required": False},
    ],
    "check": {"command": ["false"]},
}
LAST = {"title": "The last", "fields": [{"name": "colour", "label": "Colour"}]}


@pytest.mark.parametrize("theme", ["Adwaita", "Adwaita:dark"])
def test_axe_finds_nothing(world, tmp_path, theme):
    manifest = asking_app(tmp_path / "app", EVERYTHING, LAST)
    window = world.open_window(manifest, GTK_THEME=theme)
    page = SetupPage(window)
    page.wait_for("Welcome to Asking")
    found = {}

    def look(name):
        window.look()
        found[name] = violations(window.driver)

    dark = "return matchMedia('(prefers-color-scheme: dark)').matches"
    assert window.driver.execute_script(dark) == (theme == "Adwaita:dark")
    look("welcome")
    page.press("Start")
    page.wait_for("One of each")
    look("page")
    page.press("Next")
    eventually(
        lambda: page.control("Name").get_attribute("aria-invalid") == "true", "mistakes are shown"
    )
    look("mistakes")
    for label, text in {
        "Name": "Ada",
        "Key": "a-key",
        "Site": "https://example.com",
        "Number": "3",
    }.items():
        page.type(label, text)
    page.choose("The first")
    page.press("Try it")
    page.wait_for_status("does not work")
    look("refused")
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["Adwaita", "Adwaita:dark"])
def test_axe_finds_nothing_from_the_last_answer_on(world, tmp_path, theme):
    manifest = asking_app(tmp_path / "app", LAST)
    window = world.open_window(manifest, GTK_THEME=theme)
    page = SetupPage(window)
    page.begin("The last")
    page.type("Colour", "red")
    page.press("Finish")
    page.wait_for("Asking is ready")
    found = {"done": violations(window.driver)}
    page.leave("Open Asking")
    window.wait_for_origin("http://asking.localhost")
    page.open_settings()
    found["settings"] = violations(window.driver)
    page.type("Colour", "green")
    found["changed"] = violations(window.driver)
    page.press("Close")
    page.wait_for_text("Close without saving?")
    found["dialog"] = violations(window.driver)
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("theme", ["Adwaita", "Adwaita:dark"])
def test_axe_finds_nothing_when_the_keychain_is_locked(world, tmp_path, theme):
    key = {"title": "Key", "fields": [{"name": "key", "type": "secret", "label": "Key"}]}
    world.desktop.lock_keyring()
    window = world.open_window(asking_app(tmp_path / "app", key), GTK_THEME=theme)
    page = SetupPage(window)
    page.begin("Your keychain is locked")
    page.press("Use a passphrase")
    page.control("Passphrase")
    assert violations(window.driver) == []
