"""``/`` and what the page there needs: its files, and its feed."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from ocpplab_runner import __version__
from ocpplab_runner.gateway.server.access import Caller
from ocpplab_runner.gateway.server.errors import NotFound
from ocpplab_runner.gateway.server.page.feed import Feeds
from ocpplab_runner.web.pages import PageFiles
from ocpplab_runner.web.strict import router

routes = router("", "Gateway")
_FILES = PageFiles(__package__)


@routes.get("/", summary="Live page", response_class=HTMLResponse, responses={200: {"content": {"text/html": {}}}})
async def live_page() -> HTMLResponse:
    """The fleet in a browser. The page itself holds nothing of anybody; it asks for a token."""
    return _FILES.page(__version__)


@routes.get("/page/feed", include_in_schema=False)
async def feed(request: Request, organization: Caller) -> StreamingResponse:
    """What happens in the caller's organization, as Server-Sent Events; for the page, and free to change with it."""
    feeds: Feeds = request.state.feeds
    greeting: dict[str, Any] = {"organization": organization.name, "version": __version__}
    feeds.require_room(organization)
    stream = feeds.stream(organization, greeting)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@routes.get("/page/{name}", include_in_schema=False)
async def file(name: str) -> Response:
    """A script, the style sheet or an image of the page."""
    found = _FILES.file(name)
    if found is None:
        raise NotFound(f"the page has no file {name!r}")
    return found
