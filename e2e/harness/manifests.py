"""The apps under test: the examples as they are or with changes, and small ones."""

import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomli_w

ROOT = Path(__file__).resolve().parents[2]
ITEMS = ROOT / "examples" / "items"
RECORDER = ROOT / "examples" / "recorder"
PROBER = ROOT / "examples" / "prober"
SERVICE = ROOT / "e2e" / "fixtures" / "service.py"

Manifest = dict[str, Any]


def items_variant(folder: Path, change: Callable[[Manifest], None]) -> Path:
    """Makes a copy of the Items app that differs from it in its manifest alone."""
    folder.mkdir()
    for entry in ITEMS.iterdir():
        if entry.name != "ensconce.toml":
            (folder / entry.name).symlink_to(entry)
    manifest = tomllib.loads((ITEMS / "ensconce.toml").read_text())
    change(manifest)
    return write(folder, manifest)


def small_app(folder: Path, *arguments: str, **changes: Any) -> Path:
    """Makes an app of one service, `fixtures/service.py`, that gets these arguments."""
    folder.mkdir(exist_ok=True)
    service = {
        "command": [sys.executable, str(SERVICE), "--socket", "{socket}", *arguments],
        "ready": {"http": "/health"},
        **changes,
    }
    return write(
        folder,
        {
            "app": {"id": "test.ensconce.small", "name": "Small", "version": "1.0.0"},
            "window": {"width": 700, "height": 500},
            "ui": {"service": "web"},
            "service": {"web": service},
        },
    )


def asking_app(folder: Path, *pages: Manifest, **changes: Any) -> Path:
    """Makes an app that asks something first.

    `web` shows a page and needs no answer; `worker` is given the answers to `key` and `name`,
    `other` that to `colour`, as far as these are asked.
    """
    folder.mkdir(exist_ok=True)
    asked = {field["name"] for page in pages for field in page["fields"]}
    given = {"worker": ["key", "name"], "other": ["colour"]}
    web = {"command": [sys.executable, str(SERVICE), "--socket", "{socket}"]}
    services: Manifest = {"web": {**web, "ready": {"http": "/health"}}}
    for service, names in given.items():
        env = {name.upper(): f"{{setup.{name}}}" for name in names if name in asked}
        services[service] = {"command": ["sleep", "infinity"], "ready": "started", "env": env}
    return write(
        folder,
        {
            "app": {"id": "test.ensconce.asking", "name": "Asking", "version": "1.0.0"},
            "window": {"width": 760, "height": 620},
            "ui": {"service": "web"},
            "service": services,
            "setup": {"page": list(pages)},
            **changes,
        },
    )


def write(folder: Path, manifest: Manifest) -> Path:
    """Writes a manifest."""
    path = folder / "ensconce.toml"
    path.write_text(tomli_w.dumps(manifest))
    return path


def hold_back(manifest: Manifest, gate: Path) -> None:
    """Lets the app's services start only when a file exists, so that its splash can be looked at.

    The task ends with the event, not after a time.
    """
    script = f"until [ -e '{gate}' ]; do sleep 0.02; done"
    manifest.setdefault("task", {})["prepare"] = {"command": ["sh", "-c", script]}
    for service in manifest["service"].values():
        service.setdefault("needs", []).append("prepare")


def require_login(manifest: Manifest) -> None:
    """Makes Items ask for a login."""
    manifest["env"]["AUTH_REQUIRED"] = "true"
