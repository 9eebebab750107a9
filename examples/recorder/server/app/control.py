"""Asks Ensconce how the app's processes are, and to restart one."""

from dataclasses import dataclass
from typing import Any

import httpx

from app.core.config import Settings

TIMEOUT_SECONDS = 5.0
UNREACHABLE = "Ensconce does not answer"


class ControlError(Exception):
    """Ensconce refused, or could not be asked; the message is for people."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(f"{message}. {hint}" if hint else message)


@dataclass(frozen=True)
class Job:
    """A service or task, in Ensconce's own words."""

    name: str
    state: str
    optional: bool


class Control:
    """What Ensconce lets the app do with itself."""

    def __init__(self, url: str, token: str, transport: Any = None) -> None:
        self.client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
            # Settings of the machine for the internet are not meant for this.
            trust_env=False,
            transport=transport,
        )

    async def jobs(self) -> list[Job]:
        """Returns the state of every service and task, in the order of their start."""
        status = await self.ask("GET", "/status")
        try:
            return [
                Job(str(job["name"]), str(job["state"]), bool(job["optional"]))
                for job in status["jobs"]
            ]
        except (KeyError, TypeError) as error:
            raise ControlError(UNREACHABLE) from error

    async def restart(self, service: str) -> None:
        """Ends a service and starts it anew."""
        await self.ask("POST", f"/services/{service}/restart")

    async def ask(self, method: str, path: str) -> dict[str, Any]:
        """Sends a request; gives the answer, or says what Ensconce has against it."""
        try:
            response = await self.client.request(method, path)
            answer = response.json() if response.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise ControlError(UNREACHABLE) from error
        if not isinstance(answer, dict):
            raise ControlError(UNREACHABLE)
        if response.is_error:
            raise ControlError(str(answer.get("error", UNREACHABLE)), answer.get("hint"))
        return answer

    async def close(self) -> None:
        """Closes the connection."""
        await self.client.aclose()


def open_control(settings: Settings) -> Control | None:
    """Gives the way to Ensconce; none when the app runs without it."""
    token = settings.CONTROL_TOKEN.get_secret_value()
    return Control(settings.CONTROL_URL, token) if settings.CONTROL_URL and token else None
