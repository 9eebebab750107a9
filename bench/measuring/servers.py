"""What the gateway is measured with: one back end, and nginx and Ensconce before it."""

import http.client
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .places import CLI, program
from .world import Program, World, home

JSON = '{"id": 1, "title": "Buy milk", "done": false}'
FILE_SIZE = 1 << 20
LIMIT = 30

COMMON = """
daemon off;
{user}
pid {folder}/{name}.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    types {{ application/octet-stream bin; }}
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/{name}-body;
    proxy_temp_path {folder}/{name}-proxy;
    fastcgi_temp_path {folder}/{name}-fastcgi;
    uwsgi_temp_path {folder}/{name}-uwsgi;
    scgi_temp_path {folder}/{name}-scgi;
"""

BACK_END = """
worker_processes 1;
{common}
    server {{
        listen 127.0.0.1:{port};
        location = /api/item {{ default_type application/json; return 200 '{json}'; }}
        location /api/ {{ alias {folder}/site/; }}
        location / {{ root {folder}/site; }}
    }}
}}
"""

FRONT = """
worker_processes {workers};
{common}
    upstream back {{ server 127.0.0.1:{back}; keepalive 128; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {folder}/site; }}
        location /api/ {{
            proxy_pass http://back;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
}}
"""

MANIFEST = """
[app]
id = "dev.ensconce.bench-gateway"
name = "Gateway"
version = "1.0.0"

[ui]
static = "site"

[[route]]
path = "/api"
service = "back"

[service.back]
command = ["{nginx}", "-c", "{folder}/back.conf", "-p", "{folder}", "-e", "stderr"]
port = {port}
ready = {{ http = "/api/item" }}
"""


@dataclass
class Peer:
    """A server that can be asked."""

    name: str
    address: str
    cookie: str | None = None

    def get(self, path: str) -> tuple[int, bytes]:
        """Asks once."""
        connection = http.client.HTTPConnection(self.address, timeout=LIMIT)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


class Servers:
    """The three servers, running. Ensconce starts the back end, which all three share."""

    def __init__(self, world: World, workers: int) -> None:
        self.folder = world.folder
        site = self.folder / "site"
        site.mkdir()
        (site / "index.html").write_text("<p>Hello")
        # Nothing that can be compressed, so that everybody sends the same bytes.
        (site / "file.bin").write_bytes(bytes((i * 7919 >> 3) & 255 for i in range(FILE_SIZE)))
        back, front = free_port(), free_port()
        self._write("back", BACK_END, port=back, json=JSON)
        self._write("front", FRONT, port=front, back=back, workers=workers)
        manifest = self.folder / "ensconce.toml"
        text = MANIFEST.format(nginx=program("nginx"), folder=self.folder, port=back)
        manifest.write_text(text)
        self.environment = world.environment | home(self.folder / "home")
        self.running: list[Program] = []
        try:
            cookie, own = self._start_ensconce(manifest)
            self._start_nginx(front)
        except BaseException:
            self.close()
            raise
        self.peers = [
            Peer("direct", f"127.0.0.1:{back}"),
            Peer("nginx", f"127.0.0.1:{front}"),
            Peer("Ensconce", own, cookie),
        ]

    def _write(self, name: str, template: str, **values: object) -> None:
        # Otherwise nginx's workers may not read what root has made.
        user = "user root;" if os.getuid() == 0 else ""
        common = COMMON.format(folder=self.folder, name=name, user=user)
        text = template.format(common=common, folder=self.folder, **values)
        (self.folder / f"{name}.conf").write_text(text)

    def _start_ensconce(self, manifest: Path) -> tuple[str, str]:
        """Starts it headless, and goes in by its entry link; returns the cookie and the address."""
        command = [CLI, "run", "--headless", "--data-dir", self.folder / "data", manifest]
        log = self.folder / "ensconce.log"
        started = Program(command, self.environment, log, stdout=subprocess.PIPE)
        self.running.append(started)
        line = started.process.stdout.readline().decode().strip()
        if not line:
            raise RuntimeError(f"Ensconce did not start:\n{log.read_text()}")
        url = urlsplit(line)
        connection = http.client.HTTPConnection(url.netloc, timeout=LIMIT)
        connection.request("GET", f"{url.path}?{url.query}")
        cookie = connection.getresponse().headers["Set-Cookie"].split(";")[0]
        return cookie, url.netloc

    def _start_nginx(self, port: int) -> None:
        command = [program("nginx"), "-c", self.folder / "front.conf", "-p", self.folder, "-e", "stderr"]
        self.running.append(Program(command, self.environment, self.folder / "nginx.log"))
        wait_for_port(port)

    def close(self) -> None:
        """Ends all of them."""
        for started in reversed(self.running):
            started.end()


def free_port() -> int:
    """Finds a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port: int) -> None:
    """Waits until somebody listens."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=LIMIT).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
