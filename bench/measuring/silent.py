"""Opens connections and says nothing: `silent.py PORT COUNT [--again]`.

Says `open` when all are open, and holds them. With `--again`, it opens another one for each that is
closed by the other side, as fast as it can.
"""

import contextlib
import resource
import select
import socket
import sys


def hold(port: int, count: int, again: bool) -> None:
    """Opens connections, and holds them for as long as this process lives."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ready = select.epoll()
    held = {}

    def open_one() -> None:
        connection = socket.create_connection(("127.0.0.1", port))
        held[connection.fileno()] = connection
        ready.register(connection, select.EPOLLIN | select.EPOLLRDHUP)

    for _ in range(count):
        open_one()
    print("open", flush=True)
    while True:
        for number, _ in ready.poll():
            ready.unregister(number)
            closed = held.pop(number)
            if again:
                closed.close()
                # The app may have a full queue; there is always a next time.
                with contextlib.suppress(OSError):
                    open_one()
            else:
                held[-number] = closed


if __name__ == "__main__":
    hold(int(sys.argv[1]), int(sys.argv[2]), "--again" in sys.argv)
