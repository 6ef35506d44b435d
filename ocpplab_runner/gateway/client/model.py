"""What a Gateway is asked and what it answers, whatever generation of its API it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(frozen=True, slots=True)
class Address:
    """Who shall carry a command out: one charger, a location's chargers, or some of them.

    Attributes:
        charger_id: the Gateway's id of the charger (not its OCPP identity).
        location_id: every charger there …
        charger_ids: … or only these; empty for all.
    """

    charger_id: str | None = None
    location_id: str | None = None
    charger_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.charger_id is None) is (self.location_id is None):
            raise ValueError("a command goes either to a charger or to a location")
        if self.charger_ids and self.location_id is None:
            raise ValueError("only the chargers of a location can be chosen from")


@dataclass(frozen=True, slots=True)
class Queued:
    """One charger's share of a command that was accepted: nothing has happened yet.

    Attributes:
        command_id: by which the Gateway knows it.
        charger_id: whose it is.
        identity: that charger's OCPP identity.
    """

    command_id: str
    charger_id: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The answer to a command.

    Attributes:
        queued: accepted, and on its way to the charger.
        failed: chargers that it did not reach, with the reason: (identity or None, reason).
        detail: what a command that is carried out at once hands back.
        refusal: why it was not carried out, when the answer says so.
    """

    queued: tuple[Queued, ...] = ()
    failed: tuple[tuple[str | None, str], ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)
    refusal: str | None = None


class Fate(StrEnum):
    """What has become of a queued command."""

    OPEN = "open"
    APPLIED = "applied"
    REJECTED = "rejected"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """A command's result, where the API tells it.

    Attributes:
        fate: see :class:`Fate`.
        word: the Gateway's own word for it.
        detail: why.
        result: what it hands back.
        updated: when that last changed, seconds since 1970 by the Gateway's clock; None when it does not say.
    """

    fate: Fate
    word: str
    detail: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    updated: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A charger of the catalogue.

    Attributes:
        brand: slug.
        slug: of the model.
        connectors: how many it has; None when the catalogue does not say.
        connector_type: one that it comes with.
    """

    brand: str
    slug: str
    connectors: int | None
    connector_type: str


@dataclass(frozen=True, slots=True)
class NewCharger:
    """A charger to be made.

    Attributes:
        identity: OCPP identity.
        model: what it is.
        ws_url: the CSMS that it shall dial, without the identity.
        version: that it shall speak.
        location_id: where it shall stand, or None.
        password: of the basic authentication towards the CSMS, whose user is the identity; None for none.
    """

    identity: str
    model: Model
    ws_url: str
    version: OcppVersion
    location_id: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Charger:
    """A charger behind a Gateway.

    Attributes:
        id: the Gateway's.
        identity: OCPP identity.
        location_id: where it stands, or None.
    """

    id: str
    identity: str
    location_id: str | None = None


class Stage(StrEnum):
    """How far a charger's provisioning has come."""

    UNDERWAY = "underway"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Progress:
    """A look at a charger's provisioning; ``word`` and ``error`` in the Gateway's own words."""

    stage: Stage
    word: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of a charger's log, as it came.

    Attributes:
        direction: the Gateway's word for who sent it (``cp_to_csms``).
        action: OCPP action, or what stands there.
        message: the frame or what is left of it: text, or JSON already.
        timestamp: RFC 3339, or None.
    """

    direction: str
    action: str
    message: Any
    timestamp: str | None


class NotInTheApiError(ValueError):
    """This generation of the API cannot say that; the text is a reason for people."""


class ShapeError(ValueError):
    """An answer lacks what the API promises; the text says what."""
