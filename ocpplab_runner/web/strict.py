"""Routes that read JSON as RFC 8259 has it: no NaN, no half of a surrogate pair."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute


class _StrictRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json: Any = orjson.loads(await self.body())
        return self._json


class _StrictRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(_StrictRequest(request.scope, request.receive))

        return strict


def router(prefix: str, tag: str) -> APIRouter:
    """A router for routes of one resource.

    Args:
        prefix: of their paths.
        tag: their heading in the documentation.
    """
    return APIRouter(prefix=prefix, tags=[tag], route_class=_StrictRoute)
