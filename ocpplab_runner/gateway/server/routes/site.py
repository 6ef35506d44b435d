"""``/health`` and ``/docs``: what a load balancer and a developer ask for."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles

from ocpplab_runner import __version__
from ocpplab_runner.gateway.server.access import TheFleet
from ocpplab_runner.gateway.server.routes.strict import router

routes = router("", "Gateway")
_ASSETS = "/docs/assets"


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


def add_documentation(app: FastAPI) -> None:
    """Serve Swagger UI at ``/docs`` from installed files, so that it works without internet.

    The files come with the package ``fastapi-offline``.
    """
    import fastapi_offline

    assets = Path(str(fastapi_offline.__file__)).parent / "static"
    app.mount(_ASSETS, StaticFiles(directory=assets), name="assets")

    @app.get("/docs", include_in_schema=False)
    async def documentation() -> Any:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS}/favicon.png",
            swagger_ui_parameters={"tryItOutEnabled": True, "persistAuthorization": True},
        )
