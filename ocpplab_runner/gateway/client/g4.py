"""Generation 4: ``/evcharger/commands/…`` with ``{target, payload}``, and results that can be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ocpplab_runner.gateway.client import reading
from ocpplab_runner.gateway.client.commands import G4_COMMANDS, CommandSpec
from ocpplab_runner.gateway.client.dialect import PAGE, Event, checked
from ocpplab_runner.gateway.client.http import HttpRequest
from ocpplab_runner.gateway.client.model import (
    Acknowledgement,
    Address,
    Charger,
    CommandResult,
    Fate,
    NewCharger,
    NotInTheApiError,
    Progress,
    Queued,
    Stage,
)
from ocpplab_runner.ocppj.names import camel_case
from ocpplab_runner.vocabulary.versions import OcppVersion

_FATES = {
    "applied": Fate.APPLIED,
    "rejected": Fate.REJECTED,
    "expired": Fate.LOST,
    "failed": Fate.LOST,
}
_READY = frozenset({"online", "registering", "connecting"})
_ROOT = "/evcharger"


class G4:
    """See :class:`~ocpplab_runner.gateway.client.dialect.Dialect`."""

    name = "g4"
    commands: Mapping[str, CommandSpec] = G4_COMMANDS
    tells_outcomes = True
    gives_credentials = True

    def command(self, verb: str, address: Address, event: Event, version: OcppVersion) -> tuple[HttpRequest, ...]:
        """One request, or one for each configuration key."""
        spec = checked("generation 4", self.commands, verb, address, event)
        payloads: list[dict[str, Any]] = [dict(event)]
        if verb == "set_configuration":
            payloads = [{"key": key, "value": str(value)} for key, value in event["configuration"].items()]
        elif verb == "proxy_message":
            payloads = [{"action": camel_case(version, str(event["action"])), "payload": event.get("payload", {})}]
        elif verb == "send_local_auth_list":
            # Only this generation has changes of a list; what is meant in the words of the other is a whole one.
            payloads = [{"update_type": "Full", **event}]
        target = _target(address)
        return tuple(
            HttpRequest("POST", f"{_ROOT}/commands/{spec.path}", {"target": target, "payload": payload})
            for payload in payloads
        )

    def acknowledgement(self, verb: str, body: Any) -> Acknowledgement:
        """Always the envelope."""
        answer = reading.mapping(body, "the answer to a command")
        if reading.is_fan_out(answer):
            return reading.fan_out(answer)
        return Acknowledgement((Queued(reading.text(answer, "id", "command_id")),))

    def result(self, command_id: str) -> HttpRequest:
        """``GET /evcharger/commands/{id}``; 404 until the charger has received it."""
        return HttpRequest("GET", f"{_ROOT}/commands/{quote(command_id, safe='')}", repeatable=True)

    def read_result(self, body: Any) -> CommandResult:
        """received and deferred are not the end; applied, rejected, expired and failed are."""
        answer = reading.mapping(body, "a command's result")
        word = reading.text(answer, "status")
        result = answer.get("result")
        return CommandResult(
            _FATES.get(word.lower(), Fate.OPEN),
            word,
            str(answer.get("detail") or ""),
            result if isinstance(result, Mapping) else {},
            reading.moment(answer.get("updated_at")),
        )

    def create(self, charger: NewCharger) -> HttpRequest:
        """``POST /evcharger/deployment``."""
        body: dict[str, Any] = {
            "identity": charger.identity,
            "model": charger.model.slug,
            "ws_url": charger.ws_url,
            "ocpp_version": charger.version.subprotocol,
            "charger_name": charger.identity,
            "connector_type": charger.model.connector_type,
        }
        if charger.location_id is not None:
            body["location_id"] = charger.location_id
        if charger.password is not None:
            # OCPP security profiles: 1 is basic authentication, 2 the same over TLS.
            body["security_profile"] = 2 if charger.ws_url.startswith("wss:") else 1
            body["authorization_key"] = charger.password
        return HttpRequest("POST", f"{_ROOT}/deployment", body)

    def read_created(self, body: Any, charger: NewCharger) -> Charger:
        """The new deployment's id."""
        answer = reading.mapping(body, "the answer to a creation")
        return Charger(reading.text(answer, "deployment_id", "id"), charger.identity, charger.location_id)

    def progress(self, charger: Charger) -> HttpRequest:
        """The runtime's status of that identity."""
        return HttpRequest(
            "GET",
            f"{_ROOT}/deployment-runtime-ops/status",
            query={"identity": [charger.identity]},
            repeatable=True,
        )

    def read_progress(self, body: Any, charger: Charger) -> Progress:
        """Ready as soon as the charger's program runs; whether it has booted the CSMS or the log says."""
        for item in reading.items(body):
            if item.get("identity") != charger.identity:
                continue
            word = str(item.get("stage") or "queued")
            told = ": ".join(str(item[name]) for name in ("code", "hint") if item.get(name))
            if str(item.get("outcome")) == "failed":
                return Progress(Stage.FAILED, word, told)
            return Progress(Stage.READY if word in _READY else Stage.UNDERWAY, word, told)
        return Progress(Stage.UNDERWAY, "not_deployed")

    def delete(self, charger: Charger) -> HttpRequest:
        """``DELETE /evcharger/deployment``."""
        return HttpRequest("DELETE", f"{_ROOT}/deployment", query={"deployment_id": charger.id}, repeatable=True)

    def delete_named(self, identity: str) -> HttpRequest | None:
        """``DELETE /evcharger/deployment``, which takes an identity where it takes an id."""
        return HttpRequest("DELETE", f"{_ROOT}/deployment", query={"identity": identity}, repeatable=True)

    def find(self, identity: str, page: int) -> HttpRequest:
        """Generation 4 has no list of chargers."""
        raise NotInTheApiError("generation 4 of the Gateway API has no list of chargers")

    def read_found(self, body: Any) -> list[Charger]:
        """As :meth:`find`."""
        raise NotInTheApiError("generation 4 of the Gateway API has no list of chargers")

    def log(self, charger: Charger, page: int) -> HttpRequest:
        """``GET /evcharger/logs``; its pages count from 1."""
        query: dict[str, str | int] = {"identity": charger.identity, "page": page + 1, "page_size": PAGE}
        return HttpRequest("GET", f"{_ROOT}/logs", query=query, repeatable=True)

    def brands(self) -> HttpRequest:
        """``GET /evcharger/catalog``."""
        return HttpRequest("GET", f"{_ROOT}/catalog", repeatable=True)

    def models(self, brand: str) -> HttpRequest:
        """``GET /evcharger/catalog/{slug}/models``."""
        return HttpRequest("GET", f"{_ROOT}/catalog/{quote(brand, safe='')}/models", repeatable=True)

    def create_location(self, name: str) -> HttpRequest:
        """``POST /evcharger/location``; see :meth:`G2.create_location` for the address."""
        body = {
            "name": name,
            "address": "1 Test Street",
            "city": "Test",
            "country": "NL",
            "coordinates": {"lat": 0.0, "lng": 0.0},
        }
        return HttpRequest("POST", f"{_ROOT}/location", body)

    def read_location(self, body: Any) -> str:
        """Its id."""
        return reading.text(reading.mapping(body, "a location"), "location_id", "id")

    def delete_location(self, location_id: str) -> HttpRequest:
        """``DELETE /evcharger/location``."""
        return HttpRequest("DELETE", f"{_ROOT}/location", query={"location_id": location_id}, repeatable=True)


def _target(address: Address) -> dict[str, Any]:
    if address.charger_id is not None:
        return {"deployment_id": address.charger_id}
    target: dict[str, Any] = {"location_id": address.location_id}
    if address.charger_ids:
        target["charger_ids"] = list(address.charger_ids)
    return target
