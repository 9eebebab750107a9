"""A session bus with an unlocked keychain, of one run alone."""

import shutil
import subprocess
import sys
from pathlib import Path

from .places import ROOT
from .world import END_LIMIT

sys.path.insert(0, str(ROOT / "e2e"))
from harness.desktop import BUS_SCRIPT

NEEDS = ["dbus-run-session", "gnome-keyring-daemon"]


def is_here() -> bool:
    """Whether this machine has what it needs."""
    return all(shutil.which(name) for name in NEEDS)


class Keyring:
    """The bus and its keychain."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self.bus = subprocess.Popen(
                ["dbus-run-session", "--", "sh", "-c", BUS_SCRIPT],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        address = self.bus.stdout.readline().decode().strip()
        if not address:
            self.close()
            raise RuntimeError(f"The session bus gave no address:\n{log.read_text()}")
        self.environment = {"DBUS_SESSION_BUS_ADDRESS": address}

    def close(self) -> None:
        """Ends them in order: the bus lives as long as its script's input is open."""
        self.bus.stdin.close()
        self.bus.wait(END_LIMIT)
        self.bus.stdout.close()
