"""Files and addresses that the desktop opens with an app."""

import os
import shutil
from pathlib import Path

import pytest

from harness.manifests import write
from harness.world import SHELL

ORIGIN = "http://viewer.localhost"
FIRST = "<!doctype html><title>Viewer</title><p>Nothing is open</p>"
OPENED = """<!doctype html><title>Viewer</title><p></p>
<script>document.querySelector("p").textContent =
  new URLSearchParams(location.search).get("what") + " is open"</script>"""


def viewer(folder):
    """Makes an app that shows what it was opened with."""
    pages = folder / "pages"
    pages.mkdir(parents=True)
    (pages / "index.html").write_text(FIRST)
    (pages / "open.html").write_text(OPENED)
    app = {"id": "test.ensconce.viewer", "name": "Viewer", "version": "1.0.0"}
    ui = {"static": "pages", "open": "/open.html?what={opened}"}
    return write(folder, {"app": app, "ui": ui})


def installed(folder):
    """Makes the app as it is installed: its program beside it."""
    viewer(folder / "app")
    for name in (SHELL.name, "libensconce_window.so", "ensconce-guard"):
        shutil.copy(SHELL.with_name(name), folder)
    (folder / "runtime").mkdir()
    (folder / "runtime/programs.json").write_text('{"programs": {}}')
    return folder / SHELL.name


def test_a_file_is_shown_by_the_first_start_and_by_later_ones(world, tmp_path):
    manifest = viewer(tmp_path / "app")
    note = tmp_path / "a note & more \u00e4.txt"
    window = world.open_window(manifest, str(note))
    window.wait_for_origin(ORIGIN)
    window.wait_for_text(f"{note} is open")

    second = world.start_shell(manifest, "viewer://see/this?one#two")
    assert second.exit_code(within=10) == 0
    window.wait_for_text("viewer://see/this?one#two is open")

    third = world.start_shell(manifest, note.as_uri())
    assert third.exit_code(within=10) == 0
    window.wait_for_text(f"{note} is open")


def test_an_app_without_a_page_for_it_just_comes_to_the_front(world, tmp_path):
    manifest = viewer(tmp_path / "app")
    text = manifest.read_text()
    manifest.write_text("".join(line for line in text.splitlines(True) if "{opened}" not in line))
    window = world.open_window(manifest, "viewer://see")
    window.wait_for_origin(ORIGIN)
    window.wait_for_text("Nothing is open")


@pytest.mark.parametrize(
    "name",
    ["--manifest=x", "--data-dir", "-h", "--settings.note", "--", "100%41 %U.txt", 'a b\' "c".txt'],
)
def test_an_installed_app_opens_what_looks_like_an_option(world, tmp_path, name):
    program = installed(tmp_path / "installed")
    window = world.drive(program, "--", name)
    window.wait_for_origin(ORIGIN)
    # The driver starts it in this folder.
    window.wait_for_text(f"{Path.cwd() / name} is open")

    # A second start hands on what it is to open; the address is as browsers and users write them.
    for opened in ('viewer://--manifest=x?a=%22b c"#--dev', str(tmp_path / "-")):
        assert world.start(program, "--", opened).exit_code(within=10) == 0
        window.wait_for_text(f"{opened} is open")


def test_an_installed_app_is_not_turned_into_another(world, tmp_path):
    program = installed(tmp_path / "installed")
    window = world.drive(program)
    window.wait_for_origin(ORIGIN)
    for arguments in (["--manifest", "x"], ["--data-dir=x"], ["viewer://see", "--dev"], [""]):
        refused = world.start(program, *arguments)
        assert refused.exit_code(within=10) == 2
        assert refused.stderr().startswith("error: ")
    window.wait_for_text("Nothing is open")
    assert not os.path.lexists("x")
