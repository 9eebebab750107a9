"""Takes the pictures in docs/images: real windows of the examples, and what Ensconce shows."""

import argparse
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from harness.asked import ANTHROPIC_KEY, fake_providers
from harness.items_page import ItemsPage
from harness.manifests import PROBER, RECORDER, Manifest, hold_back, items_variant
from harness.prober_page import ProberPage
from harness.recorder_page import RecorderPage
from harness.setup_page import SetupPage
from harness.sounds import melody
from harness.waiting import eventually
from harness.world import Window, World

ITEMS = [
    ("Water the tomatoes", "The ones on the balcony, too", False),
    ("Call the library about the inter-library loan", "", False),
    ("Book a table for Saturday", "Six people, outside if it is dry", False),
    ("Read chapter four", "", True),
    ("Repair the bicycle lamp", "Needs a new battery holder", False),
    ("Send the holiday pictures to Grandma", "", True),
    ("Sharpen the kitchen knives", "", False),
]

# Each track is the melody of its place in the list.
TRACKS = ["Harbour Lights", "Sunrise over Delft", "Night Train"]
# What is heard, from where, and which melody that is.
HEARD = [
    ("Harbour Lights", "Morning radio", 0),
    ("Unknown sound 4", "Kitchen", 9),
    ("Night Train", "Café", 2),
]

# How the system looks, by which Ensconce's own pages go.
THEMES = {"light": "Adwaita", "dark": "Adwaita:dark"}

CREATE = """
const [title, description, done, answer] = arguments;
const send = (method, path, body) => fetch(path, {
  method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}).then((response) => response.json());
send("POST", "/api/v1/items/", { title, description })
  .then((item) => (done ? send("PUT", `/api/v1/items/${item.id}`, { done }) : item))
  .then(answer);
"""

# No caret blinks in a picture, and no port is another one each time.
TIDY = """
document.activeElement?.blur();
for (const input of document.querySelectorAll("input")) {
  if (input.value.startsWith("http://127.")) input.value = "https://models.example.com";
}
"""

# The name of a home folder that is gone tomorrow says nothing to a reader.
UNFOLD = """
document.querySelector("details").open = true;
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  texts.currentNode.data = texts.currentNode.data.replaceAll(arguments[0], "~");
}
"""


def main() -> None:
    """Takes all of them."""
    folder = parse().folder
    with_world(lambda world: items_pictures(world, folder))
    with_world(lambda world: recorder_pictures(world, folder))
    for theme, look in THEMES.items():
        for pictures in (setup_pictures, locked_picture, prober_pictures):
            with_world(lambda world, take=pictures, to=(folder, theme, look): take(world, *to))
    with_world(lambda world: splash_picture(world, folder / "splash.png"))
    with_world(lambda world: failure_picture(world, folder / "failure.png"))
    for picture in sorted(folder.glob("*.png")):
        print(picture)


