"""``/docs``: what a developer asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles

_ASSETS = "/docs/assets"


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
