"""Items with pywebview: the server in a thread, the window on its address."""

import http.client
import os
import socket
import threading
import time
from pathlib import Path

import webview

from serve import serve

HEALTH = "/api/v1/utils/health-check/"
POLL = 0.1


def main() -> None:
    """Serves, waits, and shows the window until it is closed."""
    data = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share"), "items-pywebview")
    data.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DATA_DIR", str(data))
    port = free_port()
    threading.Thread(target=serve, args=[port], daemon=True).start()
    while not is_healthy(port):
        time.sleep(POLL)
    webview.create_window("Items", f"http://127.0.0.1:{port}/", width=1100, height=750)
    webview.start()


def free_port() -> int:
    """Finds a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_healthy(port: int) -> bool:
    """Asks the health check."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main()
