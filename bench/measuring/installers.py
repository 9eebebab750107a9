"""Ways to make an installer of one app: each builds, and says what it has made."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .places import BUILDS, CLI, PEERS, PROGRAMS

TAURI_CLI = "@tauri-apps/cli@2.12.5"
TRIPLE = "x86_64-unknown-linux-gnu"
# With the GObject bindings, which only Debian's own interpreter has.
DEBIAN_PYTHON = "/usr/bin/python3"
CONTROL = """\
Package: items-pywebview
Version: 1.0.0
Architecture: amd64
Maintainer: Nobody <nobody@example.com>
Depends: libwebkit2gtk-4.1-0, libgtk-3-0, gir1.2-webkit2-4.1
Description: Items
"""


@dataclass(frozen=True)
class Installer:
    """A way to make an installer."""

    key: str
    title: str
    build: Callable[[Path, Path], Path]
    """Builds the app in a folder, with what is kept from builds before in another one."""
    program: str
    """The program, in the unpacked package."""
    sources: tuple[Path, ...] = ()
    """What it has made outside of its folder."""


def ensconce(app: Path, kept: Path) -> Path:
    """`ensconce build`."""
    out = kept / "release"
    command = [CLI, "build", app, "--bundles", "deb", "--out", out]
    run(command, app, ENSCONCE_CACHE=str(kept / "cache"))
    return only(out, "*.deb")


def sidecar(app: Path, kept: Path) -> Path:
    """PyInstaller's one file as a sidecar, in a Tauri program."""
    python = environment(app, kept, sys.executable, "pyinstaller")
    freeze(app, kept, python, PEERS / "serve.py", "--onefile", "--name", "items-server")
    binaries = PEERS / "sidecar" / "binaries"
    binaries.mkdir(exist_ok=True)
    shutil.copy(kept / "dist" / "items-server", binaries / f"items-server-{TRIPLE}")
    tools = kept / "node"
    if not tools.exists():
        tools.mkdir()
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tools, TAURI_CLI], tools)
    target = PEERS / "sidecar" / "target"
    tauri = tools / "node_modules" / ".bin" / "tauri"
    command = [tauri, "build", "--ci", "--bundles", "deb"]
    run([*command, "--", "--locked"], PEERS / "sidecar", CARGO_TARGET_DIR=str(target))
    return only(target / "release" / "bundle" / "deb", "*.deb")


def pywebview(app: Path, kept: Path) -> Path:
    """PyInstaller's folder of a pywebview program, in a Debian package by hand."""
    python = environment(app, kept, DEBIAN_PYTHON, "pyinstaller", "pywebview")
    name = ["--onedir", "--windowed", "--name", "items-pywebview", "--paths", PEERS]
    freeze(app, kept, python, PEERS / "pywebview" / "main.py", *name)
    root = kept / "root"
    shutil.rmtree(root, ignore_errors=True)
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(CONTROL)
    shutil.copytree(kept / "dist" / "items-pywebview", root / "usr/lib/items-pywebview", symlinks=True)
    package = kept / "items-pywebview.deb"
    run(["dpkg-deb", "--root-owner-group", "--build", root, package], kept)
    return package


INSTALLERS = [
    Installer("ensconce", "Ensconce", ensconce, "usr/lib/items/items"),
    Installer(
        "sidecar", "Tauri, PyInstaller sidecar", sidecar, "usr/bin/items-sidecar",
        (PEERS / "sidecar" / "target", PEERS / "sidecar" / "binaries"),
    ),
    Installer(
        "pywebview", "pywebview (GTK), PyInstaller", pywebview, "usr/lib/items-pywebview/items-pywebview"
    ),
]


def forget(installer: Installer) -> None:
    """Removes all that earlier builds have made; what tools have downloaded stays."""
    for folder in (BUILDS / installer.key, *installer.sources):
        shutil.rmtree(folder, ignore_errors=True)


def environment(app: Path, kept: Path, base: str, *tools: str) -> Path:
    """Makes a virtual environment with the app's locked packages and tools; returns its Python."""
    folder = kept / "venv"
    python = folder / "bin" / "python"
    if not folder.exists():
        own = ["--system-site-packages"] if base == DEBIAN_PYTHON else []
        run([base, "-m", "venv", *own, folder], kept)
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "-r", app / "server" / "requirements.txt"], kept)
        run([*pip, "--constraint", PEERS / "requirements.txt", *tools], kept)
    return python


def freeze(app: Path, kept: Path, python: Path, script: Path, *options: str | Path) -> None:
    """Runs PyInstaller, with what it does not find by itself."""
    server = app / "server"
    data = [
        f"{server / 'migrations'}:migrations",
        f"{server / 'alembic.ini'}:.",
        f"{app / 'web' / 'dist'}:web/dist",
    ]
    command = [python, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", "--paths", server]
    command += [f"--add-data={pair}" for pair in data]
    command += ["--collect-submodules", "app", "--collect-submodules", "uvicorn"]
    command += ["--hidden-import", "timed_app", "--hidden-import", "logging.config"]
    command += ["--distpath", kept / "dist", "--workpath", kept / "work", "--specpath", kept]
    # Its own cache would outlive a forgotten build.
    run([*command, *options, script], kept, PYINSTALLER_CONFIG_DIR=str(kept / "pyinstaller"))


def run(command: list, folder: Path, **variables: str) -> None:
    """Runs a tool, and shows what it said if it fails."""
    # The build of an interpreter must not see that of another.
    passed = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=passed | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}")


def only(folder: Path, pattern: str) -> Path:
    """Returns the only file of this name."""
    found = list(folder.glob(pattern))
    if len(found) != 1:
        sys.exit(f"Expected one {pattern} in {folder}, found {len(found)}")
    return found[0]


def unpack(package: Path, folder: Path) -> float:
    """Unpacks a package into an empty folder; returns the size of its files in MB."""
    shutil.rmtree(folder, ignore_errors=True)
    run(["dpkg-deb", "--extract", package, folder], package.parent)
    # A file with several names takes its place once.
    files = {(s.st_dev, s.st_ino): s.st_size for s in map(os.lstat, everything(folder))}
    return sum(files.values()) / 1e6


def everything(folder: Path) -> list[Path]:
    """Returns all files and links below a folder."""
    return [Path(top, name) for top, _, names in os.walk(folder) for name in names]


def require_bindings() -> None:
    """Ends with a hint when Debian's interpreter lacks what pywebview is frozen with."""
    wanted = "import ensurepip, gi; gi.require_version('WebKit2', '4.1')"
    asked = subprocess.run([DEBIAN_PYTHON, "-c", wanted], capture_output=True, text=True, check=False)
    if asked.returncode:
        sys.exit(f"{DEBIAN_PYTHON}: {asked.stderr.strip().splitlines()[-1]}\nhint: Run bench/setup")


def needed() -> list[Path]:
    """What has to be built before."""
    return [CLI, PROGRAMS / "ensconce-shell", PROGRAMS / "libensconce_window.so", PROGRAMS / "ensconce-guard"]
