"""Reports how far work on data has come, by what Ensconce has written down."""

import contextlib
import json
from pathlib import Path

# The first line of a journal has one length always.
LINE = 32
MARKER = "migrate.update"


class DataFolder:
    """An app's data folder, seen from outside."""

    def __init__(self, data: Path, export: Path) -> None:
        self.data = data
        self.own = data / ".ensconce"
        self.backups = self.own / "backups"
        self.export = export

    def phase(self, work: str, has_helper: bool) -> str:
        """How far a work has come: what its journal says, or what lies half-made."""
        if work in ("restore", "import"):
            return written(self.own / "swap") or ("begun" if has_helper else "idle")
        if work == "migrate":
            return written(self.backups / MARKER) or ("begun" if has_helper else "idle")
        if not has_helper:
            return "idle"
        return self._copying() if work == "backup" else self._exporting()

    def is_updated(self) -> bool:
        """Whether the update is done: it is recorded, or at least noted."""
        record = json.loads((self.own / "state.json").read_text())["data"]
        is_recorded = record["tasks"].get("migrate") == "2.0.0"
        return is_recorded or written(self.backups / MARKER) == "done"

    def _copying(self) -> str:
        return "copying" if any(self.backups.glob("*.part")) else "begun"

    def _exporting(self) -> str:
        if not self.export.with_name(self.export.name + ".ensconce-databases").exists():
            return "begun"
        part = self.export.with_name(self.export.name + ".ensconce-part")
        return "packing" if part.exists() else "copying"


def written(journal: Path) -> str | None:
    """Reads the phase of a journal, if there is one."""
    with contextlib.suppress(OSError, ValueError), journal.open("rb") as file:
        return json.loads(file.read(LINE).decode().rstrip().rstrip(",") + "}")["phase"]
    return None
