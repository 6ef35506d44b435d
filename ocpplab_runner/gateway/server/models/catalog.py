"""The catalogue routes."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.gateway.server.catalogue import CREATED_AT
from ocpplab_runner.gateway.server.catalogue import Brand as CatalogueBrand
from ocpplab_runner.gateway.server.catalogue import Model as CatalogueModel
from ocpplab_runner.gateway.server.models.base import Body


class Brand(Body):
    """A brand."""

    id: str
    slug: str
    name: str
    image_url: str | None = None
    created_at: str | None = None


class Model(Body):
    """A model of a brand."""

    id: str
    slug: str
    name: str
    brand_slug: str | None = None
    brand_id: str | None = None
    image_url: str | None = None
    connector_count: int | None = None
    current_type: str | None = None
    supported_kwh: list[float] | None = None
    connector_types: list[str] | None = None
    created_at: str | None = None


def brand_of(brand: CatalogueBrand) -> dict[str, Any]:
    """A brand's JSON."""
    return {"id": f"brand-{brand.slug}", "slug": brand.slug, "name": brand.name, "created_at": CREATED_AT}


def model_of(brand: CatalogueBrand, model: CatalogueModel) -> dict[str, Any]:
    """A model's JSON."""
    return {
        "id": f"model-{brand.slug}-{model.slug}",
        "slug": model.slug,
        "name": model.name,
        "brand_slug": brand.slug,
        "brand_id": f"brand-{brand.slug}",
        "connector_count": model.connectors,
        "current_type": model.current_type,
        "supported_kwh": [model.power_w / 1000],
        "connector_types": list(model.connector_types),
        "created_at": CREATED_AT,
    }
