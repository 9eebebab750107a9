"""Looks for secrets wherever somebody could."""

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from . import processes
from .world import World

SEALED = "secrets.sealed"


class Hunt:
    """Knows the secrets, and looks for them in every form."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: list[tuple[str, bytes]] = []
        self.forms: dict[bytes, str] = {}

    def mark(self, before: str, after: str = "") -> str:
        """Makes a secret that is hard to write, and whose middle is nowhere else."""
        middle = uuid.uuid4().hex
        secret = f"{before}{middle}{after}"
        self.know(secret, middle)
        return secret

    def know(self, secret: str, middle: str | None = None) -> None:
        """Looks for a secret from now on."""
        for form in forms(secret, middle or secret):
            self.forms[form] = secret

    def look(self, where: str, content: str | bytes) -> None:
        """Looks for all of them in something."""
        if isinstance(content, str):
            content = content.encode()
        self.found += [(where, form) for form in self.forms if form in content]

    def look_at_processes(self) -> None:
        """Looks at the arguments of all processes of this machine."""
        for process in processes.everyone():
            self.look(f"arguments of {process.pid}", "\0".join(process.argv))

    def look_at_files(self) -> None:
        """Looks at every file of the test's world, but those that are to hold secrets."""
        world = self.world
        folders = [world.data, world.folder / "home", world.folder / "tmp", world.runtime]
        for folder in folders:
            for file in folder.rglob("*"):
                # Values that a service takes as files are for the time of this run.
                is_kept = file.name == SEALED or "values" in file.parts
                if file.is_file() and not is_kept:
                    self.look(str(file), file.read_bytes())
        for app in world.apps:
            for output in (app.stdout, app.stderr):
                if output.exists():
                    self.look(str(output), output.read_bytes())

    def ask(self, *arguments: str | Path) -> str:
        """Runs a command of the CLI, looks at what it prints, and returns that."""
        asked = self.world.run(*arguments)
        asked.exit_code()
        self.look(f"ensconce {arguments[0]}", asked.stdout() + asked.stderr())
        return asked.stdout()


def forms(secret: str, middle: str) -> Iterator[bytes]:
    """Returns all that a secret can look like."""
    raw = secret.encode()
    yield middle.encode()
    yield middle.encode("utf-16-le")
    yield json.dumps(secret)[1:-1].encode()
    yield quote(secret, safe="").encode()
    yield base64.b64encode(raw).rstrip(b"=")
    yield base64.urlsafe_b64encode(raw).rstrip(b"=")
    # In the midst of something else that is encoded, the ends differ.
    for offset in range(3):
        whole = base64.b64encode(b"x" * offset + middle.encode())
        yield whole[4:-4]
