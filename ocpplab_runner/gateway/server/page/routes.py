"""``/`` and what the page there needs: its files, and its feed."""

from __future__ import annotations

from importlib import resources
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from ocpplab_runner import __version__
from ocpplab_runner.gateway.server.access import Caller
from ocpplab_runner.gateway.server.errors import NotFound
from ocpplab_runner.gateway.server.page.feed import Feeds
from ocpplab_runner.gateway.server.routes.strict import router

routes = router("", "Gateway")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _read() -> dict[str, tuple[bytes, str]]:
    """Name → content and media type of the page's files."""
    found: dict[str, tuple[bytes, str]] = {}
    for file in resources.files(__package__).joinpath("static").iterdir():
        media_type = _TYPES.get(file.name[file.name.rfind(".") :])
        if media_type is not None:
            found[file.name] = (file.read_bytes(), media_type)
    return found


_FILES = _read()
_PAGE = resources.files(__package__).joinpath("static/index.html").read_text("utf-8")


@routes.get("/", summary="Live page", response_class=HTMLResponse, responses={200: {"content": {"text/html": {}}}})
async def live_page() -> HTMLResponse:
    """The fleet in a browser. The page itself holds nothing of anybody; it asks for a token."""
    return HTMLResponse(_PAGE.replace("{{version}}", __version__), headers=_HEADERS)


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
    if name not in _FILES:
        raise NotFound(f"the page has no file {name!r}")
    content, media_type = _FILES[name]
    return Response(content, media_type=media_type, headers=_HEADERS)
