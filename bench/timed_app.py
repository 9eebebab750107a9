"""The server of the Items example, unchanged, in an envelope that notes when something happened.

uvicorn runs it as `timed_app:app`, wherever the example says `app.main:app`.
"""

import os
import time

HEALTH = "/api/v1/utils/health-check/"
ITEMS = "/api/v1/items/"
LOADED = "/api/v1/bench/loaded"
noted: set[str] = set()


def note(name: str) -> None:
    """Appends `NAME NANOSECONDS` to the file of events; the clock is shared by all processes."""
    if name not in noted:
        noted.add(name)
        with open(os.environ["BENCH_EVENTS"], "a", encoding="ascii") as events:
            events.write(f"{name} {time.monotonic_ns()}\n")


note("server-begins")
from app.main import app as items  # noqa: E402

note("server-imported")


async def app(scope, receive, send):
    """Passes everything on; only the page's message that it is loaded ends here."""
    path = scope.get("path")
    if path == LOADED:
        note("loaded")
        for pair in scope["query_string"].decode().split("&"):
            note(f"page:{pair}")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    if path == ITEMS:
        note("items-asked")
    await items(scope, receive, send)
    if path in (HEALTH, ITEMS):
        note("healthy" if path == HEALTH else "items-answered")
