"""Files and addresses that the desktop opens with an app."""

from harness.manifests import write

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
