"""A service that numbers its lines and notes, in a file of its own, the last one that it wrote.

The note is made after the line was given to the operating system, so a log that ends before the
number in the note has lost something. Only what starts fast is imported.
"""

import os
import select
import signal
import socket
import subprocess
import sys
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere"
FLOOD_LINES = 20_000
FLOOD_CHUNK = 100
BOMB_DEPTH = 5
BOMB_HOPS = 200
# Where systemd would pass a socket.
PASSED_SOCKET = 3
wanted: set[str] = set()


class Lines:
    """Writes lines with numbers."""

    def __init__(self, stream: str, notes: str, name: str) -> None:
        self.run = os.urandom(6).hex()
        self.output = 1 if stream == "stdout" else 2
        self.number = 0
        path = f"{notes}/{name}.{self.run}.{os.environ['E2E_LAUNCH']}"
        self.note = os.open(path, os.O_CREAT | os.O_WRONLY)

    def write(self, count: int) -> None:
        """Writes the next lines, and then notes the last of them."""
        numbers = range(self.number + 1, self.number + count + 1)
        text = "".join(f"run {self.run} {number} .\n" for number in numbers).encode()
        while text:
            text = text[os.write(self.output, text) :]
        self.number += count
        os.pwrite(self.note, b"%020d" % self.number, 0)


def main() -> None:
    """Does what the arguments say, `NAME=VALUE` each."""
    arguments = dict(argument.split("=", 1) for argument in sys.argv[1:])
    prepare_signals(arguments["manner"])
    note_former_copies(arguments["notes"], arguments["name"])
    lines = Lines(arguments["stream"], arguments["notes"], arguments["name"])
    lines.write(3)
    for kind in filter(None, arguments["children"].split(",")):
        start_child(arguments["fake"], kind)
    if arguments["lasts"] != "on":
        rest(float(arguments["lasts"]))
        lines.write(3)
        return
    listen(arguments["listen"], arguments["address"])
    tell_ready(arguments["ready"])
    serve(lines, int(arguments["pace"]))
    if arguments["manner"] == "slow":
        rest(0.1)
    lines.write(3)


def note_former_copies(notes: str, name: str) -> None:
    """Notes what is alive of an earlier run of this service; nothing may be."""
    job, _, own_run = os.environ["ENSCONCE_JOB"].rpartition("/")
    prefix = f"ENSCONCE_JOB={job}/".encode()
    # pathlib would take longer to import than all the rest.
    for pid in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208
        for value in environment_of(pid):
            if value.startswith(prefix) and value != prefix + own_run.encode():
                file = os.open(f"{notes}-former", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
                os.write(file, f"{name}: process {pid}, {value.decode()}\n".encode())
                os.close(file)


def environment_of(pid: str) -> list[bytes]:
    """Reads the environment of a process; nothing when it is gone."""
    try:
        file = os.open(f"/proc/{pid}/environ", os.O_RDONLY)
    except OSError:
        return []
    try:
        return os.read(file, 65536).split(b"\0")
    except OSError:
        return []
    finally:
        os.close(file)


def serve(lines: Lines, pace: int) -> None:
    """Writes, and does what signals ask for, until one asks to end."""
    # In bursts, because nothing sleeps for less than a moment.
    burst = max(1, pace // 100)
    while "end" not in wanted:
        lines.write(burst)
        if "flood" in wanted:
            wanted.discard("flood")
            for _ in range(FLOOD_LINES // FLOOD_CHUNK):
                lines.write(FLOOD_CHUNK)
        if "bomb" in wanted:
            wanted.discard("bomb")
            hop(BOMB_HOPS)
            multiply(BOMB_DEPTH)
        rest(burst / pace)


def rest(seconds: float) -> None:
    """Waits; unlike `time.sleep`, also under a faked clock."""
    select.select([], [], [], seconds)


def prepare_signals(manner: str) -> None:
    """Makes signals into wishes, so that no line is cut short by one."""
    for number, wish in ((signal.SIGUSR1, "bomb"), (signal.SIGUSR2, "flood")):
        signal.signal(number, lambda *_, wish=wish: wanted.add(wish))
    asked = (lambda *_: None) if manner == "deaf" else (lambda *_: wanted.add("end"))
    signal.signal(signal.SIGTERM, asked)


def start_child(fake: str, kind: str) -> None:
    """Starts a child that stays."""
    if kind == "background":
        subprocess.Popen(["sh", "-c", '"$0" stay &', fake]).wait()
    else:
        steps = {
            "plain": ["stay"],
            "setsid": ["setsid", "stay"],
            "daemon": ["setsid", "child=plain"],
            "deaf": ["deaf", "stay"],
            "frozen": ["freeze", "stay"],
        }
        subprocess.Popen([fake, *steps[kind]])


def listen(kind: str, address: str) -> None:
    """Answers requests, in threads that end with the process."""
    if kind == "none":
        return
    if kind == "unix":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen(64)
    elif kind == "fd":
        assert os.environ["LISTEN_PID"] == str(os.getpid()), "The socket is not for this process"
        listener = socket.socket(fileno=PASSED_SOCKET)
    else:
        port = int(address) if kind in ("tcp", "fixed") else 0
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
    threading.Thread(target=answer_all, args=(listener,), daemon=True).start()
    if kind == "handshake-file":
        told = os.open(address, os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(told, b'{"port": %d}' % listener.getsockname()[1])
        os.close(told)
    elif kind == "handshake-line":
        os.write(1, b"PORT:%d\n" % listener.getsockname()[1])


def answer_all(listener: socket.socket) -> None:
    """Takes connections."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection: socket.socket) -> None:
    """Answers one request, whatever it is."""
    with connection:
        try:
            if connection.recv(65536):
                connection.sendall(ANSWER)
        except OSError:
            # The other side was killed, which is what all this is about.
            pass


def tell_ready(how: str) -> None:
    """Says that it is ready, in the way that the manifest expects."""
    if how == "log":
        os.write(1, b"up\n")
    elif how == "notify":
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller:
            teller.sendto(b"READY=1\n", os.environ["NOTIFY_SOCKET"])


def hop(generations: int) -> None:
    """Starts a process that becomes another one again and again, and stays at last."""
    if os.fork():
        return
    forget_signals()
    for generation in range(generations):
        if os.fork():
            os._exit(0)
        if generation % 10 == 0:
            os.setsid()
    stay()


def multiply(depth: int) -> None:
    """Starts two processes, which start two processes, and so on, down to a depth."""
    for side in range(2):
        if depth and os.fork() == 0:
            forget_signals()
            if side:
                os.setsid()
            multiply(depth - 1)
            stay()


def forget_signals() -> None:
    """Ends at a signal, as any program does."""
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_DFL)


def stay() -> None:
    """Stays until it is ended."""
    while True:
        signal.pause()


main()