def parse() -> argparse.Namespace:
    """Reads where the pictures go."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    return parser.parse_args()


def with_world(action: Callable[[World], None]) -> None:
    """Does something in a world of its own."""
    world = World()
    try:
        action(world)
    finally:
        world.close()


def variant(world: World, change: Callable[[Manifest], None] = lambda manifest: None) -> Path:
    """Makes a copy of Items."""
    return items_variant(world.folder / "app", change)


def items_pictures(world: World, folder: Path) -> None:
    """Items with something in it, light and dark."""
    window = world.open_window(variant(world))
    window.wait_for_origin("http://items.localhost")
    page = ItemsPage(window.driver)
    page.wait_until_shown()
    for title, description, done in ITEMS:
        window.driver.execute_async_script(CREATE, title, description, done)
    for theme in ("light", "dark"):
        # Not by the button, under which the pointer would stay.
        window.driver.execute_script("localStorage['items:theme'] = arguments[0]", theme)
        window.driver.refresh()
        page.wait_for_titles(*(title for title, _, _ in ITEMS))
        picture(world, window, folder / f"items-{theme}.png")


def recorder_pictures(world: World, folder: Path) -> None:
    """Recorder while it hears a track that it knows, light and dark."""
    window = world.open_window(RECORDER / "ensconce.toml")
    window.wait_for_origin("http://recorder.localhost")
    page = RecorderPage(window.driver)
    page.wait_until_shown()
    for number, title in enumerate(TRACKS):
        page.add_track(melody(world.folder / f"{number}.wav", number, 0, 12), title)
    for _, source, number in HEARD:
        page.listen_to(melody(world.folder / f"{source}.wav", number, 2, 6))
    page.wait_for_history(*(title for title, _, _ in reversed(HEARD)))
    page.listen_to(melody(world.folder / "Evening radio.wav", 1, 0, 12))
    page.wait_for_title(TRACKS[1])
    for theme in ("light", "dark"):
        window.driver.execute_script("localStorage['recorder:theme'] = arguments[0]", theme)
        window.driver.refresh()
        page.wait_for_title(TRACKS[1])
        page.wait_for_levels()
        # It moves all the time, and no picture is the same as another.
        world.desktop.picture(folder / f"recorder-{theme}.png", window.on_screen())


def setup_pictures(world: World, folder: Path, theme: str, look: str) -> None:
    """Prober's set-up from the welcome to the end, and its Settings."""
    address = fake_providers(world.base_environment)
    window = world.open_window(PROBER / "ensconce.toml", GTK_THEME=look)
    page = SetupPage(window)

    def take(name: str) -> None:
        window.driver.execute_script(TIDY)
        picture(world, window, folder / f"setup-{name}-{theme}.png")

    page.wait_for("Welcome to Prober")
    take("welcome")
    page.begin("Model provider")
    page.type("Anthropic address", address)
    page.type("Anthropic API key", ANTHROPIC_KEY[:-4])
    take("page")
    page.press("Try it")
    page.wait_for_status("does not accept")
    take("refused")
    page.type("Anthropic API key", ANTHROPIC_KEY)
    page.press("Try it")
    page.wait_for_status("works")
    take("accepted")
    page.press("Next")
    page.wait_for("How it asks")
    page.press("Finish")
    page.wait_for("Prober is ready")
    take("done")
    page.leave("Open Prober")
    window.wait_for_origin("http://prober.localhost")
    page.open_settings()
    take("settings")


def locked_picture(world: World, folder: Path, theme: str, look: str) -> None:
    """What to do about a keychain that is locked."""
    world.desktop.lock_keyring()
    window = world.open_window(PROBER / "ensconce.toml", GTK_THEME=look)
    SetupPage(window).begin("Your keychain is locked")
    for other in world.desktop.windows():
        if other.pid != window.pid:
            world.desktop.minimise(other)
    window.driver.execute_script(TIDY)
    picture(world, window, folder / f"setup-locked-{theme}.png")


def prober_pictures(world: World, folder: Path, theme: str, look: str) -> None:
    """Prober with a run of two models, compared."""
    address = fake_providers(world.base_environment, "--pace", "0.4")
    window = world.open_window(PROBER / "ensconce.toml", GTK_THEME=look)
    setup = SetupPage(window)
    setup.begin("Model provider")
    setup.type("Anthropic address", address)
    setup.type("Anthropic API key", ANTHROPIC_KEY)
    setup.press("Next")
    setup.wait_for("How it asks")
    setup.press("Finish")
    setup.wait_for("Prober is ready")
    setup.leave("Open Prober")
    window.wait_for_origin("http://prober.localhost")
    page = ProberPage(window.driver)
    window.driver.execute_script("localStorage['prober:theme'] = arguments[0]", theme)
    window.driver.refresh()
    page.wait_until_shown()
    page.start_run("claude-opus-5-5", "claude-haiku-4-5")
    page.wait_for_state("finished")
    picture(world, window, folder / f"prober-{theme}.png")


def splash_picture(world: World, path: Path) -> None:
    """The splash while the data is prepared."""
    window = world.open_window(
        variant(world, lambda manifest: hold_back(manifest, world.folder / "never"))
    )
    window.wait_for_text("Preparing data")
    picture(world, window, path)


def failure_picture(world: World, path: Path) -> None:
    """The failure page after the data was used by a newer version, output unfolded."""
    world.data = Path(world.base_environment["XDG_DATA_HOME"]) / "com.example.items"
    folder = world.data / "data"
    folder.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(folder / "app.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('0042')")
        database.commit()
    window = world.open_window(variant(world))
    window.wait_for_text("could not start")
    window.driver.execute_script(UNFOLD, str(world.base_environment["HOME"]))
    picture(world, window, path)


def picture(world: World, window: Window, path: Path) -> None:
    """Takes a picture once nothing moves any more: two in a row are the same."""
    shown = window.on_screen()

    def taken() -> bytes:
        world.desktop.picture(path, shown)
        return path.read_bytes()

    eventually(lambda: taken() == taken(), "the window stands still", within=10)


if __name__ == "__main__":
    main()
