"""Items as a Debian package: installed, used, upgraded, removed."""

import configparser
import shlex
import subprocess

import pytest

from harness.items_page import ItemsPage
from harness.webdriver import accepts

ID = "com.example.items"
FOLDER = "/usr/lib/items"
DATA = f".local/share/{ID}"
KEPT = [".local/share", ".config", ".cache", ".local/state"]


@pytest.fixture
def installed(machine, packages):
    install(machine, packages.items(".deb"))
    return machine


def install(machine, package):
    machine.root.must("dpkg", "-i", machine.copy_in(package))


def open_items(user):
    window = user.open(program(user.machine))
    window.wait_for_origin("http://items.localhost")
    page = ItemsPage(window.driver)
    page.wait_until_shown()
    return window, page


def close_items(user, window):
    ports = user.machine.root.ports()
    window.close()
    user.wait_until_gone(window)
    assert_nobody_listens(user.machine, ports)


def assert_nobody_listens(machine, ports):
    """The app is gone; its driver may listen on."""
    gone = ports - machine.root.ports()
    assert gone, "The app was heard on no port while it ran"
    assert not any(map(accepts, gone))


def desktop_entry(machine):
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(machine.root.path(f"/usr/share/applications/{ID}.desktop").read_text())
    return parser["Desktop Entry"]


def program(machine):
    """What the menu entry starts; a bare name is looked for on the PATH, as desktops do."""
    named = shlex.split(desktop_entry(machine)["Exec"])[0]
    return machine.root.must("sh", "-c", f"command -v {shlex.quote(named)}", user="ada").strip()


@pytest.mark.parametrize("name", ["python3", "python", "node", "erl", "rustc", "cargo", "cc"])
def test_the_machine_is_clean(machine, name):
    assert machine.root.run("sh", "-c", f"command -v {name}").returncode != 0


def test_menu_entry_icon_and_command_are_there(installed):
    root = installed.root
    entry = desktop_entry(installed)
    assert entry["Name"] == "Items"
    root.must("desktop-file-validate", f"/usr/share/applications/{ID}.desktop")
    icons = root.must("find", "/usr/share/icons/hicolor", "-name", f"{entry['Icon']}.png").split()
    assert any("/48x48/" in icon for icon in icons)
    assert root.must("readlink", "-f", "/usr/bin/items").strip() == f"{FOLDER}/items"
    assert root.must("dpkg", "--audit") == ""
    assert root.must("dpkg", "--verify", "items") == ""


def test_used_by_two_users_and_nothing_is_left_or_changed(installed):
    ada, grace = installed.user("ada"), installed.user("grace")
    before = installed.root.fingerprint(FOLDER)
    window, page = open_items(ada)
    page.create("Milk")
    close_items(ada, window)

    window, page = open_items(grace)
    page.wait_for_titles()
    page.create("Bread")
    close_items(grace, window)

    window, page = open_items(ada)
    page.wait_for_titles("Milk")
    close_items(ada, window)
    assert installed.root.fingerprint(FOLDER) == before
    assert installed.root.must("find", FOLDER, "-writable", user="ada") == ""


def test_two_users_at_the_same_time(installed):
    ada, grace = installed.user("ada"), installed.user("grace")
    first, page = open_items(ada)
    page.create("Milk")
    second, page = open_items(grace)
    page.wait_for_titles()
    second.close()
    second.app.wait_until_gone(15)
    assert first.app.processes()
    close_items(ada, first)


def test_an_upgrade_keeps_the_items(installed, packages):
    ada = installed.user("ada")
    window, page = open_items(ada)
    page.create("Milk")
    close_items(ada, window)

    install(installed, packages.items(".deb", "1.1.0"))
    version = installed.root.must("dpkg-query", "-W", "-f", "${Version}", "items")
    assert version.startswith("1.1.0")
    window, page = open_items(ada)
    page.wait_for_titles("Milk")
    close_items(ada, window)


def test_an_upgrade_while_it_runs_ends_the_old_one(installed, packages):
    ada = installed.user("ada")
    window, page = open_items(ada)
    page.create("Milk")
    install(installed, packages.items(".deb", "1.1.0"))
    ada.wait_until_gone(window)
    window, page = open_items(ada)
    page.wait_for_titles("Milk")
    close_items(ada, window)


def test_removal_while_it_runs_ends_it_and_keeps_the_data_until_purged(installed):
    root, ada = installed.root, installed.user("ada")
    window, page = open_items(ada)
    page.create("Milk")
    ports = root.ports()
    root.must("dpkg", "--remove", "items")
    ada.wait_until_gone(window)
    assert_nobody_listens(installed, ports)
    for gone in (FOLDER, "/usr/bin/items", f"/usr/share/applications/{ID}.desktop"):
        assert not root.path(gone).exists(), gone
    assert list(ada.path(DATA).rglob("*.db")) != []

    root.must("dpkg", "--purge", "items")
    assert [place for place in KEPT if ada.path(f"{place}/{ID}").exists()] == []
    status = root.run("dpkg-query", "-W", "-f", "${Status}", "items")
    assert status.returncode != 0 or "not-installed" in status.stdout


def test_the_package_names_what_it_needs(packages):
    fields = subprocess.run(
        ["dpkg-deb", "--field", packages.items(".deb"), "Depends", "Version", "Architecture"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "libwebkit2gtk-4.1-0" in fields
    assert "python3" not in fields
