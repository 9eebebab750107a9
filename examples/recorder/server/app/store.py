"""Starts Valkey, or Redis where there is none: `python -m app.store SOCKET FOLDER`.

The server becomes this very process. Its settings go in through its standard input, because
other programs could read a password among its arguments; no file of the machine's own Valkey
is read, and no TCP port is opened.
"""

import os
import shutil
import sys
from pathlib import Path

PROGRAMS = ("valkey-server", "redis-server")
PASSWORD_VARIABLE = "VALKEY_PASSWORD"  # noqa: S105
OWNER_ONLY = 0o700


def main(arguments: list[str]) -> int:
    """Becomes the server; returns only when that is not possible."""
    if len(arguments) != 2:
        print("usage: python -m app.store SOCKET FOLDER", file=sys.stderr)
        return 2
    program = find_program()
    if not program:
        print(f"error: None of these is installed: {', '.join(PROGRAMS)}", file=sys.stderr)
        return 1
    socket, folder = (Path(argument).resolve() for argument in arguments)
    folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    text = configuration(socket, folder, os.environ.get(PASSWORD_VARIABLE, ""))
    become(program, text)
    return 1


def find_program() -> str | None:
    """Finds the first of the servers that is installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def configuration(socket: Path, folder: Path, password: str) -> str:
    """Writes the server's settings."""
    lines = [
        "port 0",
        f"unixsocket {quoted(str(socket))}",
        "unixsocketperm 600",
        f"dir {quoted(str(folder))}",
        "appendonly yes",
        # A snapshot at the end would only repeat what is in the log.
        'save ""',
        "daemonize no",
        # A title would be written over the environment, by which Ensconce finds its processes.
        "set-proc-title no",
        "always-show-logo no",
    ]
    if password:
        lines.append(f"requirepass {quoted(password)}")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Writes a text as one word of the settings."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def become(program: str, text: str) -> None:
    """Turns this process into the server, with the settings on its standard input."""
    read_end, write_end = os.pipe()
    # The settings fit into the pipe, so this does not wait for a reader.
    os.write(write_end, text.encode())
    os.close(write_end)
    os.dup2(read_end, sys.stdin.fileno())
    os.close(read_end)
    os.execv(program, [program, "-"])  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
