"""The app under test: a task that changes a schema, and a service that writes its database.

Everything that is kept says of which generation it is, and the schema can be told from the rows, so
that a mix shows. Only what starts fast is imported.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sqlite3
import sys
import threading
import time

ROWS = 1000
FILLING = "x" * 700
# A migration in steps that are each committed: what is killed half way leaves half of it.
STEPS = 10
STEP_SECONDS = 0.008
TICK_SECONDS = 0.02
HALF_DONE = 7
TOLD_TO_FAIL = 8


def main() -> None:
    """Does what the first argument says."""
    {"migrate": migrate, "serve": serve}[sys.argv[1]]()


# --- The task -----------------------------------------------------------------------------------


def migrate() -> None:
    """Brings the schema to the version of the app; refuses to go on with half a migration."""
    wanted = int(os.environ["APP_VERSION"].split(".")[0])
    database = opened()
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found == 0:
        create(database)
        found = 1
    if has_table(database, "half_done"):
        note("half", f"version {wanted} was begun on half a migration")
        sys.exit(HALF_DONE)
    if found > wanted:
        note("half", f"version {wanted} was begun on data of version {found}")
        sys.exit(HALF_DONE)
    if found < wanted:
        double_amounts(database)
    if os.path.exists(os.environ["NOTES"] + "/fail"):  # noqa: PTH110
        sys.exit(TOLD_TO_FAIL)


def create(database: sqlite3.Connection) -> None:
    """Makes version 1, of generation 1."""
    rows = ((number, 1, number, FILLING) for number in range(1, ROWS + 1))
    with database:
        database.execute("BEGIN")
        database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, generation, amount, filling)")
        database.execute("CREATE TABLE ticks (number)")
        database.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)
        database.execute("PRAGMA user_version = 1")


def double_amounts(database: sqlite3.Connection) -> None:
    """Makes version 2 of version 1, which cannot be done twice."""
    database.execute("CREATE TABLE half_done (x)")
    for step in range(STEPS):
        database.execute("UPDATE items SET amount = amount * 2 WHERE id % ? = ?", (STEPS, step))
        time.sleep(STEP_SECONDS)
    with database:
        database.execute("BEGIN")
        database.execute("DROP TABLE half_done")
        database.execute("PRAGMA user_version = 2")


# --- The service --------------------------------------------------------------------------------


def serve() -> None:
    """Writes, and answers how the database is, until it is asked to end."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[2])))
    listener.listen(64)
    while not ended.is_set():
        with contextlib.suppress(sqlite3.Error):
            tick()
        if select.select([listener], [], [], TICK_SECONDS)[0]:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                answer(connection)


def tick() -> None:
    """Adds a number, and notes it once it is kept."""
    with contextlib.closing(opened()) as database:
        generation = database.execute("SELECT generation FROM items LIMIT 1").fetchone()[0]
        number = database.execute("SELECT coalesce(max(number), 0) + 1 FROM ticks").fetchone()[0]
        database.execute("INSERT INTO ticks VALUES (?)", (number,))
    note(f"ticks-{generation}", str(number))


def answer(connection: socket.socket) -> None:
    """Answers how the database is, after it was written."""
    connection.recv(65536)
    try:
        tick()
        told, status = {"ok": True, "setting": os.environ.get("COLOUR")}, "200 OK"
    except sqlite3.Error as error:
        told, status = {"ok": False, "error": str(error)}, "507 Insufficient Storage"
    body = json.dumps(told).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode() + body)


# --- Both ---------------------------------------------------------------------------------------


def opened() -> sqlite3.Connection:
    """Opens the database; each statement is committed by itself."""
    database = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
    # What is checked is that nothing is mixed; a machine that loses its power is not tried here.
    database.execute("PRAGMA synchronous = OFF")
    database.execute(f"PRAGMA journal_mode = {os.environ['JOURNAL']}")
    return database


def has_table(database: sqlite3.Connection, name: str) -> bool:
    """Whether there is a table."""
    found = database.execute("SELECT count(*) FROM sqlite_master WHERE name = ?", (name,))
    return bool(found.fetchone()[0])


def note(name: str, text: str) -> None:
    """Writes a note outside of the data, whole or not at all."""
    path = f"{os.environ['NOTES']}/{name}"
    with open(f"{path}.{os.getpid()}", "w") as file:  # noqa: PTH123
        file.write(text)
    os.replace(file.name, path)  # noqa: PTH105


if __name__ == "__main__":
    main()
