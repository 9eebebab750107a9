"""The apps that are measured: Items with an envelope around its server, and an empty page."""

import re
import shutil
from pathlib import Path

from .places import BENCH, EMPTY_PAGE, ITEMS, PYTHON

SCRIPT = """\
// Tells the server that the page's load event has come, and how long the page took by its clock.
addEventListener("load", () => setTimeout(() => {
  const [page] = performance.getEntriesByType("navigation");
  const times = ["responseStart", "domContentLoadedEventEnd", "loadEventEnd"];
  const query = times.map((name) => `${name}=${Math.round(page[name])}`).join("&");
  fetch(`/api/v1/bench/loaded?${query}`, { method: "POST" });
}));
"""


NOT_PACKED = shutil.ignore_patterns(".*", "__pycache__", "tests")
# The pages are there, with the script in them.
STEP = re.compile(r"\[\[build\.step\]\]\n(?:[a-z]+ = .*\n)+\n")


def items(folder: Path) -> Path:
    """Makes a copy of Items whose server notes times and whose page tells its load event."""
    folder.mkdir()
    (folder / "server").symlink_to(ITEMS / "server")
    return timed(folder)


def packed_items(folder: Path) -> Path:
    """Makes the same as something to be packed: whole, and with this machine's Python."""
    folder.mkdir(parents=True)
    shutil.copytree(ITEMS / "server", folder / "server", ignore=NOT_PACKED)
    shutil.copy(BENCH / "timed_app.py", folder / "server")
    manifest = timed(folder)
    text, steps = STEP.subn("", manifest.read_text())
    if steps != 1:
        raise ValueError("Not exactly one step")
    text = replace(text, '"server/app", ', '"server/app", "server/timed_app.py", ')
    text = replace(text, 'source = "local"\n', f'source = "local"\ninterpreter = "{PYTHON}"\n')
    manifest.write_text(text)
    return manifest


def timed(folder: Path) -> Path:
    """Adds pages and manifest to a folder that has the server."""
    shutil.copy(ITEMS / "icon.png", folder)
    web = folder / "web" / "dist"
    shutil.copytree(ITEMS / "web" / "dist", web)
    (web / "bench.js").write_text(SCRIPT)
    page = (web / "index.html").read_text()
    (web / "index.html").write_text(replace(page, "<head>", '<head><script src="/bench.js"></script>'))
    text = (ITEMS / "ensconce.toml").read_text()
    # The developer's command stays as it is.
    served, developed = text.split("dev = { command = [\"{python}\"")
    served = replace(served, '"app.main:app"', '"timed_app:app"')
    manifest = folder / "ensconce.toml"
    manifest.write_text("dev = { command = [\"{python}\"".join([served, developed]))
    return manifest


def replace(text: str, old: str, new: str) -> str:
    """Replaces what must be there exactly once."""
    if text.count(old) != 1:
        raise ValueError(f"Not exactly one {old!r}")
    return text.replace(old, new)


def empty(folder: Path) -> Path:
    """Makes an app of nothing but the page that the empty window shows."""
    folder.mkdir()
    manifest = folder / "ensconce.toml"
    manifest.write_text(
        '[app]\nid = "dev.ensconce.bench-empty"\nname = "Empty"\nversion = "1.0.0"\n\n'
        "[window]\nwidth = 1100\nheight = 750\n\n"
        f'[ui]\nstatic = "{EMPTY_PAGE}"\n'
    )
    return manifest
