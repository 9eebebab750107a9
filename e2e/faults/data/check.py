"""What must hold after a fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness.waiting import eventually

from . import found
from .app import COLOURS, NEW, OLD

if TYPE_CHECKING:
    from .run import Run

COMMAND_LIMIT = 30
# What an app that has just ended, or not begun, answers.
NO_ANSWER = (OSError, IndexError, ValueError)
# What the app says when it cannot tell yet what the data will be.
UNDECIDED = ("was interrupted", "ending", "reached")


def may_fail(run: Run) -> bool:
    """Whether the app may end by itself: when its data could not be migrated."""
    schedule = run.schedule
    fault = schedule.cell.fault
    migrates = schedule.cell.work == "migrate" or schedule.crosses or run.version > schedule.version
    hurts = schedule.small_disk or fault.startswith(("helper", "guard"))
    return (migrates and hurts) or schedule.cell.phase == "putting-back"


def all_is_well(run: Run) -> None:
    """Starts the app normally, and checks everything."""
    ticks = noted_ticks(run)
    check_notes(run)
    check_made(run)
    run.app = run.launch("run", "--headless", run.manifest)
    run.visitor = None
    eventually(lambda: works(run), "the next start works", within=30, ignoring=NO_ANSWER)
    check_colour(run)
    go_on_working(run)
    eventually(lambda: works(run), "the app works after that", within=30, ignoring=NO_ANSWER)
    run.app.process.terminate()
    code = run.app.exit_code(within=30)
    assert code == 0, f"Ended with code {code} in the end"
    run.check_gone()
    check_data(run, ticks)
    check_notes(run)
    left = found.left_over(run.data)
    assert not left, f"Left over: {left}"
    left = [path for path in run.world.runtime.glob("ensconce*") if any(path.iterdir())]
    assert not left, f"Left in the folder for sockets: {left}"


def check_made(run: Run) -> None:
    """What was told to be made is there."""
    work = run.schedule.cell.work
    if run.work.process.returncode != 0 or work not in ("backup", "export"):
        return
    made = len(manual_backups(run)) == 2 if work == "backup" else run.export.exists()
    assert made, f"It was told to be made, and is not there: {run.work.stderr()}"


def manual_backups(run: Run) -> list[Path]:
    """The backups that somebody asked for; there was one at first."""
    return list(run.folder.backups.glob("*-manual*.sqlite"))


def works(run: Run) -> bool:
    """Whether the app answers, and can write its database."""
    assert run.app.process.poll() is None, f"It has ended: {run.app.stderr()}"
    if not run.answers():
        return False
    answer = run.visitor.get("/web")
    return answer.status == 200 and json.loads(answer.body)["ok"]


def check_notes(run: Run) -> None:
    """The task was never run on data that it had left half-done, or of a later version."""
    note = run.files.notes / "half"
    assert not note.exists(), note.read_text()


def noted_ticks(run: Run) -> int:
    """What the service has written to the old data, and was told to be kept."""
    note = run.files.notes / f"ticks-{OLD}"
    return int(note.read_text()) if note.exists() else 0


def check_colour(run: Run) -> None:
    """The setting is what was acknowledged, or what came with the data."""
    allowed = run.colours()
    if run.schedule.cell.work == "import" and found.generation_of_files(run.data) == NEW:
        # Whether the answer was saved before or after the file's were taken over.
        allowed = {COLOURS[NEW], *(text for text, _ in run.saved)}
    colour = run.control.colour()
    assert colour in allowed, f"The setting is {colour}, not one of {allowed}"


def go_on_working(run: Run) -> None:
    """The app can do all again: it makes a backup and puts it back, and exports."""
    before = manual_backups(run)
    command(run, "backup", "--manifest", run.manifest)
    (made,) = set(manual_backups(run)).difference(before)
    command(run, "restore", "main", made.name, "--manifest", run.manifest)
    if run.schedule.cell.work == "export":
        if run.export.exists():
            command(run, "import", run.export, run.manifest)
        command(run, "export", run.export, run.manifest)
        left = [path.name for path in run.export.parent.glob("out.ensconce?*")]
        assert not left, f"Left beside the export: {left}"


def command(run: Run, *arguments: str | Path) -> None:
    """Runs a command, which must succeed."""
    program = run.launch(*arguments)
    code = program.exit_code(within=COMMAND_LIMIT)
    assert code == 0, f"`{arguments[0]}` ends with {code}: {program.stderr()}"


def check_data(run: Run, ticks: int) -> None:
    """The data is exactly the old or exactly the new, and what was done to it fits."""
    for backup in run.folder.backups.glob("*.sqlite"):
        found.database(backup)
    files = found.generation_of_files(run.data)
    database = found.database(run.data / "notes.db")
    run.note(f"files of {files}, {database}")
    fits(run, files, database)
    assert database.schema == run.version, f"Schema {database.schema} in version {run.version}"
    record, version = found.record(run.data), f"{run.version}.0.0"
    assert record == {"version": version, "tasks": {"migrate": version}}, f"Recorded: {record}"
    replaced = database.generation == NEW
    check_acknowledged(run, replaced)
    check_kept(run, database, replaced, ticks)


def check_kept(run: Run, database: found.Database, replaced: bool, ticks: int) -> None:
    """What was replaced is kept, once, and has all that was written to it."""
    work = run.schedule.cell.work
    folders = sorted(run.world.data.glob("data.before-import-*"))
    files = [
        path
        for path in sorted(run.data.glob("notes.db.before-restore-*"))
        # What a killed process left beside a database goes with it.
        if not path.name.endswith(("-wal", "-shm", "-journal"))
    ]
    # An export that was made is imported in the end, a backup put back; and so was one before that.
    imports = int(work == "import" and replaced) + int(work == "export" and bool(folders))
    restores = int(work == "restore" and replaced) + int(not (work == "export" and folders))
    assert len(folders) == imports, f"Kept: {folders}"
    assert len(files) == restores, f"Kept: {files}"
    kept = [found.database(path) for path in (*files, *(one / "notes.db" for one in folders))]
    # An export that was imported again is of an earlier moment.
    old = kept if replaced or work == "export" else [database]
    tick = max(one.tick for one in old if one.generation == OLD)
    assert tick >= ticks, f"Row {ticks} was written to the old data, which has {tick}"


def fits(run: Run, files: int, database: found.Database) -> None:
    """Files and database are of the generations that the work can lead to."""
    work = run.schedule.cell.work
    allowed = {(OLD, OLD)}
    if work == "restore":
        allowed.add((OLD, NEW))
    if work == "import":
        allowed.add((NEW, NEW))
    has = (files, database.generation)
    assert has in allowed, f"Files of generation {has[0]}, database of {has[1]}"


def check_acknowledged(run: Run, replaced: bool) -> None:
    """What was told to be done is done, and what was told to have failed is not."""
    work = run.schedule.cell.work
    if work not in ("restore", "import"):
        return
    code, said = run.work.process.returncode, run.work.stderr()
    if code == 0:
        assert replaced, f"It was told to be done, and is not: {said}"
    elif code == 1 and not run.schedule.kills_app and "cli" not in run.schedule.cell.fault:
        undecided = any(text in said for text in UNDECIDED)
        assert undecided or not replaced, f"It was told to have failed, and is done: {said}"
