"""``/ocpp/catalog`` and ``/ocpp/templates``."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Depends

from ocpplab_runner.gateway.server import catalogue
from ocpplab_runner.gateway.server.access import authenticated
from ocpplab_runner.gateway.server.errors import NotFound
from ocpplab_runner.gateway.server.models import catalog as bodies
from ocpplab_runner.gateway.server.models.base import Page, page_of
from ocpplab_runner.gateway.server.models.chargers import OcppVersionName
from ocpplab_runner.gateway.server.models.errors import problems
from ocpplab_runner.gateway.server.routes.chargers import PageNumber, PageSize
from ocpplab_runner.web.strict import router

#: The catalogue needs a token, and no organization.
TOKEN = [Depends(authenticated)]
routes = router("/ocpp/catalog", "Catalogue")
templates = router("/ocpp/templates", "Templates")


@routes.get(
    "/brands", summary="List brands", response_model=Page[bodies.Brand], responses=problems(), dependencies=TOKEN
)
async def list_brands(page: PageNumber = 1, limit: PageSize = 50) -> Any:
    """Every brand."""
    return page_of([bodies.brand_of(brand) for brand in catalogue.BRANDS], page, limit)


@routes.get(
    "/brands/{brand_slug}/models",
    summary="List models",
    response_model=Page[bodies.Model],
    responses=problems(404),
    dependencies=TOKEN,
)
async def list_models(brand_slug: str, page: PageNumber = 1, limit: PageSize = 50) -> Any:
    """The models of a brand."""
    brand = brand_named(brand_slug)
    return page_of([bodies.model_of(brand, model) for model in brand.models], page, limit)


@routes.get(
    "/brands/{brand_slug}/models/{model_slug}",
    summary="Get model",
    response_model=bodies.Model,
    responses=problems(404),
    dependencies=TOKEN,
)
async def get_model(brand_slug: str, model_slug: str) -> Any:
    """A model."""
    return model_json(brand_slug, model_slug)


@templates.get(
    "/locations",
    summary="List location templates",
    response_model=dict[str, Any],
    responses=problems(),
    dependencies=TOKEN,
)
async def list_templates(
    type: Literal["AC", "DC", "AC-DC"] | None = None, ocpp_version: OcppVersionName | None = None
) -> Any:
    """Locations worth copying."""
    found = [
        {
            "slug": template.slug,
            "name": template.name,
            "description": template.description,
            "type": template.type,
            "ocpp_version": template.ocpp_version,
            "groups": [
                {"brand_slug": brand, "model_slug": model, "connector_type": connector, "chargers_number": number}
                for brand, model, connector, number in template.groups
            ],
        }
        for template in catalogue.TEMPLATES
        if type in (None, template.type) and ocpp_version in (None, template.ocpp_version)
    ]
    return {"data": found, "total": len(found)}


def brand_named(slug: str) -> catalogue.Brand:
    """The brand of that slug; raises NotFound."""
    brand = catalogue.find_brand(slug)
    if brand is None:
        raise NotFound(f"there is no brand {slug!r}")
    return brand


def model_json(brand_slug: str, model_slug: str) -> dict[str, Any]:
    """The model's JSON; raises NotFound."""
    brand = brand_named(brand_slug)
    model = brand.model(model_slug)
    if model is None:
        raise NotFound(f"the brand {brand_slug} has no model {model_slug!r}")
    return bodies.model_of(brand, model)
