"""Keeps suites as files: those that come with the app, and the user's own in the data folder."""

import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from app.core.paths import BUNDLED_SUITES_DIR, suites_dir
from app.suites.document import parse_suite
from app.suites.reading import MOST_CHARACTERS, DocumentError, at
from app.suites.suite import Problem, Suite

ID_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID = 60
SUFFIX = ".yaml"


class SuiteExistsError(Exception):
    """There is another suite by this name; the message is for people."""


@dataclass(frozen=True)
class Shelved:
    """A file of the library; one that cannot be used has problems instead of a suite."""

    id: str
    own: bool
    text: str
    suite: Suite | None
    problems: list[Problem]

    @property
    def name(self) -> str:
        """What the suite is called; a file that cannot be read, by the file's name."""
        return self.suite.name if self.suite else f"{self.id}{SUFFIX}"


class Library:
    """All suites there are."""

    def __init__(self, data: Path, bundled: Path = BUNDLED_SUITES_DIR) -> None:
        self.own = suites_dir(data)
        self.bundled = bundled

    def all(self) -> list[Shelved]:
        """Returns all suites, the user's own first."""
        own = [self.read(file, own=True) for file in files(self.own)]
        taken = {shelved.id for shelved in own}
        bundled = [self.read(file, own=False) for file in files(self.bundled)]
        both = [*own, *(shelved for shelved in bundled if shelved.id not in taken)]
        return sorted(both, key=lambda shelved: (not shelved.own, shelved.name.casefold()))

    def find(self, id: str) -> Shelved | None:
        """Returns one suite."""
        if not ID_PATTERN.fullmatch(id):
            return None
        for folder, own in ((self.own, True), (self.bundled, False)):
            file = folder / f"{id}{SUFFIX}"
            if file.is_file():
                return self.read(file, own=own)
        return None

    def add(self, text: str, replace: bool = False) -> Shelved:
        """Keeps a suite of the user's; one that has mistakes is refused."""
        suite = parse_suite(text)
        id = id_of(suite.name)
        found = self.find(id)
        if found and not found.own:
            raise SuiteExistsError(f"“{found.name}” comes with the app: give yours another `name`")
        if found and not replace:
            raise SuiteExistsError(f"There is a suite “{found.name}” already")
        self.own.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.own / f"{id}{SUFFIX}", text)
        return Shelved(id=id, own=True, text=text, suite=suite, problems=[])

    def remove(self, shelved: Shelved) -> None:
        """Deletes a suite of the user's."""
        (self.own / f"{shelved.id}{SUFFIX}").unlink(missing_ok=True)

    def read(self, file: Path, own: bool) -> Shelved:
        """Reads a file; the user may have put anything there."""
        text = ""
        try:
            text = read_text(file)
            suite, problems = parse_suite(text), []
        except DocumentError as error:
            suite, problems = None, error.problems
        return Shelved(id=file.stem, own=own, text=text, suite=suite, problems=problems)


def files(folder: Path) -> list[Path]:
    """Lists the suites of a folder that need not be there."""
    return [file for file in sorted(folder.glob(f"*{SUFFIX}")) if ID_PATTERN.fullmatch(file.stem)]


def read_text(file: Path) -> str:
    """Reads a file of UTF-8 that is not too large."""
    try:
        if file.stat().st_size > 4 * MOST_CHARACTERS:
            raise DocumentError([at(1, 1, "The file is too large")])
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError([at(1, 1, "The file is not text in UTF-8")]) from error
    except OSError as error:
        raise DocumentError([at(1, 1, f"The file cannot be read: {error.strerror}")]) from error


def id_of(name: str) -> str:
    """Makes a file's name of a suite's."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    id = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:LONGEST_ID].strip("-")
    if id:
        return id
    # A name without a letter of the Latin alphabet.
    return f"suite-{unicodedata.normalize('NFC', name).encode().hex()[: LONGEST_ID - 6]}"


def write_whole(file: Path, text: str) -> None:
    """Writes a file that is there as a whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
