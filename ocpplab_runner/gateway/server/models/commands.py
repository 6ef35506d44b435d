"""The commands of the ``/ocpp/commands`` and ``/evcharger/commands`` routes, and what became of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from ocpplab_runner.gateway.server.models.base import Body, Count, JsonObject, Moment, Number, Positive, Text, Whole

_NULL, _STRING = {"type": "null"}, {"type": "string"}
#: What :class:`CommandTarget` checks, for readers of the schema.
_ONE_TARGET: dict[str, Any] = {
    "oneOf": [
        {
            "required": ["charger_id"],
            "properties": {"charger_id": _STRING, "location_id": _NULL, "charger_ids": _NULL},
        },
        {"required": ["location_id"], "properties": {"location_id": _STRING, "charger_id": _NULL}},
    ]
}
_KEYS = ("deployment_id", "identity", "location_id")
#: What :class:`Target` checks, for readers of the schema.
_ONE_OF_THREE: dict[str, Any] = {
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


class ChargerTarget(Body):
    """One charger."""

    charger_id: str = Field(description="The deployment id, not the OCPP identity.")


class CommandTarget(Body):
    """One charger, or those of a location."""

    model_config = ConfigDict(json_schema_extra=_ONE_TARGET)

    charger_id: str | None = Field(None, description="The deployment id, not the OCPP identity.")
    location_id: str | None = Field(None, description="Instead of a charger: all of this location.")
    charger_ids: list[str] | None = Field(None, description="With location_id: only these of it.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.charger_id is None) == (self.location_id is None):
            raise ValueError("exactly one of charger_id and location_id names the target")
        if self.charger_ids is not None and self.location_id is None:
            raise ValueError("charger_ids narrows a location: it needs location_id")
        return self


class Target(Body):
    """One charger by its deployment id or its OCPP identity, or those of a location."""

    model_config = ConfigDict(json_schema_extra=_ONE_OF_THREE)

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


class Place(Body):
    """A connector; without one the charger takes the only one that fits."""

    evse_id: Whole | None = None
    connector_id: Whole | None = None


class NoEvent(Body):
    """A command that needs only its target."""


class ProxyEvent(Body):
    """A message for the CSMS, past the charger's own state."""

    action: Text = Field(description="The OCPP action, in snake_case or as OCPP spells it.")
    ocpp_version: Literal["ocpp1.6", "ocpp2.0.1"]
    payload: JsonObject = Field(description="Keys in snake_case or as OCPP spells them.")


class ConfigurationEvent(Body):
    """Configuration keys, or Component.Variable, and their new values."""

    configuration: dict[str, str]


class ListEntry(Body):
    """A card of the local authorization list."""

    id_tag: Text
    expiry_date: Moment | None = None
    parent_id_tag: Text | None = None


class LocalListEvent(Body):
    """A whole new local authorization list."""

    list_version: Whole = Field(description="Must grow with each push.")
    entries: list[ListEntry]


class FaultEvent(Place):
    """What breaks, and where; without a place the whole charger."""

    fault_type: Text


class TransactionStartEvent(Place):
    """A raw start: plug and authorize first."""

    id_tag: Text


class TransactionStopEvent(Body):
    """A raw stop; of the only running transaction unless it is named."""

    transaction_id: Text | None = None


class SessionStartEvent(Body):
    """Plug, authorize, start."""

    id_tag: Text
    connector_id: Whole | None = None
    duration_seconds: Positive | None = Field(None, description="Stop by itself after so long.")
    target_energy_kwh: Annotated[Number, Field(gt=0, le=1_000_000)] | None = Field(
        None, description="Stop by itself after so much."
    )


class SessionStopEvent(Body):
    """Stop, unplug."""

    connector_id: Whole | None = None


class CardEvent(Body):
    """A card at the reader."""

    id_tag: Text


class PowerEvent(Place):
    """What the EV draws, in W; 0 suspends it."""

    power_w: Count


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


class CardPayload(Place):
    """A card at the reader, or at the reader of one connector."""

    id_tag: Text


class QueuedCommand(Body):
    """A command as it was queued."""

    id: str
    event_type: str
    ocpp_version: str
    payload: dict[str, Any]


class TargetedCommand(Body):
    """A command as it was queued for one charger."""

    charger_id: str
    identity: str
    command: QueuedCommand


class TargetFailure(Body):
    """A charger that did not take the command."""

    identity: str | None = None
    error: str


class FanoutAnswer(Body):
    """What became of a command to one or many chargers. Queued is not done: the log shows what follows."""

    targeted_count: int
    queued_count: int
    failed_count: int
    results: list[TargetedCommand]
    failed: list[TargetFailure]


class FaultAnswer(Body):
    """What a fault has done."""

    msg: str
    fault_type: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    status: str | None = None


class LocalListAnswer(Body):
    """What became of the local authorization list."""

    status: str | None = None
    list_version: int | None = None
    entries_received: int | None = None
    msg: str | None = None
    entries_deleted: int | None = None


class ConfigurationAnswer(Body):
    """Which keys have a new value."""

    status: str
    configured: list[str]
    msg: str


class CacheAnswer(Body):
    """How many cards the cache has forgotten."""

    msg: str
    cleared_entries: int


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
