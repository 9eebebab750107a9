"""Where set-up keeps secrets: gnome-keyring open, locked, dismissed, and none at all."""

import pytest

from harness.desktop import PASSWORD
from harness.manifests import asking_app
from harness.setup_page import SetupPage
from harness.waiting import eventually

KEY = "kept-key-0001"
WHO = {"title": "Who are you?", "fields": [{"name": "key", "type": "secret", "label": "Key"}]}
NO_BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
LOCKED = "Your keychain is locked"


@pytest.fixture
def manifest(tmp_path):
    return asking_app(tmp_path / "app", WHO)


def open_setup(world, manifest, **changes):
    window = world.open_window(manifest, **changes)
    return window, SetupPage(window)


def answer(window, page, where):
    page.begin("Who are you?")
    page.wait_for_text(where)
    page.type("Key", KEY)
    page.press("Finish")
    page.wait_for("Asking is ready")
    page.leave("Open Asking")
    window.wait_for_origin("http://asking.localhost")
    window.wait_for_text("It works")


def assert_it_is_kept(world, manifest, window, **changes):
    window.close()
    window.app.wait_until_gone(within=15)
    window = world.open_window(manifest, **changes)
    window.wait_for_origin("http://asking.localhost")
    eventually(lambda: "worker" in world.pids(manifest), "the worker has its key")
    for file in world.data.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file
    return window


def test_an_open_keychain(world, manifest):
    window, page = open_setup(world, manifest)
    answer(window, page, "Kept in your system's keychain.")
    assert_it_is_kept(world, manifest, window)
    assert not list(world.data.rglob("*.sealed"))


def test_no_keychain(world, manifest):
    window, page = open_setup(world, manifest, **NO_BUS)
    answer(window, page, "Kept in an encrypted file.")
    assert_it_is_kept(world, manifest, window, **NO_BUS)
    assert list(world.data.rglob("*.sealed"))


def prompt(world, window):
    """The keyring's own window, which asks for its password."""
    return eventually(
        lambda: next((one for one in world.desktop.windows() if one.pid != window.pid), None),
        "the keyring asks for its password",
    )


def test_a_locked_keychain_that_is_not_opened(world, manifest):
    world.desktop.lock_keyring()
    window, page = open_setup(world, manifest)
    page.begin(LOCKED, within=10)
    assert "web" in world.pids(manifest)
    page.press("Use an encrypted file")
    answer(window, page, "Kept in an encrypted file.")
    assert_it_is_kept(world, manifest, window)


def test_a_locked_keychain_that_is_unlocked(world, manifest):
    world.desktop.lock_keyring()
    window, page = open_setup(world, manifest)
    page.begin(LOCKED, within=10)
    asked = prompt(world, window)
    world.desktop.type(asked, PASSWORD)

    def unlock():
        world.desktop.press(asked, "Return")
        return asked.id not in [one.id for one in world.desktop.windows()]

    eventually(unlock, "the keyring is unlocked")
    page.press("Try again")
    answer(window, page, "Kept in your system's keychain.")


def test_a_locked_keychain_whose_question_is_dismissed(world, manifest):
    world.desktop.lock_keyring()
    window, page = open_setup(world, manifest)
    page.begin(LOCKED, within=10)
    world.desktop.press(prompt(world, window), "Escape")

    page.press("Try again")
    world.desktop.press(prompt(world, window), "Escape")
    page.wait_for_text("was not unlocked")
    page.press("Use a passphrase")
    page.type("Passphrase", "a long enough passphrase")
    page.type("Repeat passphrase", "a long enough passphrase")
    page.press("Use this passphrase")
    answer(window, page, "protected by your passphrase")
