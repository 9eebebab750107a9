"""Compares what services noted that they had written with what the log files hold."""

import re
from dataclasses import dataclass
from pathlib import Path

NUMBERED = re.compile(rb"\S+ stdout run ([0-9a-f]{12}) (\d+) \.")
LEFT_OUT = re.compile(rb"\S+ ensconce (\d+) lines? left out here")


@dataclass(frozen=True)
class Note:
    """What one run of a service has given to the operating system."""

    part: str
    run: str
    # The launch of the app that it belonged to.
    launch: str
    last: int


def notes(folder: Path) -> dict[str, Note]:
    """Reads all notes, by the name of the run."""
    found = {}
    for path in folder.iterdir():
        part, run, launch = path.name.split(".")
        found[run] = Note(part, run, launch, int(path.read_text() or 0))
    return found


def logged(folder: Path) -> dict[str, list[int]]:
    """Reads the numbers of each run, in the order of the logs, the files put aside before all."""
    found: dict[str, list[int]] = {}
    # The merged log, `app`, has all lines once more.
    own = [path for path in folder.glob("*.log") if path.name.split(".")[0] != "app"]
    for path in sorted(own, key=age, reverse=True):
        for line in path.read_bytes().split(b"\n"):
            if match := NUMBERED.fullmatch(line):
                found.setdefault(match[1].decode(), []).append(int(match[2]))
    return found


def left_out(folder: Path) -> dict[str, int]:
    """Reads how many lines of each part the logs say are missing, because the disk was too slow."""
    found: dict[str, int] = {}
    for path in folder.glob("*.log"):
        part = path.name.split(".")[0]
        said = LEFT_OUT.findall(path.read_bytes())
        found[part] = found.get(part, 0) + sum(map(int, said))
    return found


def age(path: Path) -> int:
    """`api.log` is 0, `api.1.log` is 1, and so on."""
    number = path.name.split(".")[1]
    return int(number) if number.isdigit() else 0


def what_is_missing(note: Note, numbers: list[int], complete: bool, said: int) -> str | None:
    """Says what is wrong with the lines of a run.

    Only a killed app may lack some at the end; others lack no more than the log says.
    """
    if said and numbers == sorted(set(numbers)):
        last = max([note.last, *numbers]) if complete else max([0, *numbers])
        lacking = last - len(numbers)
        return None if lacking <= said else f"{note.part}: {lacking} lines are missing, {said} said"
    expected = list(range(1, len(numbers) + 1))
    if numbers != expected:
        at = next(
            i for i, (is_, want) in enumerate(zip(numbers, expected, strict=True)) if is_ != want
        )
        around = numbers[max(0, at - 2) : at + 3]
        return f"{note.part}, run {note.run}: line {at + 1} is not where it should be: {around}"
    if complete and len(numbers) < note.last:
        return f"{note.part}, run {note.run}: {len(numbers)} of {note.last} lines are in the log"
    return None
