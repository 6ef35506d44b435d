"""``/health``: what a load balancer asks for."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Response

from ocpplab_runner import __version__
from ocpplab_runner.gateway.server.access import TheFleet
from ocpplab_runner.web.strict import router

routes = router("", "Gateway")


@routes.get("/health", summary="Health", response_model=dict[str, str])
async def health() -> dict[str, str]:
    """Whether the Gateway runs."""
    return {"status": "ok", "version": __version__}


@routes.get("/health/live", summary="Liveness", response_model=dict[str, str])
async def live() -> dict[str, str]:
    """Whether the Gateway runs."""
    return {"status": "ok"}


@routes.get("/health/ready", summary="Readiness", response_model=dict[str, str])
async def ready(fleet: TheFleet, response: Response) -> dict[str, str]:
    """Whether the Gateway can serve, and keep what it is told; it needs no MQTT, so that is always well."""
    if fleet.kept:
        return {"status": "ok", "database": "ok", "mqtt": "ok"}
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "unavailable", "database": "cannot be written", "mqtt": "ok"}
