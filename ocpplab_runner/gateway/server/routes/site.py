"""``/``, ``/health`` and ``/docs``: what a browser and a load balancer ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from ocpplab_runner import __version__
from ocpplab_runner.gateway.server.access import TheFleet
from ocpplab_runner.gateway.server.routes.strict import router

routes = router("", "Gateway")
_ASSETS = "/docs/assets"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ocpplab-runner gateway</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }}
code {{ font-size: 0.95em; }}
</style>
</head>
<body>
<main>
<h1>ocpplab-runner gateway {version}</h1>
<p>A local OCPPLAB Gateway over simulated chargers: {chargers} chargers, {online} of them accepted by their CSMS.</p>
<p>There is no live page of the fleet yet. The <a href="/docs">documentation of the routes</a> lets you try each of
them; <a href="/openapi.json"><code>/openapi.json</code></a> describes them to programs.</p>
</main>
</body>
</html>
"""


@routes.get("/", summary="Landing page", response_class=HTMLResponse, responses={200: {"content": {"text/html": {}}}})
async def landing_page(fleet: TheFleet) -> HTMLResponse:
    """What this is, and where the documentation of its routes stands."""
    return HTMLResponse(_PAGE.format(version=__version__, **fleet.counts()))


@routes.get("/health", summary="Health", response_model=dict[str, str])
async def health() -> dict[str, str]:
    """Whether the Gateway runs."""
    return {"status": "ok", "version": __version__}


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
