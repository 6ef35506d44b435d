"""The application, and serving it beside the CSMS."""

from __future__ import annotations

import functools
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ocpplab_runner import __version__
from ocpplab_runner.tools.csms.api import page, routes
from ocpplab_runner.tools.csms.api.errors import Refusal
from ocpplab_runner.tools.csms.api.feed import Feeds
from ocpplab_runner.tools.csms.program import CsmsProgram
from ocpplab_runner.web.documentation import add_documentation
from ocpplab_runner.web.envelope import Envelope
from ocpplab_runner.web.recordings import Rewrite
from ocpplab_runner.web.serving import HttpServer

_DESCRIPTION = """The built-in CSMS of ocpplab-runner: what stations do, and what they can be asked for.

Operations have the names and fields of the scenario language's verbs, in every OCPP version."""


@functools.cache
def application() -> FastAPI:
    """The routes; for which CSMS, the envelope around them says."""
    app = FastAPI(
        title="ocpplab-runner csms", version=__version__, description=_DESCRIPTION, docs_url=None, redoc_url=None
    )
    for router in (page.routes, routes.routes, routes.stations, routes.operations, routes.telling):
        app.include_router(router)
    add_documentation(app)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    return app


def envelope(
    program: CsmsProgram, token: str, feeds: Feeds, *, local: bool = False, rewrite: Rewrite | None = None
) -> Envelope:
    """The application for one CSMS; see :class:`CsmsApi`."""
    state = {"program": program, "token": token, "feeds": feeds, "rewrite": rewrite}
    return Envelope(application(), state, name="CSMS", local=local)


class CsmsApi:
    """Serves the API of a CSMS.

    Args:
        program: the CSMS.
        host: where to listen.
        port: 0 picks a free one.
        token: who has it may call.
        rewrite: makes a scenario of a recording, for the page; None where it cannot.
    """

    def __init__(
        self, program: CsmsProgram, host: str, port: int, token: str, *, rewrite: Rewrite | None = None
    ) -> None:
        self._program, self._rewrite = program, rewrite
        self._token = token
        self._server = HttpServer(host, port)
        self._feeds = Feeds(program)

    @property
    def url(self) -> str:
        """Its base URL."""
        return self._server.url

    async def start(self) -> None:
        """Listen.

        Raises:
            ServingError: the port is taken.
        """
        self._server.bind()
        await self._server.start(
            envelope(self._program, self._token, self._feeds, local=self._server.local, rewrite=self._rewrite)
        )

    async def stop(self) -> None:
        """Answer what is open, and end the feeds of pages."""
        self._feeds.close()
        await self._server.stop()


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse({"detail": str(error)}, error.status, headers)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong: Any = error.errors()[0]
    place = ".".join(str(part) for part in wrong.get("loc", ())[1:])
    return JSONResponse({"detail": f"{place}: {wrong['msg']}" if place else wrong["msg"]}, 400)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
