"""Sends the pages what happens, as it happens."""

import asyncio

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from app.live import Live, Page

router = APIRouter(prefix="/live", tags=["live"])


@router.websocket("/")
async def follow(socket: WebSocket) -> None:
    """Sends messages until the page goes away."""
    live: Live = socket.app.state.live
    await socket.accept()
    with live.page() as messages:
        sending = asyncio.create_task(send_all(socket, messages))
        try:
            # Nothing is expected; waiting for it is how one hears that the page has gone.
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, KeyError):
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def send_all(socket: WebSocket, messages: Page) -> None:
    """Sends one message after the other."""
    while True:
        message = await messages.get()
        await socket.send_text(message.model_dump_json(exclude_none=False))
