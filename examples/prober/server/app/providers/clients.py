"""Speaks to the providers through their SDKs.

The SDKs are imported when they are needed for the first time: they take longer to import than all
the rest, and without a key they are not needed at all.
"""

import asyncio
import importlib
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from app.models import ProviderName
from app.providers.keys import Access
from app.providers.trouble import TroubleError, explain, no_api

CLIENTS = {ProviderName.ANTHROPIC: "AsyncAnthropic", ProviderName.OPENAI: "AsyncOpenAI"}
MOST_MODELS = 1000
LONGEST_SILENT_WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Question:
    """What a model is asked."""

    model: str
    prompt: str
    system: str | None
    max_tokens: int


@dataclass(frozen=True)
class Answer:
    """What a model said."""

    text: str
    input_tokens: int | None
    output_tokens: int | None
    # How long the request took that was answered, without those before it.
    seconds: float
    retries: int
    cut_off: bool


class Client:
    """One provider, reached with one key."""

    def __init__(self, sdk: ModuleType, access: Access, timeout: float, max_retries: int) -> None:
        self.sdk = sdk
        self.access = access
        self.timeout = timeout
        self.client = getattr(sdk, CLIENTS[access.provider])(
            api_key=access.key.get_secret_value(),
            base_url=access.base_url,
            timeout=timeout,
            max_retries=max_retries,
            http_client=sdk.DefaultAsyncHttpxClient(event_hooks={"response": [refuse_long_waits]}),
        )

    async def ask(self, question: Question) -> Answer:
        """Asks a model; fails with words for people."""
        anthropic = self.access.provider == ProviderName.ANTHROPIC
        try:
            return await (self.ask_anthropic if anthropic else self.ask_openai)(question)
        except Exception as error:
            raise self.trouble(error) from None

    async def ask_anthropic(self, question: Question) -> Answer:
        """Asks by the Messages API."""
        options = {"system": question.system} if question.system else {}
        raw = await self.client.messages.with_raw_response.create(
            model=question.model,
            max_tokens=question.max_tokens,
            messages=[{"role": "user", "content": question.prompt}],
            **options,
        )
        message = await raw.parse()
        text = "".join(block.text for block in message.content if block.type == "text")
        return Answer(
            text=self.access.scrub(text),
            input_tokens=message.usage.input_tokens,
            output_tokens=message.usage.output_tokens,
            seconds=raw.elapsed.total_seconds(),
            retries=raw.retries_taken,
            cut_off=message.stop_reason == "max_tokens",
        )

    async def ask_openai(self, question: Question) -> Answer:
        """Asks by the Chat Completions API, which many other servers speak as well."""
        messages = [{"role": "user", "content": question.prompt}]
        if question.system:
            messages.insert(0, {"role": "system", "content": question.system})
        raw = await self.client.chat.completions.with_raw_response.create(
            model=question.model,
            messages=messages,
            max_completion_tokens=question.max_tokens,
        )
        completion = raw.parse()
        choice, usage = completion.choices[0], completion.usage
        return Answer(
            text=self.access.scrub(choice.message.content or choice.message.refusal or ""),
            input_tokens=usage.prompt_tokens if usage else None,
            output_tokens=usage.completion_tokens if usage else None,
            seconds=raw.elapsed.total_seconds(),
            retries=raw.retries_taken,
            cut_off=choice.finish_reason == "length",
        )

    async def models(self) -> list[str]:
        """Lists the models that the key may ask."""
        anthropic = self.access.provider == ProviderName.ANTHROPIC
        options = {"limit": MOST_MODELS} if anthropic else {}
        try:
            raw = await self.client.models.with_raw_response.list(**options)
            # Not parsed by the SDK, which takes everything for a list.
            return sorted(str(model["id"]) for model in raw.http_response.json()["data"])
        except Exception as error:
            missing = getattr(error, "status_code", None) == 404
            raise (no_api(self.access) if missing else self.trouble(error)) from None

    def trouble(self, error: Exception) -> TroubleError:
        """Turns anything that went wrong into words; the error itself might hold the key."""
        if isinstance(error, AttributeError | KeyError | IndexError | TypeError | ValueError):
            return no_api(self.access)
        return explain(self.sdk, error, self.access, self.timeout)

    async def close(self) -> None:
        """Closes its connections."""
        await self.client.close()


async def open_client(access: Access, timeout: float, max_retries: int) -> Client:
    """Opens a client; the SDK is imported beside everything else."""
    sdk = await asyncio.to_thread(importlib.import_module, access.provider.value)
    return Client(sdk, access, timeout, max_retries)


async def refuse_long_waits(response: Any) -> None:
    """Keeps the SDK from waiting silently for very long: the user is to be told instead.

    The SDKs wait for as long as `Retry-After` says, be it an hour. By this header of theirs they
    give up at once, and whoever has asked says so, waits and tries again.
    """
    try:
        seconds = float(response.headers.get("retry-after", ""))
    except ValueError:
        return
    if seconds > LONGEST_SILENT_WAIT_SECONDS:
        response.headers["x-should-retry"] = "false"
