"""The FastAPI application: routes, and refusals as JSON."""

from __future__ import annotations

import functools
import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from ocpplab_runner import __version__
from ocpplab_runner.gateway.server.access import LOGGER
from ocpplab_runner.gateway.server.errors import GatewayError, Unauthorized
from ocpplab_runner.gateway.server.page import routes as page
from ocpplab_runner.gateway.server.routes import (
    catalog,
    chargers,
    commands,
    evcharger,
    evcharger_runtime,
    location_chargers,
    locations,
    ocpi,
    site,
)
from ocpplab_runner.web.documentation import add_documentation

_DESCRIPTION = """A local OCPPLAB Gateway: the charger side of the API, over simulated chargers that dial any CSMS.

Two generations of routes stand side by side: `/ocpp/…` and `/evcharger/…`."""

#: Characters of what was wrong in a request that are sent back with the reason.
_LONGEST_ECHO = 2000
_ROUTERS = (
    page.routes,
    site.routes,
    commands.routes,
    chargers.routes,
    location_chargers.routes,
    locations.routes,
    catalog.routes,
    commands.evcharger_routes,
    evcharger_runtime.routes,
    evcharger.routes,
    ocpi.routes,
    catalog.templates,
)


@functools.cache
def application() -> FastAPI:
    """The routes. Which fleet a request is for, an :class:`~ocpplab_runner.web.envelope.Envelope` says.

    Made once for all Gateways of the process: the models behind 75 routes take a third of a second.
    """
    app = FastAPI(
        title="ocpplab-runner gateway",
        version=__version__,
        description=_DESCRIPTION,
        # FastAPI's own page loads its files from elsewhere; add_documentation() has them here.
        docs_url=None,
        redoc_url=None,
    )
    for router in _ROUTERS:
        app.include_router(router)
    add_documentation(app)
    app.add_exception_handler(GatewayError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _broken)
    return app


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GatewayError)
    if error.status in (401, 403, 404):
        tenant = getattr(request.state, "tenant", None)
        LOGGER.warning("%s %s %s (organization %s)", error.status, request.method, _path(request), tenant or "unknown")
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthorized) else None
    return JSONResponse({"detail": _printable(str(error))}, error.status, headers=headers)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = []
    for problem in error.errors():
        shown = {key: _sayable(problem[key]) for key in ("loc", "msg", "type", "input", "ctx") if key in problem}
        if len(str(shown.get("input", ""))) > _LONGEST_ECHO:
            del shown["input"]
        problems.append(shown)
    return JSONResponse({"detail": problems}, 422)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
    return JSONResponse({"detail": error.detail}, error.status_code, headers=headers)


def _methods(request: Request) -> set[str]:
    """Every method of the first path that fits; Starlette names only those of its first route."""
    routes = [route for router in _ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    path = next((route.path for route in routes if route.path_regex.match(request.url.path)), None)
    return {method for route in routes if route.path == path for method in route.methods or ()}


async def _broken(request: Request, error: Exception) -> JSONResponse:
    LOGGER.error("500 %s %s: %s", request.method, _path(request), type(error).__name__, exc_info=error)
    return JSONResponse({"detail": "internal error of the Gateway"}, 500)


def _path(request: Request) -> str:
    """The path without what could break a log line."""
    return _printable(request.url.path)[:200]


def _printable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode() if not text.isprintable() else text


def _sayable(value: Any) -> Any:
    """A value of a request as JSON can carry it."""
    if isinstance(value, dict):
        return {str(_sayable(key)): _sayable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_sayable(inner) for inner in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
