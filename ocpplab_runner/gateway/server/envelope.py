"""What surrounds every request: whose Gateway it is for, the date of the answer, and how large a body may be."""

from __future__ import annotations

from email.utils import format_datetime

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.access import Tokens
from ocpplab_runner.gateway.server.fleet import Fleet
from ocpplab_runner.gateway.server.page.feed import Feeds

#: Bytes of a request's body. A bulk job of thousands of named chargers, or their cards, stays far below.
_LARGEST_BODY = 16 * 1024 * 1024


class Envelope:
    """An ASGI application for one fleet; the routes inside are made once and serve every Gateway of the process.

    Args:
        app: the routes.
        fleet: made on the event loop that serves; opening and closing it is the caller's.
    """

    def __init__(self, app: FastAPI, fleet: Fleet) -> None:
        self._app = app
        self._feeds = Feeds(fleet)
        self._state = {"fleet": fleet, "tokens": Tokens(fleet.settings), "feeds": self._feeds}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        scope["state"] = {**scope.get("state", {}), **self._state}
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > _LARGEST_BODY:
                reason = f"the body of the request is larger than {_LARGEST_BODY >> 20} MiB"
                raise HTTPException(413, reason, headers={"Connection": "close"})
            return message

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Of the event loop's clock, which may be virtual.
                date = format_datetime(clock.utcnow(), usegmt=True)
                message["headers"] = [(b"date", date.encode()), *message.get("headers", ())]
            await send(message)

        await self._app(scope, bounded, dated)

    def close(self) -> None:
        """End what would never end by itself: the feeds of open pages."""
        self._feeds.close()
