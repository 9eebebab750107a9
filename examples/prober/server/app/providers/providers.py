"""Keeps one client for each provider, for as long as key and address stay the same."""

import asyncio
import time

from app.core.config import Settings
from app.models import ProviderName
from app.providers.clients import Answer, Client, Question, open_client
from app.providers.keys import Access, NoKeyError, access
from app.providers.trouble import KEY, TIMEOUT, TroubleError

MODELS_LAST_SECONDS = 300.0
MODELS_TIMEOUT_SECONDS = 15.0


class Providers:
    """Everybody who can be asked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clients: dict[Access, Client] = {}
        self.opening = asyncio.Lock()
        # The models of each key, and until when they are believed.
        self.listed: dict[Access, tuple[float, list[str]]] = {}

    def access(self, provider: ProviderName) -> Access:
        """Finds key and address; fails with words for people."""
        return access(self.settings, provider)

    async def ask(self, provider: ProviderName, question: Question) -> Answer:
        """Asks a model; fails with [`TroubleError`]."""
        return await (await self.client(provider)).ask(question)

    async def models(self, provider: ProviderName) -> list[str]:
        """Lists the models of a provider, as it says itself."""
        client = await self.client(provider)
        until, models = self.listed.get(client.access, (0.0, []))
        if until < time.monotonic():
            models = await within(MODELS_TIMEOUT_SECONDS, client)
            self.listed[client.access] = (time.monotonic() + MODELS_LAST_SECONDS, models)
        return models

    async def client(self, provider: ProviderName) -> Client:
        """Gives the client of a provider; makes it when there is none for this key."""
        try:
            wanted = self.access(provider)
        except NoKeyError as error:
            raise TroubleError(KEY, str(error)) from None
        async with self.opening:
            if wanted not in self.clients:
                self.clients[wanted] = await open_client(
                    wanted, self.settings.REQUEST_TIMEOUT_SECONDS, self.settings.MAX_RETRIES
                )
        return self.clients[wanted]

    async def close(self) -> None:
        """Closes all connections."""
        for client in self.clients.values():
            await client.close()


async def within(seconds: float, client: Client) -> list[str]:
    """Asks for the models, for the page is waiting for them."""
    try:
        async with asyncio.timeout(seconds):
            return await client.models()
    except TimeoutError:
        message = f"{client.access.label} did not answer within {seconds:g} seconds"
        raise TroubleError(TIMEOUT, message) from None
