"""What surrounds every request: whom it is for, the date of the answer, how large and slow a body may be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from email.utils import format_datetime
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from ocpplab_runner import clock

#: Bytes of a request's body. A bulk job of thousands of named chargers, or their cards, stays far below.
_LARGEST_BODY = 16 * 1024 * 1024
#: Seconds in which a request's body must have come.
_BODY_PATIENCE = 30.0
#: What a browser may call a server that listens on this machine only: another name has been made to lead here.
_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Envelope:
    """An ASGI application for what one server serves; the routes inside are made once and serve every one of a process.

    Args:
        app: the routes.
        state: what the routes find in ``request.state``.
        name: what the server is called, for people.
        local: it can be reached from its own machine only, and under the names that this has for itself.
    """

    def __init__(self, app: FastAPI, state: Mapping[str, Any], *, name: str, local: bool = False) -> None:
        self._app = app
        self._local = local
        self._name = name
        self._state = dict(state)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        scope["state"] = {**scope.get("state", {}), **self._state}
        if self._local and not _is_own(scope):
            reason = f"this {self._name} is for its own machine: call it by 127.0.0.1, localhost or [::1]"
            await JSONResponse({"detail": reason}, 400, {"Connection": "close"})(scope, receive, send)
            return
        taken, complete = 0, False
        due = clock.now() + _BODY_PATIENCE

        async def bounded() -> Message:
            nonlocal taken, complete
            try:
                # After the body it is the other side's leaving that is waited for, and that has no limit.
                async with asyncio.timeout_at(None if complete else due):
                    message = await receive()
            except TimeoutError:
                reason = f"the body of the request did not come within {_BODY_PATIENCE:g} s"
                raise HTTPException(408, reason, headers={"Connection": "close"}) from None
            complete = not message.get("more_body", False)
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


def _is_own(scope: Scope) -> bool:
    host = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"").decode("latin-1").lower()
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host) in _OWN_NAMES
