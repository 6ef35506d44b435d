"""The page of recordings, served, and made anew while they grow: a run that goes on is watched so."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from ocpplab_runner.reports.html.report import HtmlReport
from ocpplab_runner.reports.merge import read_all
from ocpplab_runner.reports.rebuild import replay
from ocpplab_runner.reports.unjudged import with_cases
from ocpplab_runner.web.envelope import Envelope
from ocpplab_runner.web.event_stream import EventStreams
from ocpplab_runner.web.serving import HttpServer

_LIVE = "live.js"
_NOT_KEPT = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


class Recordings:
    """Files of records, and the page that shows them.

    Args:
        paths: of the files; they may grow, and need not be there yet.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._page = b""
        self._made_of: tuple[Any, ...] = ()
        self._making = asyncio.Lock()

    def state(self) -> tuple[Any, ...]:
        """What changes when there is more to show."""
        found = []
        for path in self._paths:
            try:
                about = path.stat()
            except OSError:
                continue
            found.append((str(path), about.st_ino, about.st_size, about.st_mtime_ns))
        return tuple(found)

    async def page(self) -> bytes:
        """The page of what is there now.

        Raises:
            OSError: a file cannot be read.
            UnreadableFileError: it is no recording.
        """
        async with self._making:
            # Taken before the page is made: what is written meanwhile is news afterwards.
            state = self.state()
            if state != self._made_of or not self._page:
                self._page = await asyncio.to_thread(self._make)
                self._made_of = state
            return self._page

    def _make(self) -> bytes:
        with tempfile.TemporaryDirectory(prefix="ocpplab-show-") as directory:
            path = Path(directory) / "page.html"
            there = [one for one in self._paths if one.exists()]
            records = read_all(there) if there else ()
            replay(with_cases(records, ", ".join(map(str, there))), [HtmlReport(path)])
            # The script waits for news, which a page in a file never gets.
            return path.read_bytes().replace(b"</head>", f'<script src="{_LIVE}" defer></script>\n</head>'.encode(), 1)

    def changes(self) -> Callable[[], Mapping[str, Any]]:
        """A function that says ``changed`` when there is more than when it was asked last."""
        known = self._made_of

        def ask() -> Mapping[str, Any]:
            nonlocal known
            state = self.state()
            if state == known:
                return {}
            known = state
            return {"changed": True}

        return ask


def application(recordings: Recordings, streams: EventStreams) -> FastAPI:
    """The page, its script, and what tells it of news."""
    app = FastAPI(title="ocpplab-runner show", docs_url=None, redoc_url=None, openapi_url=None)
    live = resources.files(__package__).joinpath(_LIVE).read_bytes()

    @app.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(await recordings.page(), headers=_NOT_KEPT)

    @app.get(f"/{_LIVE}")
    async def script() -> Response:
        return Response(live, media_type="text/javascript", headers=_NOT_KEPT)

    @app.get("/news")
    async def news(request: Request) -> StreamingResponse:
        stream = streams.events({}, recordings.changes())
        return StreamingResponse(stream, media_type="text/event-stream", headers=_NOT_KEPT)

    return app


async def serve(
    paths: Sequence[Path], host: str, port: int, started: Callable[[str], None], stopped: Callable[[], Any]
) -> None:
    """Serve the page until it is told to stop.

    Args:
        paths: of the recordings.
        host: where to listen.
        port: 0 picks a free one.
        started: is told the address, once the page has been made for the first time.
        stopped: waits for who tells it to stop.

    Raises:
        ServingError: the port is taken.
        OSError: a file cannot be read.
        UnreadableFileError: it is no recording.
    """
    recordings, streams = Recordings(paths), EventStreams()
    server = HttpServer(host, port)
    server.bind()
    try:
        await recordings.page()
    except BaseException:
        server.unbind()
        raise
    app = Envelope(application(recordings, streams), {}, name="page", local=server.local)
    await server.start(app)
    started(server.url)
    await stopped()
    streams.close()
    await server.stop()
