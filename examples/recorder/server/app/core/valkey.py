"""Names what the processes tell each other through Valkey, and how to reach it.

Valkey carries what is of the moment: levels, the recorder's state, what has just changed. What
must be kept is in the SQLite database, so that nothing is lost while Valkey is away.
"""

from typing import Any

from redis import Redis
from redis import asyncio as redis_asyncio
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.core.config import Settings

# A channel with how loud it is, many times a second; who is not there misses it.
LEVELS = "levels"
# A stream of what has changed; who was away reads on where it stopped.
CHANGES = "changes"
CHANGES_KEPT = 1000
# What the recorder does, and the name of its connection. It has to be renewed, so that a recorder
# that hangs is missed; one that died is missed at once, because its connection is gone.
RECORDER = "recorder"
RECORDER_SECONDS = 3

TIMEOUT_SECONDS = 2.0
# What every way of not reaching Valkey raises.
UNREACHABLE = (RedisError, OSError)


def options(settings: Settings) -> dict[str, Any]:
    """Says where Valkey is. Who asks decides what to do when it is away, so nothing is retried."""
    return {
        "unix_socket_path": str(settings.VALKEY_SOCKET),
        "password": settings.VALKEY_PASSWORD.get_secret_value() or None,
        "decode_responses": True,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "protocol": 2,
    }


def open_valkey(settings: Settings, name: str | None = None) -> Redis:
    """Gives a client; it connects at the first command, under a name that others can see."""
    return Redis(
        **options(settings),
        client_name=name,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), retries=0),
    )


def open_async_valkey(settings: Settings) -> redis_asyncio.Redis:
    """Gives an asynchronous client; it may wait long for the next message."""
    return redis_asyncio.Redis(
        **options(settings), retry=redis_asyncio.retry.Retry(NoBackoff(), retries=0)
    )
