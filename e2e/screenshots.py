"""Takes the pictures in docs/images: real windows of Items, and what Ensconce itself shows."""

import argparse
from collections.abc import Callable
from pathlib import Path

from harness.items_page import ItemsPage
from harness.manifests import Manifest, hold_back, items_variant
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

CREATE = """
const [title, description, done, answer] = arguments;
const send = (method, path, body) => fetch(path, {
  method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}).then((response) => response.json());
send("POST", "/api/v1/items/", { title, description })
  .then((item) => (done ? send("PUT", `/api/v1/items/${item.id}`, { done }) : item))
  .then(answer);
"""


def main() -> None:
    """Takes all of them."""
    folder = parse().folder
    with_world(lambda world: items_pictures(world, folder))
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
    window.driver.refresh()
    page.wait_for_titles(*(title for title, _, _ in ITEMS))
    for theme in ("light", "dark"):
        if page.is_dark() != (theme == "dark"):
            page.click("theme-toggle")
            eventually(lambda theme=theme: page.is_dark() == (theme == "dark"), f"{theme} is on")
        rest_pointer(world)
        picture(world, window, folder / f"items-{theme}.png")


def splash_picture(world: World, path: Path) -> None:
    """The splash while the data is prepared."""
    window = world.open_window(
        variant(world, lambda manifest: hold_back(manifest, world.folder / "never"))
    )
    window.wait_for_text("Preparing data")
    picture(world, window, path, still=False)


def failure_picture(world: World, path: Path) -> None:
    """The failure page with the last output unfolded."""

    def break_it(manifest: Manifest) -> None:
        manifest["env"]["DATABASE_URL"] = "sqlite:////nowhere/items.db"

    window = world.open_window(variant(world, break_it))
    window.wait_for_text("could not start")
    window.driver.execute_script("document.querySelector('details')?.setAttribute('open', '')")
    picture(world, window, path)


def rest_pointer(world: World) -> None:
    """Takes pointer and focus away from what was clicked."""
    world.desktop.point_at(5, 5)


def picture(world: World, window: Window, path: Path, *, still: bool = True) -> None:
    """Takes a picture, once two in a row are the same where nothing should move any more."""
    shown = window.on_screen()

    def taken() -> bytes:
        world.desktop.picture(path, shown)
        return path.read_bytes()

    if still:
        eventually(lambda: taken() == taken(), "the window stands still", within=10)
    else:
        taken()


if __name__ == "__main__":
    main()
