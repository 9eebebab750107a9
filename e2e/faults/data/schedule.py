"""Which fault befalls which work at which moment, from a seed. Pure: the same seed, the same."""

import random
from dataclasses import asdict, dataclass

# What is done to the data, and what can be told of how far it has come. `random` is any moment,
# spread over the time that the work takes; the others are waited for.
SWAP = ("begun", "staged", "old", "new", "settled", "new-out", "old-back", "forgotten")
PHASES = {
    "backup": ("random", "begun", "copying"),
    "export": ("random", "begun", "copying", "packing"),
    "restore": ("random", *SWAP),
    "import": ("random", *SWAP),
    "migrate": ("random", "begun", "copying", "running", "putting-back", "done"),
}
# A swap is taken back only if something has failed: then the disk is full.
TAKEN_BACK = ("new-out", "old-back")
KILLS = ("app-term", "app-kill", "cli-term", "cli-kill")
KILLS += ("helper-term", "helper-kill", "guard-term", "guard-kill")
ON_RUNNING = ("app-term", "app-kill", "restart", "save", "reload")
FAULTS = (*KILLS, "restart", "save", "reload", "full-disk")
# How SQLite keeps what has not come into the file yet.
JOURNALS = ("wal", "delete")
# A step that is coprime with the number of cells spreads neighbours over all kinds.
STRIDE = 101


@dataclass(frozen=True, order=True)
class Cell:
    """A fault at a moment of a work."""

    work: str
    phase: str
    fault: str


@dataclass(frozen=True)
class Schedule:
    """All that happens in a run."""

    seed: int
    cell: Cell
    # Whether the app runs meanwhile; else the command line does the work.
    running: bool
    # The version of the app; data of version 1 that is put back has to be migrated to 2.
    version: int
    journal: str
    # How far into the work, of the time that it usually takes.
    moment: float
    # For how many system calls more the helper goes on in the phase before the fault.
    steps: int
    # For a swap that shall be taken back: the phase in which the disk becomes full.
    full_at: str | None
    # The next start is killed so long after its begin.
    again_ms: int | None
    # Chooses between the ways to restart, or to reload.
    choice: int
    # After a killed update, the former version runs before the next one is tried again.
    back: bool

    @property
    def kills_app(self) -> bool:
        """Whether the program that has the data in hand ends by it."""
        fault = self.cell.fault
        return fault.startswith("app-") or (not self.running and fault.startswith("cli-"))

    @property
    def goes_back(self) -> bool:
        """Whether the former version runs in between."""
        return self.back and self.cell.work == "migrate" and self.kills_app

    @property
    def small_disk(self) -> bool:
        """Whether it needs a disk of its own that can be filled."""
        return self.cell.fault == "full-disk" or self.full_at is not None

    @property
    def crosses(self) -> bool:
        """Whether data that is put back has to be migrated afterwards."""
        return self.version == 2 and self.cell.work in ("restore", "import")

    def describe(self) -> str:
        """Shows it for people."""
        return "\n".join(f"  {key}: {value}" for key, value in asdict(self).items())


def all_cells() -> list[Cell]:
    """Lists every fault at every phase of every work in which it can happen."""
    return [
        Cell(work, phase, fault)
        for work, phases in PHASES.items()
        for phase in phases
        for fault in FAULTS
        if is_possible(work, phase, fault)
    ]


def is_possible(work: str, phase: str, fault: str) -> bool:
    """Whether a fault can befall a phase of a work."""
    if work == "migrate" and fault.startswith("cli-"):
        return False
    return not (phase in TAKEN_BACK and fault == "full-disk")


def make(seed: int, only: str | None = None) -> Schedule:
    """Makes the schedule of a seed: seeds in a row go through all cells."""
    cells = [cell for cell in all_cells() if only in (None, cell.work)]
    cell = cells[seed * STRIDE % len(cells)]
    rng = random.Random(seed)
    running = cell.work == "migrate" or cell.fault in ON_RUNNING or rng.random() < 0.4
    full_at = rng.choice(("old", "new", "settled")) if cell.phase in TAKEN_BACK else None
    return Schedule(
        seed=seed,
        cell=cell,
        running=running,
        version=2 if cell.work == "migrate" else rng.choice((1, 2)),
        journal=rng.choice(JOURNALS),
        moment=rng.random() * 0.9,
        steps=rng.choice((0, rng.randint(1, 5), rng.randint(1, 40))),
        full_at=full_at,
        again_ms=rng.randint(0, 500) if rng.random() < 0.3 else None,
        choice=rng.randint(0, 9),
        back=rng.random() < 0.5,
    )


def again(seed: int, hit: set[Cell]) -> list[Schedule]:
    """Makes schedules for the cells that were not hit: a short phase can be over too soon."""
    following = (make(number) for number in range(seed, seed + len(all_cells())))
    return [schedule for schedule in following if schedule.cell not in hit]
