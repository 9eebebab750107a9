"""HTTP as bytes, for requests that no proper client would send, and without its comforts."""

import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        """Returns each value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        """Returns the only value of a header."""
        (value,) = self.all(name)
        return value

    def text(self) -> str:
        """Returns the body as text."""
        return self.body.decode()


def request(
    port: int,
    target: str,
    *,
    method: str = "GET",
    headers: dict[str, str],
    body: bytes = b"",
    timeout: float = 15,
) -> Answer:
    """Sends one request on a connection of its own, exactly as given, and reads the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(request_bytes(target, method, headers, body))
        return read_answer(connection)


def request_bytes(target: str, method: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Writes a request."""
    if body:
        headers = {**headers, "Content-Length": str(len(body))}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join([*lines, "", ""]).encode() + body


def read_answer(connection: socket.socket) -> Answer:
    """Reads an answer to its end, of which its length, its chunks or the connection's end tell."""
    reader = connection.makefile("rb")
    status = int(reader.readline().split()[1])
    answer = Answer(status)
    while line := reader.readline().decode().rstrip("\r\n"):
        name, _, value = line.partition(":")
        answer.headers.append((name.strip(), value.strip()))
    if status == 101 or status in (204, 304):
        return answer
    if lengths := answer.all("Content-Length"):
        answer.body = reader.read(int(lengths[0]))
    elif "chunked" in ",".join(answer.all("Transfer-Encoding")):
        answer.body = b"".join(iter(lambda: read_chunk(reader), b""))
    else:
        answer.body = reader.read()
    return answer


def read_chunk(reader) -> bytes:
    """Reads a chunk; the last one is empty."""
    chunk = reader.read(int(reader.readline().split(b";")[0], 16))
    reader.readline()
    return chunk


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def port_of(url: str) -> int:
    """Returns the port of an address."""
    port = urlsplit(url).port
    assert port, url
    return port


class Visitor:
    """A browser's share of HTTP: one origin, and the cookies that it gave."""

    def __init__(self, url: str, timeout: float = 15) -> None:
        self.timeout = timeout
        self.entry = urlsplit(url)
        self.port = port_of(url)
        self.origin = f"http://{self.entry.netloc}"
        self.cookie = ""

    def enter(self) -> Answer:
        """Opens the link that the app printed, and keeps the cookie."""
        answer = self.get(f"{self.entry.path or '/'}?{self.entry.query}")
        for cookie in answer.all("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        """Asks for a path."""
        return self.send("GET", path, headers)

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """Sends a request with the cookie; headers that are given replace the usual ones."""
        usual = {"Host": self.entry.netloc, "Connection": "close"}
        if self.cookie:
            usual["Cookie"] = self.cookie
        headers = {**usual, **headers}
        return request(
            self.port, path, method=method, headers=headers, body=body, timeout=self.timeout
        )
