"""Asks a running app by its control port, without the time that a command would take to start."""

import contextlib
import json
from pathlib import Path

from harness.raw import Answer, request
from harness.waiting import eventually

LIMIT = 20
ANNOUNCED = 5


class Control:
    """The control port of the app that has a data folder."""

    def __init__(self, data: Path) -> None:
        self.announcement = data / ".ensconce/running.json"

    def send(self, method: str, path: str, body: object = None) -> Answer:
        """Sends a request as the owner; an app that has just been started is announced soon."""
        with contextlib.suppress(AssertionError):
            eventually(self.announcement.exists, "the app is announced", within=ANNOUNCED)
        access = json.loads(self.announcement.read_text())["control"]
        if access is None:
            # A command that was killed has left this; it could not be asked.
            raise ConnectionRefusedError
        host, _, port = access["address"].rpartition(":")
        headers = {"Host": f"{host}:{port}", "Authorization": f"Bearer {access['token']}"}
        text = json.dumps(body).encode() if body is not None else b""
        return request(int(port), path, method=method, headers=headers, body=text, timeout=LIMIT)

    def restart(self, name: str) -> int:
        """Restarts a part of the app; returns the status of the answer."""
        return self.send("POST", f"/services/{name}/restart").status

    def save(self, colour: str) -> bool:
        """Saves the app's setting; whether that was acknowledged."""
        asked = {"op": "save", "page": "0", "values": {"colour": colour}}
        answer = self.send("POST", "/request", asked)
        return answer.status == 200 and json.loads(answer.body)["ok"]

    def colour(self) -> str:
        """Asks for the app's setting."""
        return json.loads(self.send("GET", "/answers").body)["answers"]["colour"]
