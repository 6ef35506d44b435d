"""The commands of the ``/evcharger/commands`` routes, and their results."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from ocpplab_runner.gateway.server.models.base import Body, JsonObject, Number, Positive, Text, Whole
from ocpplab_runner.gateway.server.models.commands import ListEntry, NoEvent, Place, PowerEvent

_NULL, _STRING = {"type": "null"}, {"type": "string"}
_KEYS = ("deployment_id", "identity", "location_id")
#: What :class:`Target` checks, for readers of the schema.
_ONE_TARGET: dict[str, Any] = {
    "oneOf": [
        {
            "required": [key],
            "properties": {
                **{other: _NULL for other in _KEYS if other != key},
                key: _STRING,
                **({} if key == "location_id" else {"charger_ids": _NULL}),
            },
        }
        for key in _KEYS
    ]
}


class Target(Body):
    """One charger by its deployment id or its OCPP identity, or those of a location."""

    model_config = ConfigDict(json_schema_extra=_ONE_TARGET)

    deployment_id: str | None = None
    identity: str | None = None
    location_id: str | None = None
    charger_ids: list[str] | None = Field(None, description="With location_id: only these of it.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(getattr(self, key) is not None for key in _KEYS) != 1:
            raise ValueError("exactly one of deployment_id, identity and location_id names the target")
        if self.charger_ids is not None and self.location_id is None:
            raise ValueError("charger_ids narrows a location: it needs location_id")
        return self


class ProxyPayload(Body):
    """A message for the CSMS, past the charger's own state."""

    action: Text = Field(description="The OCPP action.")
    payload: JsonObject | None = None


class ConfigurationPayload(Body):
    """One configuration key, or Component.Variable, and its new value."""

    key: Text
    value: str


class LocalListPayload(Body):
    """A local authorization list, or a change of it."""

    list_version: Whole
    update_type: Literal["Full", "Differential"]
    entries: list[ListEntry] | None = None


class FaultPayload(Place):
    """What breaks, and where."""

    fault_type: Text


class CardPayload(Place):
    """A card at the reader, or at the reader of one connector."""

    id_tag: Text


class SessionStartPayload(Body):
    """Plug, authorize, start."""

    id_tag: Text
    connector_id: Whole | None = None
    duration_seconds: Positive | None = None
    target_energy_kwh: Annotated[Number, Field(gt=0, le=1_000_000)] | None = None


class SessionStopPayload(Body):
    """Stop, unplug."""

    connector_id: Whole | None = None


class _Command(Body):
    target: Target


class ProxyMessage(_Command):
    """Body of proxy-message."""

    payload: ProxyPayload


class ChangeConfiguration(_Command):
    """Body of configuration."""

    payload: ConfigurationPayload


class PlainCommand(_Command):
    """Body of cache/reset and clear-local-auth-list."""

    payload: NoEvent | None = None


class SendLocalList(_Command):
    """Body of local-auth-list."""

    payload: LocalListPayload


class InjectFault(_Command):
    """Body of inject-fault."""

    payload: FaultPayload


class ConnectorCommand(_Command):
    """Body of clear-fault, plug- and unplug-connector, ev-requests-energy and ev-stops-energy."""

    payload: Place | None = None


class StartSession(_Command):
    """Body of start-session."""

    payload: SessionStartPayload


class StopSession(_Command):
    """Body of stop-session."""

    payload: SessionStopPayload | None = None


class AuthorizeIdTag(_Command):
    """Body of authorize-id-tag."""

    payload: CardPayload


class PowerUpdate(_Command):
    """Body of power-update."""

    payload: PowerEvent


class CommandResult(Body):
    """What became of a command."""

    command_id: str
    status: Literal["received", "deferred", "applied", "rejected", "expired", "failed"]
    detail: str | None = None
    result: dict[str, Any] | None = None
    event_type: str
    identity: str
    deployment_id: str
    enqueued_at: str | None = None
    received_at: str
    updated_at: str


class CommandResults(Body):
    """What became of a charger's commands, the newest first."""

    data: list[CommandResult]
