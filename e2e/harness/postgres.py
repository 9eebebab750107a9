"""A real PostgreSQL for one test, which does not run as root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .waiting import eventually
from .webdriver import ATTEMPTS, free_ports

DEBIAN = Path("/usr/lib/postgresql")
PASSWORD = "p@ss/w:rd 100%"
# As it stands in an address.
ENCODED = "p%40ss%2Fw%3Ard%20100%25"
SETTINGS = "listen_addresses='127.0.0.1' fsync=off shared_buffers=1MB max_connections=8"
ACCESS = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


class Postgres:
    """A cluster with a database `app` whose schema has the version `0007`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0

    def url(self, password: str = ENCODED, port: int | None = None) -> str:
        """The address of the database."""
        return f"postgresql://owner:{password}@127.0.0.1:{port or self.port}/app?sslmode=disable"

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one of its programs as its user."""
        return subprocess.run(
            [tool(program), *arguments],
            **as_other(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def sql(self, line: str, database: str = "app") -> subprocess.CompletedProcess[str]:
        """Runs a statement."""
        there = ["-h", str(self.folder), "-p", str(self.port), "-U", "owner", "-d", database]
        return self.run("psql", *there, "-qXwv", "ON_ERROR_STOP=1", "-c", line)


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Starts a server, and ends it."""
    folder.mkdir()
    secret = folder / "password"
    secret.write_text(PASSWORD)
    user = as_other().get("user")
    if user:
        for path in (folder, secret):
            shutil.chown(path, user)
    cluster = Postgres(folder)
    data = folder / "data"
    made = cluster.run(
        "initdb", "-D", str(data), "-U", "owner", "-E", "UTF8", "--locale=C", "--no-sync",
        f"--pwfile={secret}", "--auth=scram-sha-256",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (data / "pg_hba.conf").write_text(ACCESS)
    server = start(cluster, data)
    try:
        made = cluster.sql("CREATE TABLE alembic_version AS SELECT '0007' AS version_num")
        assert made.returncode == 0, made.stderr
        yield cluster
    finally:
        server.send_signal(2)
        server.wait(timeout=30)


def start(cluster: Postgres, data: Path) -> subprocess.Popen:
    """Starts the server; another try with another port when somebody took it meanwhile."""
    options = [part for pair in SETTINGS.split() for part in ("-c", pair.replace("'", ""))]
    for _ in range(ATTEMPTS):
        (cluster.port,) = free_ports(1)
        with (cluster.folder / "log").open("ab") as log:
            server = subprocess.Popen(
                [
                    tool("postgres"),
                    "-D",
                    data,
                    "-k",
                    cluster.folder,
                    "-p",
                    str(cluster.port),
                    *options,
                ],
                **as_other(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(
            lambda server=server: (
                server.poll() is not None
                or cluster.sql("CREATE DATABASE app", "postgres").returncode == 0
            ),
            "PostgreSQL answers",
            within=60,
        )
        if server.poll() is None:
            return server
    raise AssertionError(f"PostgreSQL did not start; see {cluster.folder / 'log'}")


def tool(name: str) -> str:
    """Finds a program of PostgreSQL; Debian keeps them off the path."""
    found = sorted(DEBIAN.glob(f"*/bin/{name}"))
    return str(found[-1]) if found else name


def as_other() -> dict:
    """What makes a program another user's: PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    postgres = pwd.getpwnam("postgres")
    return {"user": postgres.pw_uid, "group": postgres.pw_gid, "extra_groups": [], "cwd": "/"}
