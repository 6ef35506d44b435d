"""Brands, models and location templates that the local Gateway offers: plain data of our own.

Slugs of real products stand for a charger of that size; nothing of the product's firmware is imitated. The models of
the brand ``simulated`` are what ``given.charger`` of a scenario is by default, with one to eight connectors.
"""

from __future__ import annotations

from dataclasses import dataclass

#: When the catalogue was written; every entry bears it.
CREATED_AT = "2026-01-01T00:00:00Z"
#: Connector types that a charger may be given.
CONNECTOR_TYPES = ("Type1", "Type2", "CCS1", "CCS2", "CHAdeMO", "GBT_AC", "GBT_DC", "NACS", "Schuko")


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a brand.

    Attributes:
        slug: its name in the API.
        name: its name for people.
        wire_name: what BootNotification calls it.
        connectors: how many; each can be used alone.
        current_type: ``ac`` or ``dc``.
        power_w: what one connector gives at most.
        connector_types: which it is sold with.
    """

    slug: str
    name: str
    wire_name: str
    connectors: int
    current_type: str
    power_w: int
    connector_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brand:
    """One brand, with the vendor name of its BootNotification."""

    slug: str
    name: str
    vendor: str
    models: tuple[Model, ...]

    def model(self, slug: str) -> Model | None:
        """The model of that slug."""
        return next((model for model in self.models if model.slug == slug), None)


BRANDS: tuple[Brand, ...] = (
    Brand(
        "abb",
        "ABB",
        "ABB",
        (
            Model("terra-184", "Terra 184", "Terra 184", 2, "dc", 180_000, ("CCS2", "CHAdeMO")),
            Model("abb_terra_ac_wallbox", "Terra AC Wallbox", "Terra AC", 1, "ac", 22_000, ("Type2",)),
        ),
    ),
    Brand(
        "alfen",
        "Alfen",
        "Alfen BV",
        (Model("alfen-eve-single-s-line", "Eve Single S-line", "Eve Single S-line", 1, "ac", 22_000, ("Type2",)),),
    ),
    Brand(
        "schneider",
        "Schneider Electric",
        "Schneider Electric",
        (Model("evlink-pro-ac-22kw", "EVlink Pro AC 22 kW", "EVlink Pro AC", 1, "ac", 22_000, ("Type2",)),),
    ),
    Brand(
        "simulated",
        "Simulated chargers",
        "ocpplab",
        tuple(
            Model(f"evse-{count}", f"{count} x 11 kW", "Simulated", count, "ac", 11_000, ("Type2",))
            for count in range(1, 9)
        ),
    ),
    Brand(
        "wallbox",
        "Wallbox",
        "Wall Box Chargers",
        (Model("wallbox-pulsar-plus", "Pulsar Plus", "Pulsar Plus", 1, "ac", 22_000, ("Type2",)),),
    ),
)


def find_brand(slug: str) -> Brand | None:
    """The brand of that slug."""
    return next((brand for brand in BRANDS if brand.slug == slug), None)


def find_model(slug: str) -> tuple[Brand, Model] | None:
    """The model of that slug, whatever its brand."""
    return next(((brand, model) for brand in BRANDS for model in brand.models if model.slug == slug), None)


@dataclass(frozen=True, slots=True)
class LocationTemplate:
    """A location worth copying: how many chargers of which model."""

    slug: str
    name: str
    description: str
    type: str
    ocpp_version: str
    groups: tuple[tuple[str, str, str, int], ...]


TEMPLATES: tuple[LocationTemplate, ...] = (
    LocationTemplate(
        "office-car-park",
        "Office car park",
        "Ten AC chargers with one socket each",
        "AC",
        "OCPP1.6",
        (("schneider", "evlink-pro-ac-22kw", "Type2", 10),),
    ),
    LocationTemplate(
        "highway-stop",
        "Highway stop",
        "Four DC chargers with two plugs each",
        "DC",
        "OCPP2.0.1",
        (("abb", "terra-184", "CCS2", 4),),
    ),
    LocationTemplate(
        "mixed-depot",
        "Mixed depot",
        "Twelve AC chargers for the night and two DC chargers for the day",
        "AC-DC",
        "OCPP1.6",
        (("alfen", "alfen-eve-single-s-line", "Type2", 12), ("abb", "terra-184", "CCS2", 2)),
    ),
)
