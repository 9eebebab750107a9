"""What people install: packages that `ensconce build` makes of the apps under test."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

from .manifests import ITEMS, ROOT, write
from .world import CLI, PATH

FIXTURES = Path(__file__).parents[1] / "fixtures"
# What builds keep for the next one.
CACHE = ROOT / ".cache" / "e2e-build"
NOT_COPIED = shutil.ignore_patterns(".*_cache", "__pycache__", "node_modules", "_build", "release")
# A first build installs the app's own interpreter and packages.
LIMIT = 900


class Packages:
    """Builds each app once, in a copy of its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def items(self, kind: str, version: str = "1.0.0") -> Path:
        """Returns a package of Items; of later versions there are Debian packages alone."""
        return self._built(ITEMS, "deb,rpm,tar" if version == "1.0.0" else "deb", kind, version)

    def example(self, app: Path) -> Path:
        """Returns the compressed folder of an example."""
        return self._built(app, "tar", ".tar.zst", "1.0.0")

    def fixture(self, name: str) -> Path:
        """Returns the compressed folder of one of the small apps."""
        return self._built(FIXTURES / name, "tar", ".tar.zst", "1.0.0")

    def _built(self, app: Path, bundles: str, kind: str, version: str) -> Path:
        folder = self.folder / f"{app.name}-{version}"
        if not folder.exists():
            copy(app, folder, version)
            build(folder, bundles)
        found = list((folder / "release").glob(f"*{kind}"))
        assert len(found) == 1, f"{folder.name} was not built: {found}"
        return found[0]


def copy(app: Path, folder: Path, version: str) -> None:
    """Copies an app as a release of this version."""
    shutil.copytree(app, folder, ignore=NOT_COPIED, symlinks=True)
    # The tools that build its pages stay where they are.
    if (app / "web" / "node_modules").exists():
        (folder / "web" / "node_modules").symlink_to(app / "web" / "node_modules")
    manifest = tomllib.loads((app / "ensconce.toml").read_text())
    manifest["app"]["version"] = version
    write(folder, manifest)


def build(folder: Path, bundles: str) -> None:
    """Runs `ensconce build`."""
    done = subprocess.run(
        [str(CLI), "build", str(folder), "--bundles", bundles],
        env={**os.environ, "PATH": PATH, "NO_COLOR": "1", "ENSCONCE_CACHE": str(CACHE)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
