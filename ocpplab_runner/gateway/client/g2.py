"""Generation 2, which is documented: ``/ocpp/commands/…`` with ``{target, event}``; effects show in logs only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.gateway.client import reading
from ocpplab_runner.gateway.client.commands import G2_COMMANDS, CommandSpec
from ocpplab_runner.gateway.client.dialect import PAGE, Event, checked
from ocpplab_runner.gateway.client.http import HttpRequest
from ocpplab_runner.gateway.client.model import (
    Acknowledgement,
    Address,
    Charger,
    CommandResult,
    NewCharger,
    NotInTheApiError,
    Progress,
    Queued,
    Stage,
)
from ocpplab_runner.ocppj.names import snake_case
from ocpplab_runner.vocabulary.versions import OcppVersion

_STAGES = {"READY": Stage.READY, "FAILED": Stage.FAILED}
#: The API lists no words: one that nobody knows refuses nothing.
_REFUSED = frozenset({"rejected", "failed", "versionmismatch", "notsupported", "error"})
#: Entries that the API puts on one page at most.
_MOST = 100


class G2:
    """See :class:`~ocpplab_runner.gateway.client.dialect.Dialect`."""

    name = "g2"
    commands: Mapping[str, CommandSpec] = G2_COMMANDS
    tells_outcomes = False
    gives_credentials = False

    def command(self, verb: str, address: Address, event: Event, version: OcppVersion) -> tuple[HttpRequest, ...]:
        """One request: ``{target, event}``."""
        spec = checked("generation 2", self.commands, verb, address, event)
        body = dict(event)
        # The API's own spelling: actions in snake_case, and text where OCPP 1.6 has a number.
        if verb == "proxy_message":
            body["action"] = snake_case(str(event["action"]))
            body.setdefault("ocpp_version", version.subprotocol)
        elif verb == "stop_transaction" and "transaction_id" in event:
            body["transaction_id"] = str(event["transaction_id"])
        elif verb == "set_configuration":
            body["configuration"] = {key: str(value) for key, value in event["configuration"].items()}
        return (HttpRequest("POST", f"/ocpp/commands/{spec.path}", {"target": _target(address), "event": body}),)

    def acknowledgement(self, verb: str, body: Any) -> Acknowledgement:
        """An envelope, the echo of what was queued, or the result of a mutation."""
        if reading.is_fan_out(body):
            return reading.fan_out(body)
        answer = reading.mapping(body, "the answer to a command")
        if "event_type" in answer:
            return Acknowledgement((Queued(reading.text(answer, "id")),))
        detail = {name: value for name, value in answer.items() if value is not None}
        status = str(answer.get("status") or "").replace("_", "").lower()
        # What is queued is answered by its envelope or its echo: anything else says why it was not.
        if self.commands[verb].queued or status in _REFUSED:
            return Acknowledgement(
                detail=detail, refusal=str(answer.get("msg") or answer.get("status") or "no reason given")
            )
        return Acknowledgement(detail=detail)

    def result(self, command_id: str) -> HttpRequest:
        """Generation 2 tells nobody what became of a command."""
        raise NotInTheApiError("generation 2 of the Gateway API has no command results")

    def read_result(self, body: Any) -> CommandResult:
        """As :meth:`result`."""
        raise NotInTheApiError("generation 2 of the Gateway API has no command results")

    def create(self, charger: NewCharger) -> HttpRequest:
        """``POST /ocpp/chargers``."""
        if charger.password is not None:
            raise NotInTheApiError("generation 2 of the Gateway API gives a charger no credentials")
        body: dict[str, Any] = {
            "identity": charger.identity,
            "brand_slug": charger.model.brand,
            "model_slug": charger.model.slug,
            "connector_type": charger.model.connector_type,
            "ws_url": charger.ws_url,
            "ocpp_version": f"OCPP{charger.version.value}",
            "charge_point_name": charger.identity,
        }
        if charger.location_id is not None:
            body["location_id"] = charger.location_id
        return HttpRequest("POST", "/ocpp/chargers", body)

    def read_created(self, body: Any, charger: NewCharger) -> Charger:
        """202 with the new id; ready it is not yet."""
        answer = reading.mapping(body, "the answer to a creation")
        return Charger(reading.text(answer, "charger_id", "id"), charger.identity, charger.location_id)

    def progress(self, charger: Charger) -> HttpRequest:
        """``GET /ocpp/chargers/{id}/status``."""
        return HttpRequest("GET", f"/ocpp/chargers/{charger.id}/status", repeatable=True)

    def read_progress(self, body: Any, charger: Charger) -> Progress:
        """PENDING, PROVISIONING, READY or FAILED; null counts as pending."""
        answer = reading.mapping(body, "a provisioning status")
        word = str(answer.get("status") or "PENDING")
        error = answer.get("error")
        told = ""
        if isinstance(error, Mapping):
            told = ": ".join(str(error[name]) for name in ("code", "message") if error.get(name))
        elif error:
            told = str(error)
        return Progress(_STAGES.get(word.upper(), Stage.UNDERWAY), word, told)

    def delete(self, charger: Charger) -> HttpRequest:
        """``DELETE /ocpp/chargers/{id}``."""
        return HttpRequest("DELETE", f"/ocpp/chargers/{charger.id}", repeatable=True)

    def delete_named(self, identity: str) -> HttpRequest | None:
        """None: generation 2 wants the id."""
        return None

    def find(self, identity: str, page: int) -> HttpRequest:
        """A page of all chargers."""
        return HttpRequest("GET", "/ocpp/chargers", query={"page": page, "limit": _MOST}, repeatable=True)

    def read_found(self, body: Any) -> list[Charger]:
        """The chargers of that page."""
        return [Charger(reading.text(item, "id"), str(item.get("identity", ""))) for item in reading.items(body)]

    def log(self, charger: Charger, page: int) -> HttpRequest:
        """``GET /ocpp/chargers/{id}/logs``."""
        query = {"limit": PAGE, "offset": page * PAGE}
        return HttpRequest("GET", f"/ocpp/chargers/{charger.id}/logs", query=query, repeatable=True)

    def brands(self) -> HttpRequest:
        """``GET /ocpp/catalog/brands``."""
        return HttpRequest("GET", "/ocpp/catalog/brands", query={"limit": _MOST}, repeatable=True)

    def models(self, brand: str) -> HttpRequest:
        """``GET /ocpp/catalog/brands/{slug}/models``."""
        return HttpRequest("GET", f"/ocpp/catalog/brands/{brand}/models", query={"limit": _MOST}, repeatable=True)

    def create_location(self, name: str) -> HttpRequest:
        """``POST /ocpp/locations``; the API wants an address, so it gets one that nobody takes for real."""
        body = {
            "name": name,
            "address": "1 Test Street",
            "city": "Test",
            "country": "NL",
            "coordinates": {"latitude": 0.0, "longitude": 0.0},
        }
        return HttpRequest("POST", "/ocpp/locations", body)

    def read_location(self, body: Any) -> str:
        """Its id."""
        return reading.text(reading.mapping(body, "a location"), "id", "location_id")

    def delete_location(self, location_id: str) -> HttpRequest:
        """``DELETE /ocpp/locations/{id}``."""
        return HttpRequest("DELETE", f"/ocpp/locations/{location_id}", repeatable=True)


def _target(address: Address) -> dict[str, Any]:
    if address.charger_id is not None:
        return {"charger_id": address.charger_id}
    target: dict[str, Any] = {"location_id": address.location_id}
    if address.charger_ids:
        target["charger_ids"] = list(address.charger_ids)
    return target
