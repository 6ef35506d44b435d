"""``/`` and what the page there needs: its files, and its feed.

Operations of the page use the documented routes with the user's own token; the feed is all that is the page's own.
"""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

from ocpplab_runner import __version__
from ocpplab_runner.tools.csms.api.access import Program
from ocpplab_runner.tools.csms.api.errors import Refusal
from ocpplab_runner.tools.csms.api.feed import Feeds
from ocpplab_runner.web.pages import PageFiles
from ocpplab_runner.web.recordings import Rewrite
from ocpplab_runner.web.strict import router

routes = router("", "CSMS")
_FILES = PageFiles(__package__, "ocpplab_runner.gateway.server.page")


@routes.get("/", summary="Live page", response_class=HTMLResponse, responses={200: {"content": {"text/html": {}}}})
async def live_page() -> HTMLResponse:
    """Stations, messages and operations in a browser. The page itself holds nothing; it asks for the token."""
    return _FILES.page(__version__)


@routes.get("/page/feed", include_in_schema=False)
async def feed(request: Request, program: Program) -> StreamingResponse:
    """What happens, as Server-Sent Events; for the page, and free to change with it."""
    feeds: Feeds = request.state.feeds
    feeds.require_room()
    greeting = {"version": __version__, "url": program.url, "rewrites": request.state.rewrite is not None}
    stream = feeds.stream(greeting)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@routes.get("/page/scenario/{identity}", include_in_schema=False)
async def scenario(request: Request, identity: str, program: Program) -> PlainTextResponse:
    """A scenario of what a station's latest messages show; for the page."""
    rewrite: Rewrite | None = request.state.rewrite
    if identity not in program.csms.stations:
        raise Refusal(404, f"there is no station {identity!r}")
    if rewrite is None:
        raise Refusal(501, "this CSMS writes no scenarios: `ocpplab-runner csms` does")
    try:
        text = await rewrite(program.recording(identity), identity)
    except ValueError as error:
        raise Refusal(400, str(error)) from error
    return PlainTextResponse(text, media_type="application/yaml", headers={"Cache-Control": "no-store"})


@routes.get("/page/{name}", include_in_schema=False)
async def file(name: str) -> Response:
    """A script, the style sheet or an image of the page."""
    found = _FILES.file(name)
    if found is None:
        raise Refusal(404, f"the page has no file {name!r}")
    return found
