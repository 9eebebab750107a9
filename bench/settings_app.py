"""A small server on a Unix socket: `settings_app.py SOCKET`.

Whatever it is asked, it tells how many variables `BENCH_…` it was given, and when it began.
"""

import time

BEGUN = time.monotonic_ns()
import json  # noqa: E402
import os  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402

given = sum(bool(value) for name, value in os.environ.items() if name.startswith("BENCH_"))
body = json.dumps({"begun": BEGUN, "variables": given})
ANSWER = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


def serve(connection: socket.socket) -> None:
    """Answers one request."""
    with connection:
        # Whoever only looks whether somebody listens asks nothing.
        if connection.recv(65536):
            connection.sendall(ANSWER)


listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
while True:
    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()
