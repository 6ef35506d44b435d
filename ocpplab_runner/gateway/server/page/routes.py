"""``/`` and what the page there needs: its files, and its feed."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

from ocpplab_runner import __version__
from ocpplab_runner.gateway.server.access import Caller
from ocpplab_runner.gateway.server.errors import BadRequest, NotBuilt, NotFound
from ocpplab_runner.gateway.server.page.feed import Feeds
from ocpplab_runner.web.pages import PageFiles
from ocpplab_runner.web.recordings import Rewrite, recording_of
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
    greeting["rewrites"] = request.state.rewrite is not None
    feeds.require_room(organization)
    stream = feeds.stream(organization, greeting)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@routes.get("/page/scenario/{charger_id}", include_in_schema=False)
async def scenario(request: Request, charger_id: str, organization: Caller) -> PlainTextResponse:
    """A scenario of what a charger's log shows; for the page."""
    rewrite: Rewrite | None = request.state.rewrite
    deployment = organization.chargers.get(charger_id)
    if deployment is None:
        raise NotFound(f"there is no charger {charger_id!r}")
    if rewrite is None:
        raise NotBuilt("this Gateway writes no scenarios: `ocpplab-runner gateway` does")
    record, log = deployment.record, deployment.log
    frames = ((row.at, row.direction == "cp_to_csms", row.message) for row in reversed(log.latest(len(log))))
    try:
        text = await rewrite(recording_of(record.identity, record.version, frames), record.identity)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    return PlainTextResponse(text, media_type="application/yaml", headers={"Cache-Control": "no-store"})


@routes.get("/page/{name}", include_in_schema=False)
async def file(name: str) -> Response:
    """A script, the style sheet or an image of the page."""
    found = _FILES.file(name)
    if found is None:
        raise NotFound(f"the page has no file {name!r}")
    return found
