"""Where things are in this repository."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
ITEMS = ROOT / "examples" / "items"
SERVER = ITEMS / "server"
PYTHON = SERVER / ".venv" / "bin" / "python"
PROGRAMS = ROOT / "target" / "release"
# What `scripts/test` builds; for what is not about speed.
TESTED = ROOT / "target" / "debug"
SHELL = PROGRAMS / "ensconce-shell"
CLI = PROGRAMS / "ensconce"
GUARD = PROGRAMS / "ensconce-guard"
HELPER = PROGRAMS / "ensconce-helper"
# The tests' fake service, which starts faster than any script.
FAKE = PROGRAMS / "ensconce-fake"
EMPTY_WINDOW = BENCH / "empty-window" / "target" / "release" / "empty-window"
PEERS = BENCH / "peers"
# What the comparison of installers builds, and keeps for its next run.
BUILDS = ROOT / ".cache" / "bench-installers"
EMPTY_PAGE = BENCH / "empty-window" / "page"


def require(*paths: Path) -> None:
    """Ends with a hint when something is not built."""
    missing = [str(path.relative_to(ROOT)) for path in paths if not path.exists()]
    if missing:
        sys.exit(f"Missing: {', '.join(missing)}\nhint: Run scripts/setup --tests, then bench/setup")


def program(name: str) -> str:
    """Finds a program that Debian installs, some of them outside of a user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    return found or sys.exit(f"Missing: {name}\nhint: Run bench/setup")
