"""``/ocpi``: roaming is not what this Gateway is for, and it says so."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from ocpplab_runner.gateway.server.access import authenticated
from ocpplab_runner.gateway.server.errors import NotBuilt
from ocpplab_runner.web.strict import router

routes = router("/ocpi", "OCPI")
REASON = (
    "this Gateway has no OCPI: it stands in for the charger side of the API; use the hosted Gateway for roaming parties"
)


@routes.api_route(
    "/{path:path}",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    include_in_schema=False,
)
async def not_built(path: str, token: Annotated[str, Depends(authenticated)]) -> None:
    """Every OCPI route."""
    raise NotBuilt(REASON)
