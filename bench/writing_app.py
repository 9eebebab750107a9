"""Writes into a database without end: `writing_app.py DATABASE SOCKET SYNCHRONOUS`.

A transaction every 5 ms adds three rows and changes one somewhere. Whoever connects to the socket
gets, as JSON, the transactions since the last one who did: when each began, how many nanoseconds it
took, and whether it failed; and the last row that is kept for sure.
"""

import collections
import json
import os
import random
import socket
import sqlite3
import sys
import threading
import time

PERIOD = 5_000_000
CONTENT = 1000

noted: collections.deque[tuple[int, int, bool]] = collections.deque()
last = 0


def tell(listener: socket.socket) -> None:
    """Reports whoever asks."""
    while True:
        with listener.accept()[0] as connection:
            # What is added meanwhile is for the next one.
            transactions = [noted.popleft() for _ in range(len(noted))]
            connection.sendall(json.dumps({"last": last, "transactions": transactions}).encode())


def transact(database: sqlite3.Connection, rows: int) -> int:
    """Does one transaction; returns the last row that it has added."""
    database.execute("BEGIN IMMEDIATE")
    insert = "INSERT INTO rows (word, content) VALUES (?, ?)"
    for _ in range(3):
        added = database.execute(insert, (os.urandom(8).hex(), os.urandom(CONTENT))).lastrowid
    change = "UPDATE rows SET content = ? WHERE id = ?"
    database.execute(change, (os.urandom(CONTENT), random.randint(1, rows)))
    database.execute("COMMIT")
    return added


def main() -> None:
    """Writes."""
    global last
    # As the module has it, a lock is waited for for five seconds.
    database = sqlite3.connect(sys.argv[1], isolation_level=None)
    database.execute(f"PRAGMA synchronous = {sys.argv[3]}")
    (rows,) = database.execute("SELECT max(id) FROM rows").fetchone()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[2])
    listener.listen()
    threading.Thread(target=tell, args=[listener], daemon=True).start()
    print("writing", flush=True)
    due = time.monotonic_ns()
    while True:
        time.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        begun = time.monotonic_ns()
        try:
            last = transact(database, rows)
            failed = False
        except sqlite3.OperationalError:
            failed = True
            if database.in_transaction:
                database.execute("ROLLBACK")
        ended = time.monotonic_ns()
        noted.append((begun, ended - begun, failed))
        # One that was held up is not made up for.
        due = max(due + PERIOD, ended)


if __name__ == "__main__":
    main()
