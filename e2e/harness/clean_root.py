"""A clean Debian machine for each test: no compiler, no interpreter, ordinary users."""

import hashlib
import subprocess
from pathlib import Path

from .processes import Process, everyone, listening_ports

ENTER = Path(__file__).with_name("enter-root")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER_PATH = "/usr/local/bin:/usr/bin:/bin"


class CleanRoot:
    """A root folder with namespaces of its own. Nothing that runs in it outlives [`close`]."""

    def __init__(self, base: Path, folder: Path) -> None:
        command = ["unshare", "--mount", "--pid", "--fork", "--propagation", "private"]
        self.outer = subprocess.Popen(
            [*command, str(ENTER), str(base), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.outer.stdout
        assert self.outer.stdout.readline() == "ready\n", "The root could not be entered"
        children = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text()
        self.init = int(children)
        self.namespace = namespace(self.init)

    def entering(self, user: str = "root") -> list[str]:
        """Returns what comes before a command, so that a user runs it inside."""
        enter = ["nsenter", "--target", str(self.init), "--mount", "--pid", "--root", "--wd"]
        if user == "root":
            return enter
        return [*enter, "setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]

    def environment(self, user: str = "root") -> dict[str, str]:
        """Returns a user's environment, in which nothing comes from this machine."""
        home = "/root" if user == "root" else f"/home/{user}"
        return {
            "PATH": SYSTEM_PATH if user == "root" else USER_PATH,
            "HOME": home,
            "USER": user,
            "LOGNAME": user,
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "DEBIAN_FRONTEND": "noninteractive",
            "XDG_RUNTIME_DIR": f"/run/user/{self.uid(user)}",
        }

    def uid(self, user: str) -> int:
        """Returns a user's number."""
        for line in self.path("/etc/passwd").read_text().splitlines():
            name, _, number, *_ = line.split(":")
            if name == user:
                return int(number)
        raise KeyError(user)

    def run(self, *command: str, user: str = "root") -> subprocess.CompletedProcess[str]:
        """Runs a command inside to its end, whatever that is."""
        return subprocess.run(
            [*self.entering(user), *command],
            env=self.environment(user),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def must(self, *command: str, user: str = "root") -> str:
        """Runs a command inside that has to succeed, and returns what it printed."""
        done = self.run(*command, user=user)
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def path(self, inside: str | Path) -> Path:
        """Returns a path of the root as the tests reach it; a link in it leads out of the root."""
        return Path(f"/proc/{self.init}/root") / str(inside).lstrip("/")

    def processes(self) -> list[Process]:
        """Returns all living processes inside."""
        return [process for process in everyone() if namespace(process.pid) == self.namespace]

    def ports(self) -> set[int]:
        """Returns the TCP ports on which somebody inside listens."""
        return set().union(*(listening_ports(process.pid) for process in self.processes()))

    def fingerprint(self, inside: str) -> dict[str, tuple[int, str]]:
        """Returns each file's and folder's mode and contents."""
        top = self.path(inside)
        assert top.is_dir(), inside
        return {str(path.relative_to(top)): fingerprint(path) for path in sorted(top.rglob("*"))}

    def close(self) -> None:
        """Ends everything inside."""
        assert self.outer.stdin
        self.outer.stdin.close()
        self.outer.wait(timeout=20)


def namespace(pid: int) -> str:
    """Tells one set of processes from another; nothing when the process is gone."""
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return ""


def fingerprint(path: Path) -> tuple[int, str]:
    """Returns a file's mode, and a hash of what it holds or where it leads."""
    if path.is_symlink():
        held = str(path.readlink()).encode()
    else:
        held = path.read_bytes() if path.is_file() else b""
    return path.lstat().st_mode, hashlib.sha256(held).hexdigest()
