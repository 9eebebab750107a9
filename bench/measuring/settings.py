"""A small app with many settings and secrets, which are all there before it is measured."""

import contextlib
import json
import secrets
import shlex
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .headless import LIMIT, Headless
from .places import BENCH, CLI
from .world import Program, World, home

APP = BENCH / "settings_app.py"
ASKED = "/api/health"
COUNTS = [0, 10, 100]
FIELDS_ON_A_PAGE = 10
POLL_PAUSE = 0.001

FILE, KEYCHAIN, SCRIPT = "Ensconce, encrypted file", "Ensconce, keychain", "a script that sources a .env file"
STORES = {FILE: "file", KEYCHAIN: "keychain"}

HEAD = """\
[app]
id = "dev.ensconce.bench-settings"
name = "Settings"
version = "1.0.0"

[ui]
static = "site"

[[route]]
path = "/api"
service = "api"
"""

Times = dict[str, float]


@dataclass(frozen=True)
class Values:
    """So many settings and so many secrets, by their names; of the secrets, half are given."""

    plain: dict[str, str]
    given: dict[str, str]
    made: dict[str, str]
    """Ensconce makes its own of these."""

    @classmethod
    def of(cls, count: int) -> "Values":
        """Makes some."""

        def some(name: str, number: int) -> dict[str, str]:
            return {f"{name}_{i}": secrets.token_urlsafe(32) for i in range(number)}

        return cls(some("plain", count), some("given", count - count // 2), some("made", count // 2))

    @property
    def number(self) -> int:
        """How many these are."""
        return len(self.all())

    def all(self) -> dict[str, str]:
        """All of them."""
        return self.plain | self.given | self.made

    def pages(self) -> list[dict[str, str]]:
        """Those that a user is asked for, on pages of set-up."""
        asked = [*self.plain.items(), *self.given.items()]
        return [dict(asked[i : i + FIELDS_ON_A_PAGE]) for i in range(0, len(asked), FIELDS_ON_A_PAGE)]


def variable(name: str) -> str:
    """The environment variable of a value."""
    return f"BENCH_{name.upper()}"


def manifest(folder: Path, values: Values) -> Path:
    """Writes Ensconce's manifest."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<p>Hello")
    # What JSON has for text and lists is TOML as well.
    parts = [HEAD, "[service.api]", f"command = {json.dumps([sys.executable, str(APP), '{socket}'])}"]
    parts += [f'ready = {{ http = "{ASKED}" }}', "", "[service.api.env]"]
    parts += [f'{variable(name)} = "{{secret.{name}}}"' for name in values.made]
    for number, page in enumerate(values.pages(), 1):
        parts += ["", "[[setup.page]]", f'title = "Page {number}"']
        for name in page:
            kind = "secret" if name in values.given else "text"
            parts += ["", "[[setup.page.fields]]", f'name = "{name}"', f'type = "{kind}"']
            parts += [f'label = "{name}"', f'env = "{variable(name)}"']
    for name in values.made:
        parts += ["", f"[secret.{name}]", "generate = 32"]
    path = folder / "ensconce.toml"
    path.write_text("\n".join(parts) + "\n")
    return path


class Case:
    """One way to start the server with so many of each; everything is there already."""

    def __init__(self, way: str, count: int) -> None:
        self.way = way
        self.count = count
        self.title = f"{way}: {count or 'none'}"

    def prepare(self, world: World, folder: Path, environment: dict[str, str]) -> None:
        """Writes its files, gives its answers, and starts it once, uncounted."""
        folder.mkdir()
        self.folder = folder
        # Short, because a Unix socket's path must be.
        self.socket = world.folder / "s"
        self.values = Values.of(self.count)
        self.environment = world.environment | home(folder / "home") | environment
        if self.way == SCRIPT:
            lines = (f"{variable(name)}={shlex.quote(value)}\n" for name, value in self.values.all().items())
            (folder / ".env").write_text("".join(lines))
        else:
            self.manifest = manifest(folder, self.values)
            if self.count:
                self._give_answers()
        self.run()

    def _give_answers(self) -> None:
        app = self._start()
        try:
            app.give_answers(self.values.pages())
        finally:
            app.end()
        command = [CLI, "secret", "list", "--json", "--data-dir", self.folder / "data", self.manifest]
        listed = subprocess.run(command, env=self.environment, capture_output=True, check=True).stdout
        kept = [one["kept"] for one in json.loads(listed)["secrets"]]
        if kept != [STORES[self.way]] * self.count:
            raise RuntimeError(f"Not all secrets are in the {STORES[self.way]}: {kept}")

    def _start(self) -> Headless:
        return Headless(self.manifest, self.environment, self.folder / "data", self.folder / "log")

    def run(self) -> Times:
        """Starts it once; returns when what happened, in milliseconds."""
        started = self._start_script() if self.way == SCRIPT else self._start()
        try:
            begun = started.begun if self.way == SCRIPT else started.program.begun
            body = poll(self.socket) if self.way == SCRIPT else started.get(ASKED)
            moments = {"answered": time.monotonic_ns()}
        finally:
            started.end()
        answer = json.loads(body)
        if answer["variables"] != self.values.number:
            raise RuntimeError(f"{self.title}: the server has {answer['variables']} of {self.values.number} variables")
        moments["server begins"] = answer["begun"]
        if self.way != SCRIPT:
            moments["address told"] = started.told
        return {name: (at - begun) / 1e6 for name, at in moments.items()}

    def _start_script(self) -> Program:
        self.socket.unlink(missing_ok=True)
        script = 'set -a && . "$0" && set +a && exec "$@"'
        command = ["sh", "-c", script, self.folder / ".env", sys.executable, APP, self.socket]
        return Program(command, self.environment, self.folder / "log")


def poll(path: Path) -> bytes:
    """Asks the server every millisecond; returns its first answer."""
    request = f"GET {ASKED} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(path))
            connection.sendall(request)
            with connection.makefile("rb") as answer:
                head, _, body = answer.read().partition(b"\r\n\r\n")
            if b" 200 " in head.split(b"\r\n")[0]:
                return body
        time.sleep(POLL_PAUSE)
    raise TimeoutError(f"The server did not answer in {LIMIT} s")
