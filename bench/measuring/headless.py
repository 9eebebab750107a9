"""An app under `ensconce run --headless`, and what can be asked of it."""

import http.client
import json
import select
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .places import CLI
from .world import Program

LIMIT = 60
STATUS_PAUSE = 0.02


class Headless:
    """An app that has told its address; `told` is when, by the clock of all processes."""

    def __init__(self, manifest: Path, environment: dict[str, str], data: Path, log: Path) -> None:
        command = [CLI, "run", "--headless", "--data-dir", data, manifest]
        self.program = Program(command, environment, log, stdout=subprocess.PIPE)
        try:
            self.url = self._line()
        except BaseException:
            self.program.end()
            raise
        self.told = time.monotonic_ns()
        if not self.url:
            self.program.end()
            raise RuntimeError(f"Ensconce did not start:\n{log.read_text()}")

    def _line(self) -> str:
        output = self.program.process.stdout
        if not select.select([output], [], [], LIMIT)[0]:
            raise TimeoutError(f"Ensconce told no address in {LIMIT} s")
        return output.readline().decode().strip()

    def get(self, path: str) -> bytes:
        """Goes in by the address that works once, as a browser does, and asks the app for something."""
        url = urlsplit(self.url)
        connection = http.client.HTTPConnection(url.netloc, timeout=LIMIT)
        connection.request("GET", f"{url.path}?{url.query}")
        entered = connection.getresponse()
        entered.read()
        connection.request("GET", path, headers={"Cookie": entered.headers["Set-Cookie"].split(";")[0]})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{path} is answered with {answer.status}")
        return body

    def give_answers(self, pages: list[dict[str, str]]) -> None:
        """Answers all that the app asks its user, page by page, and waits until it is up."""
        (token,) = parse_qs(urlsplit(self.url).fragment)["token"]
        key = self._post("session", {"token": token})["key"]
        asked = self._post("request", {"op": "describe"}, key)["pages"]
        for page, values in zip(asked, pages, strict=True):
            self._post("request", {"op": "save", "page": page["name"], "values": values}, key)
        self._post("request", {"op": "finish"}, key)
        deadline = time.monotonic() + LIMIT
        while self._post("request", {"op": "status"}, key)["phase"] != "ready":
            if time.monotonic() > deadline:
                raise TimeoutError(f"The app is not up {LIMIT} s after its answers")
            time.sleep(STATUS_PAUSE)

    def _post(self, path: str, body: dict, key: str | None = None) -> dict:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=LIMIT)
        connection.request("POST", f"/setup/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        content = json.load(response)
        connection.close()
        if response.status != http.client.OK or content.get("ok") is False:
            raise RuntimeError(f"Refused with {response.status}: {content}")
        return content

    def end(self) -> None:
        """Ends the app and all that it started."""
        self.program.end()
        self.program.process.stdout.close()
