"""What the Gateway knows of chargers, locations and jobs: plain records that can be stored as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from ocpplab_runner.gateway.server.errors import BadRequest
from ocpplab_runner.vocabulary.versions import OcppVersion

#: How the API spells a version where it is a charger's.
CHARGER_SPELLING = {OcppVersion.V16: "OCPP1.6", OcppVersion.V201: "OCPP2.0.1"}
_VERSIONS = {name.lower(): version for version, name in CHARGER_SPELLING.items()}


def version_named(name: str) -> OcppVersion:
    """The version behind ``OCPP1.6`` or ``ocpp1.6``.

    Raises:
        BadRequest: the simulated chargers do not speak it.
    """
    version = _VERSIONS.get(name.lower())
    if version is None:
        raise BadRequest(f"the simulated chargers do not speak {name!r}: choose from OCPP1.6, OCPP2.0.1")
    return version


class Provisioning(StrEnum):
    """How far a charger has come."""

    PENDING = "PENDING"
    PROVISIONING = "PROVISIONING"
    READY = "READY"
    FAILED = "FAILED"


class Stored:
    """A dataclass of plain values."""

    def to_json(self) -> dict[str, Any]:
        """Its JSON."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """From its JSON; what an older process did not know has its default."""
        known = {entry.name for entry in fields(cls)}  # type: ignore[arg-type]
        return cls(**{key: value for key, value in data.items() if key in known})


@dataclass(slots=True)
class ChargerRecord(Stored):
    """A charger as its creator described it, and what became of it.

    Attributes:
        id: the deployment id.
        tenant: whose.
        identity: its OCPP identity.
        version: of OCPP, as :class:`OcppVersion` spells it.
        basic_auth: user and password towards the CSMS.
        power_w: what one connector gives at most; the model's unless given.
        stopped: whether its owner has stopped it.
        attempt: how often it has been deployed or restarted.
        error: why provisioning failed.
    """

    id: str
    tenant: str
    identity: str
    brand_slug: str
    model_slug: str
    connector_type: str
    ws_url: str
    version: str
    name: str | None
    location_id: str | None
    created_at: str
    updated_at: str
    workflow_run_id: str
    basic_auth: tuple[str, str] | None = field(default=None, repr=False)
    power_w: float | None = None
    status: str = Provisioning.PENDING.value
    provisioned_at: str | None = None
    stopped: bool = False
    attempt: int = 1
    error: dict[str, Any] | None = None

    @property
    def ocpp_version(self) -> OcppVersion:
        """The version that it speaks."""
        return OcppVersion(self.version)

    @property
    def version_name(self) -> str:
        """Its version as the API spells it for a charger."""
        return CHARGER_SPELLING[self.ocpp_version]


@dataclass(slots=True)
class LocationRecord(Stored):
    """A place with chargers."""

    id: str
    tenant: str
    slug: str
    name: str
    address: str
    city: str
    country: str
    coordinates: dict[str, float]
    timezone: str | None
    owner_name: str | None
    public: bool
    status: str
    created_at: str
    updated_at: str


@dataclass(slots=True)
class JobRecord(Stored):
    """A bulk creation: which chargers it has made, and which it could not make."""

    id: str
    tenant: str
    location_id: str
    workflow_run_id: str
    charger_ids: list[str]
    failed: list[dict[str, Any]]
    created_at: str


@dataclass(slots=True)
class StageEvent(Stored):
    """A step in the life of a charger's runtime."""

    identity: str
    attempt: int
    stage: str
    outcome: str
    at: str
    code: str | None = None
    hint: str | None = None
