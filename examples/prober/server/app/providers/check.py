"""Tries keys before they are kept: asks each provider for its models, once and shortly."""

import asyncio
from typing import Any

from pydantic import BaseModel

from app.models import ProviderName
from app.providers.clients import open_client
from app.providers.keys import LABELS, Access, NoKeyError, make_access
from app.providers.trouble import TroubleError

TIMEOUT_SECONDS = 10.0
BOTH = "both"


class CheckRequest(BaseModel):
    """What somebody has entered; only what matters is there."""

    values: dict[str, Any]


class CheckAnswer(BaseModel):
    """Whether it works, in words."""

    ok: bool
    message: str


async def check(values: dict[str, Any]) -> CheckAnswer:
    """Really tries what was entered."""
    try:
        accesses = [entered(values, provider) for provider in chosen(values)]
    except NoKeyError as error:
        return CheckAnswer(ok=False, message=str(error))
    tried = await asyncio.gather(*(count_models(access) for access in accesses))
    if refused := [found for found in tried if isinstance(found, TroubleError)]:
        return CheckAnswer(ok=False, message=". ".join(trouble.message for trouble in refused))
    counts = [f"{found} model{'' if found == 1 else 's'}" for found in tried]
    if len(accesses) == 1:
        return CheckAnswer(ok=True, message=f"The key works: {counts[0]}")
    words = ", ".join(
        f"{access.label} has {count}" for access, count in zip(accesses, counts, strict=True)
    )
    return CheckAnswer(ok=True, message=f"Both keys work: {words}")


def chosen(values: dict[str, Any]) -> list[ProviderName]:
    """Reads which providers are meant."""
    provider = text(values, "provider")
    if provider == BOTH:
        return list(ProviderName)
    if provider in [*ProviderName]:
        return [ProviderName(provider)]
    if provider:
        raise NoKeyError("There is no such provider: choose Anthropic or OpenAI")
    named = [each for each in ProviderName if text(values, f"{each}_key")]
    if not named:
        raise NoKeyError("Choose a provider, and enter its key")
    return named


def entered(values: dict[str, Any], provider: ProviderName) -> Access:
    """Takes what was entered for a provider."""
    key = text(values, f"{provider}_key")
    if not key.strip():
        raise NoKeyError(f"Enter the key for {LABELS[provider]}")
    return make_access(provider, key, text(values, f"{provider}_base_url"))


def text(values: dict[str, Any], name: str) -> str:
    """Takes a value that is a text."""
    value = values.get(name)
    return value if isinstance(value, str) else ""


async def count_models(access: Access) -> int | TroubleError:
    """Counts the models that a key may ask, or says why it cannot."""
    client = await open_client(access, TIMEOUT_SECONDS, max_retries=0)
    try:
        return len(await client.models())
    except TroubleError as trouble:
        return trouble
    finally:
        await client.close()
