"""EVerest's topics as the hands at it: tokens, cars, faults, the WebSocket, and what only its modules can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from ocpplab_runner.authorization.codec import InvalidValueError, from_json, to_json
from ocpplab_runner.authorization.types import ProvidedIdToken
from ocpplab_runner.authorization.validators import id_token, validation_result
from ocpplab_runner.everest import board_errors, car_simulator, messages
from ocpplab_runner.everest.broker import BrokerError
from ocpplab_runner.everest.messages import MalformedError
from ocpplab_runner.everest.topics import Module
from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Outcome
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.everest.site import Site
from ocpplab_runner.vocabulary.authorization import DEFAULT_TOKEN_TYPE, PROVIDED_TOKEN_TYPES
from ocpplab_runner.vocabulary.faults import find_fault

#: Verb → what EVerest's answer tells of its outcome.
TOLD: Mapping[str, frozenset[str]] = {"withdraw_authorization": frozenset({"result"})}
#: Why it is not told whether a verb is done.
_NO_ANSWER = "EVerest takes it without an answer"
#: Verbs that are requests, which EVerest answers.
_ANSWERED = frozenset({"withdraw_authorization", "stop_transaction"})
#: Seconds that a module has to answer a request.
_ANSWER = 5.0
_NO_CARS = "no car simulator is told of (option `cars`)"
_NO_WEBSOCKET = "OCPP's WebSocket does not obey here (option `websocket`, `EnableExternalWebsocketControl: true`)"
_NO_ERRORS = "no YetiSimulator is told of that could raise errors (option `board_errors`)"
NO_TOKENS = "this EVerest has no auth_token_provider_API and no `dummy_token_provider`; docs/everest.md has the lines"
#: A car of a scenario: fields that the simulator can be told.
_CAR = frozenset({"phases", "max_current_a", "power_w", "requests_energy"})

Act = Callable[[Site, Mapping[str, Any]], Awaitable[Outcome]]


class EverestRig(Rig):
    """Publishes what the verbs become.

    Args:
        sites: identity → EVerest; known before the run as far as it was found out.
        other: does what EVerest has no topic for; None for nobody.
    """

    def __init__(self, sites: Mapping[str, Site], other: Rig | None) -> None:
        self._sites, self._other = sites, other
        # A second more than a module has, so that the topic which nobody answers is named.
        self.limit = max(_ANSWER + 1.0, 0.0 if other is None else other.limit)
        self._acts: Mapping[str, Act] = {
            "authorize_id_tag": self._present,
            "provide_token": self._provide,
            "withdraw_authorization": self._withdraw,
            "validation_result_update": self._update,
            "plug_connector": self._plug,
            "unplug_connector": self._unplug,
            "start_session": self._start_session,
            "stop_session": self._stop_session,
            "ev_requests_energy": self._draw,
            "ev_stops_energy": self._pause,
            "stop_transaction": self._stop_transaction,
            "inject_fault": self._raise,
            "clear_fault": self._clear,
            "network": self._network,
        }

    @property
    def verbs(self) -> Collection[str]:
        """Those that some EVerest of the target can do, and those of the other rig."""
        able = {verb for verb in self._acts if any(_lacks(site, verb) is None for site in self._sites.values())}
        return able | set(() if self._other is None else self._other.verbs)

    @property
    def unanswered(self) -> Mapping[str, str]:
        """Verb → why it is not told whether it is done."""
        return dict.fromkeys(self._acts.keys() - _ANSWERED, _NO_ANSWER)

    @property
    def secrets(self) -> Sequence[str]:
        """Those of the other rig; the broker's are the target's."""
        return () if self._other is None else self._other.secrets

    def why_not(self, verb: str, fields: Collection[str]) -> str | None:
        """What EVerest's topics have no room for."""
        if verb not in self._acts:
            return None if self._other is None else self._other.why_not(verb, fields)
        reasons = [_lacks(site, verb) or _no_room(verb, fields) for site in self._sites.values()]
        if None in reasons or self._by_other(verb, fields):
            return None
        return reasons[0]

    def lacking(self, verb: str) -> str | None:
        """Why no EVerest of the target can do a verb; None when one can, or it is none of EVerest's."""
        reasons = [_lacks(site, verb) for site in self._sites.values()] if verb in self._acts else []
        return reasons[0] if reasons and None not in reasons else None

    async def perform(self, station: str, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Publish it; a request is done when it is answered, everything else when the broker has taken it."""
        site = self._sites[station]
        reason = "" if verb not in self._acts else _lacks(site, verb) or _no_room(verb, fields)
        if (verb not in self._acts or reason) and self._by_other(verb, fields):
            assert self._other is not None
            return await self._other.perform(station, verb, fields)
        if reason:
            raise BlockedError(reason)
        try:
            return await self._acts[verb](site, fields)
        except BrokerError as error:
            raise InfrastructureError(f"EVerest: {verb}: {error}", reached=True) from None

    async def close(self) -> None:
        """Of the other rig; the connections to the broker are the target's."""
        if self._other is not None:
            await self._other.close()

    def _by_other(self, verb: str, fields: Collection[str]) -> bool:
        return self._other is not None and verb in self._other.verbs and self._other.why_not(verb, fields) is None

    # -- tokens ---------------------------------------------------------------------------------------------------

    async def _present(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        token = {"value": fields["id_tag"], "type": fields.get("id_token_type") or DEFAULT_TOKEN_TYPE}
        place = {} if fields.get("evse_id") is None else {"connectors": [fields["evse_id"]]}
        return await self._provide(site, {"id_token": token, **place})

    async def _provide(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        data = {"authorization_type": "RFID", **fields}
        kind = PROVIDED_TOKEN_TYPES.get(str(data["authorization_type"]), DEFAULT_TOKEN_TYPE)
        data["id_token"] = _spelled_out(data["id_token"], kind)
        if data.get("parent_id_token") is not None:
            data["parent_id_token"] = _spelled_out(data["parent_id_token"], "Central")
        try:
            written = to_json(from_json(ProvidedIdToken, data).value)
        except InvalidValueError as error:
            return Outcome("refused", reason=str(error))
        # Before it is published: what becomes of it may be told while that is awaited.
        if site.conclusions is not None:
            token = data["id_token"]
            validated = data.get("prevalidated") is True
            site.conclusions.presented(token["value"], token["type"], prevalidated=validated)
        installation = site.installation
        provider = installation.first(Module.TOKEN_PROVIDER)
        if provider is not None:
            await site.bus.publish(site.topics.to(Module.TOKEN_PROVIDER, provider, "provided_token"), written)
        else:
            assert installation.dummy_token_provider is not None
            await site.bus.publish(site.topics.dummy_token_provider(installation.dummy_token_provider), written)
        return Outcome()

    async def _withdraw(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        wanted: dict[str, Any] = {}
        if fields.get("evse_id") is not None:
            wanted["evse_id"] = fields["evse_id"]
        if fields.get("id_token") is not None:
            try:
                wanted["id_token"] = to_json(id_token(fields["id_token"]))
            except InvalidValueError as error:
                return Outcome("refused", reason=str(error))
        module = site.installation.first(Module.AUTH)
        assert module is not None
        topic = site.topics.to(Module.AUTH, module, "withdraw_authorization")
        answer = await site.bus.ask(site.topics, topic, wanted, _ANSWER)
        try:
            result = str(getattr(messages.withdrawal(answer).value, "value", answer))
        except MalformedError as error:
            site.inside.broken(topic, error)
            raise InfrastructureError(f"EVerest's answer to withdraw_authorization: {error}", reached=True) from None
        told: dict[str, Any] = {"is": result}
        if "evse_id" in wanted:
            told["evse_id"] = wanted["evse_id"]
        if "id_token" in wanted:
            told["id_tag"] = wanted["id_token"]["value"]
        site.inside.fact("withdrawal", told)
        return Outcome(detail={"result": result})

    async def _update(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        try:
            result = site.validators.dated(*validation_result(fields["validation_result"]))
        except ValueError as error:
            raise StepError(f"validation_result_update: {error}") from None
        module = site.installation.first(Module.TOKEN_VALIDATOR)
        assert module is not None
        update = {"validation_result": to_json(result), "connector_id": fields["evse_id"]}
        await site.bus.publish(site.topics.to(Module.TOKEN_VALIDATOR, module, "validate_result_update"), update)
        return Outcome()

    # -- cars -----------------------------------------------------------------------------------------------------

    async def _plug(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        car = fields.get("ev") or {}
        draws = car.get("requests_energy", True)
        return await self._drive(site, fields, "execute_charging_session", car_simulator.plug_in(draws=bool(draws)))

    async def _unplug(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        return await self._drive(site, fields, "modify_charging_session", car_simulator.unplug())

    async def _start_session(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        await self._plug(site, fields)
        return await self._present(site, fields)

    async def _stop_session(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        """The transaction ends, where there is a way to say so, and the car leaves."""
        if (fields.get("evse_id") or 1) in site.installation.evse_managers:
            await self._stop_transaction(site, fields)
        return await self._unplug(site, fields)

    async def _draw(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        return await self._drive(site, fields, "modify_charging_session", car_simulator.draw())

    async def _pause(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        return await self._drive(site, fields, "modify_charging_session", car_simulator.pause())

    async def _drive(self, site: Site, fields: Mapping[str, Any], command: str, text: str) -> Outcome:
        evse_id = fields.get("evse_id") or 1
        if evse_id not in site.installation.cars:
            raise BlockedError(f"no car simulator is told of at EVSE {evse_id} (option `cars`)")
        await site.bus.publish(site.topics.car(site.installation.cars[evse_id], command), text)
        return Outcome()

    # -- the station ----------------------------------------------------------------------------------------------

    async def _stop_transaction(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        evse_id = fields.get("evse_id") or 1
        manager = site.installation.evse_managers.get(evse_id)
        if manager is None:
            raise BlockedError(f"no evse_manager_consumer_API shows EVSE {evse_id}")
        topic = site.topics.to(Module.EVSE_MANAGER, manager, "stop_transaction")
        done = await site.bus.ask(site.topics, topic, {"reason": fields.get("reason") or "Local"}, _ANSWER)
        return Outcome() if done is True else Outcome("refused", reason="EVerest has not stopped the transaction")

    async def _raise(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        fault = find_fault(str(fields.get("fault_type")))
        error = None if fault is None else board_errors.ERRORS.get(fault.name)
        if error is None:
            raise BlockedError(f"YetiSimulator has no error for the fault {fields.get('fault_type')}")
        evse_id = int(fields.get("evse_id") or 1)
        await site.bus.publish(site.topics.board_error(_car(site, evse_id)), board_errors.payload(error, raised=True))
        site.raised.setdefault(evse_id, set()).add(error)
        return Outcome()

    async def _clear(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        wanted = [fields["evse_id"]] if fields.get("evse_id") is not None else sorted(site.raised)
        for evse_id in wanted:
            for error in sorted(site.raised.pop(evse_id, ())):
                topic = site.topics.board_error(_car(site, evse_id))
                await site.bus.publish(topic, board_errors.payload(error, raised=False))
        return Outcome()

    async def _network(self, site: Site, fields: Mapping[str, Any]) -> Outcome:
        await site.bus.publish(site.topics.websocket(connect=fields.get("state") == "up"), "true")
        return Outcome()


def _lacks(site: Site, verb: str) -> str | None:
    """Why an EVerest cannot do a verb at all."""
    installation = site.installation
    match verb:
        case "authorize_id_tag" | "provide_token":
            return None if installation.provides_tokens else NO_TOKENS
        case "withdraw_authorization":
            return installation.lacks(Module.AUTH)
        case "validation_result_update":
            return installation.lacks(Module.TOKEN_VALIDATOR)
        case "stop_transaction":
            return None if installation.evse_managers else installation.lacks(Module.EVSE_MANAGER)
        case "inject_fault" | "clear_fault":
            return None if installation.board_errors else _NO_ERRORS
        case "network":
            return None if installation.websocket else _NO_WEBSOCKET
        case "start_session":
            return _lacks(site, "authorize_id_tag") or (None if installation.cars else _NO_CARS)
        case _:
            return None if installation.cars else _NO_CARS


#: Verb → fields that its topic has room for.
_ROOM: Mapping[str, frozenset[str]] = {
    "authorize_id_tag": frozenset({"id_tag", "evse_id", "id_token_type"}),
    "plug_connector": frozenset({"evse_id", "connector_id", "ev"}),
    "unplug_connector": frozenset({"evse_id", "connector_id"}),
    "start_session": frozenset({"id_tag", "evse_id", "connector_id"}),
    "stop_session": frozenset({"evse_id", "connector_id"}),
    "ev_requests_energy": frozenset({"evse_id", "connector_id"}),
    "ev_stops_energy": frozenset({"evse_id", "connector_id"}),
    "stop_transaction": frozenset({"evse_id", "connector_id", "reason"}),
    "inject_fault": frozenset({"fault_type", "evse_id", "connector_id"}),
    "clear_fault": frozenset({"evse_id", "connector_id"}),
    "network": frozenset({"state"}),
}


def _no_room(verb: str, fields: Collection[str]) -> str | None:
    room = _ROOM.get(verb)
    left = sorted(set(fields) - room) if room is not None else []
    return f"EVerest cannot be told the {left[0]} of {verb} from outside" if left else None


def _car(site: Site, evse_id: int) -> int:
    return site.installation.cars.get(evse_id, evse_id)


def _spelled_out(given: Any, kind: str) -> Mapping[str, Any]:
    return {"value": given, "type": kind} if isinstance(given, str) else {"type": kind, **given}
