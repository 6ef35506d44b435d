"""The commands of scenarios: the Gateway's 18, ``power``, ``network`` and ``charger_reply``.

Each takes the fields of ``docs/language.md``; the schema has checked their types. A command that makes no sense in the
present state raises :class:`~ocpplab_runner.charger.model.Refused` with a reason to act on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ocpplab_runner.authorization.local_list import ListEntry, UpdateStatus, UpdateType
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    IdToken,
    IdTokenType,
    ProvidedIdToken,
    ValidationResult,
)
from ocpplab_runner.charger import faults
from ocpplab_runner.charger.evse import ActiveFault, Connector, Evse, Goal
from ocpplab_runner.charger.model import CommandResult, Refused, StopReason
from ocpplab_runner.charger.operations import UnlockOutcome
from ocpplab_runner.charger.proxy import proxy_call
from ocpplab_runner.charger.settings import seconds_of, wire_text
from ocpplab_runner.ocppj.validation import validate_request
from ocpplab_runner.vocabulary.faults import FAULTS, find_fault
from ocpplab_runner.vocabulary.settings import SETTINGS

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

_Fields = Mapping[str, Any]
#: What a person, a car or the world can do to a station without power.
_WITHOUT_POWER = frozenset(
    {
        "plug_connector",
        "unplug_connector",
        "ev_requests_energy",
        "ev_stops_energy",
        "power_update",
        "inject_fault",
        "clear_fault",
        "power",
        "network",
        "charger_reply",
    }
)


class Commands:
    """Carries commands out on a station."""

    __slots__ = ("_station",)

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station

    async def perform(self, command: str, fields: _Fields, *, raw: bool) -> CommandResult:
        """See :meth:`~ocpplab_runner.charger.station.SimulatedCharger.perform`."""
        action = _COMMANDS.get(command)
        if action is None:
            raise ValueError(f"a charger has no command {command!r}")
        if command not in _WITHOUT_POWER:
            if self._station.power.restarting:
                raise Refused("the charger restarts")
            if not self._station.powered:
                raise Refused("the charger has no power")
        detail = action(self, fields, raw)
        if isinstance(detail, Awaitable):
            detail = await detail
        return CommandResult(detail=detail or {})

    # -- the driver and the car -----------------------------------------------------------------------------------

    def _plug(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        if fields.get("evse_id") is not None:
            evse = station.evse(fields["evse_id"])
        else:
            evse = next((e for e in station.evses if e.plugged_connector is None), station.evses[0])
        connector = self._connector(evse, fields) or evse.connectors[0]
        if evse.plugged_connector is not None:
            raise Refused(f"an EV is already plugged into EVSE {evse.evse_id}")
        evse.ev = station.config.ev.updated(fields.get("ev"))
        evse.plugged_wh = evse.meter.energy_wh(station.now())
        connector.plugged = True
        connector.finished = connector.cable_left = False
        transaction = evse.transaction
        if transaction is not None:
            station.transactions.ev_connected(evse)
            return
        station.statuses.refresh(evse)
        if station.powered:
            station.cards.plugged(evse)
            station.statuses.refresh(evse)

    def _unplug(self, fields: _Fields, raw: bool) -> None:
        self._do_unplug(self._pick(fields, lambda e: e.plugged_connector is not None, "no EV is plugged in"))

    def _do_unplug(self, evse: Evse) -> None:
        station = self._station
        connector = evse.plugged_connector
        if connector is None:
            raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
        transaction = evse.transaction
        if transaction is not None and station.config.ev_side_unplug == "locked":
            raise Refused(f"the cable of EVSE {evse.evse_id} is locked while it charges")
        connector.plugged = connector.finished = False
        connector.cable_left = transaction is not None and not station.settings.boolean("unlock_on_ev_disconnect")
        evse.ev = None
        evse.offer_w = station.config.max_power_w
        if transaction is None:
            station.cards.unplugged(evse)
            station.statuses.refresh(evse)
        elif station.settings.boolean("stop_transaction_on_ev_disconnect"):
            station.transactions.end(evse, StopReason.EV_DISCONNECTED)
        else:
            station.transactions.ev_disconnected(evse)

    def _ev_demands(self, fields: _Fields, raw: bool) -> None:
        self._set_demand(fields, True)

    def _ev_rests(self, fields: _Fields, raw: bool) -> None:
        self._set_demand(fields, False)

    def _set_demand(self, fields: _Fields, demand: bool) -> None:
        evse = self._pick(fields, lambda e: e.ev is not None, "no EV is plugged in")
        if evse.ev is None:
            raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
        evse.ev = replace(evse.ev, demand=demand)
        self._station.transactions.refresh(evse)

    def _power_update(self, fields: _Fields, raw: bool) -> None:
        evse = self._pick(fields, lambda e: e.ev is not None, "no EV is plugged in")
        if evse.ev is None:
            raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
        power = float(fields["power_w"])
        if power > 0:
            evse.ev = replace(evse.ev, power_w=power)
        evse.offer_w = self._station.config.max_power_w if power > 0 else 0.0
        self._station.transactions.refresh(evse)

    def _present(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        if "ReaderFailure" in station.faults:
            raise Refused("the card reader is broken")
        token = self._token(fields, raw)
        evse = None if fields.get("evse_id") is None else station.evse(fields["evse_id"])
        if evse is not None and any("ReaderFailure" in connector.faults for connector in evse.connectors):
            raise Refused(f"the card reader of EVSE {evse.evse_id} is broken")
        station.cards.present(ProvidedIdToken(token, connectors=() if evse is None else (evse.evse_id,)))

    # -- sessions -------------------------------------------------------------------------------------------------

    def _start_session(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        token = self._token(fields, raw)
        if fields.get("evse_id") is not None:
            evse = station.evse(fields["evse_id"])
        else:
            evse = (
                next((e for e in station.evses if e.transaction is None and station.cards.can_start(e)), None)
                or (station.evses[0])
            )
        if evse.transaction is not None:
            raise Refused(f"a transaction runs on EVSE {evse.evse_id} already")
        if evse.plugged_connector is None:
            self._plug({**fields, "evse_id": evse.evse_id}, raw)
        duration, energy = fields.get("duration_seconds"), fields.get("target_energy_kwh")
        if duration is not None or energy is not None:
            evse.goal = Goal(
                token,
                None if duration is None else float(duration),
                None if energy is None else float(energy) * 1000,
            )
        station.cards.present(ProvidedIdToken(token, connectors=(evse.evse_id,)))

    def _stop_session(self, fields: _Fields, raw: bool) -> None:
        evse = self._pick(
            fields,
            lambda e: e.transaction is not None or e.plugged_connector is not None,
            "no session runs and no EV is plugged in",
        )
        if evse.transaction is None and evse.plugged_connector is None:
            raise Refused(f"no session runs on EVSE {evse.evse_id} and no EV is plugged in")
        if evse.transaction is not None:
            self._station.transactions.end(evse, StopReason.LOCAL)
        if evse.plugged_connector is not None:
            self._do_unplug(evse)

    def _start_transaction(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        token = self._token(fields, raw)
        evse = self._pick(
            fields,
            lambda e: e.transaction is None and e.plugged_connector is not None,
            "no EV is plugged in that does not charge already",
        )
        if evse.transaction is not None:
            raise Refused(f"a transaction runs on EVSE {evse.evse_id} already")
        if evse.plugged_connector is None:
            raise Refused(f"no EV is plugged into EVSE {evse.evse_id}: plug_connector first")
        if not station.usable(evse):
            raise Refused(f"EVSE {evse.evse_id} is faulted or out of service")
        station.cards.start_raw(evse, token)

    def _stop_transaction(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        wanted = fields.get("transaction_id")
        if wanted is not None:
            transaction = station.dialect.find_transaction(wanted)
            if transaction is None:
                raise Refused(f"no running transaction has the id {wanted}")
            evse = station.evses[transaction.evse_id - 1]
        else:
            evse = self._pick(fields, lambda e: e.transaction is not None, "no transaction runs")
            if evse.transaction is None:
                raise Refused(f"no transaction runs on EVSE {evse.evse_id}")
        token = self._token(fields, raw) if fields.get("id_tag") is not None else None
        station.transactions.end(evse, fields.get("reason") or StopReason.LOCAL, token)

    def _unlock(self, fields: _Fields, raw: bool) -> None:
        evse = self._pick(fields, lambda e: True, "")
        connector = self._connector(evse, fields) or evse.plugged_connector or evse.connectors[0]
        outcome, effect = self._station.operations.unlock(evse, connector)
        if outcome is not UnlockOutcome.UNLOCKED:
            why = "the lock is stuck" if outcome is UnlockOutcome.FAILED else "the charger has no lock"
            raise Refused(f"EVSE {evse.evse_id}: {why}")
        if effect is not None:
            effect()

    # -- faults ---------------------------------------------------------------------------------------------------

    def _inject_fault(self, fields: _Fields, raw: bool) -> None:
        fault = find_fault(fields["fault_type"])
        if fault is None:
            raise Refused(f"there is no fault {fields['fault_type']}: choose from {', '.join(sorted(FAULTS))}")
        evse = None if fields.get("evse_id") is None else self._station.evse(fields["evse_id"])
        connector = None if evse is None else self._connector(evse, fields)
        active = ActiveFault(fault, fields.get("info", ""), fields.get("vendor_error_code", ""))
        faults.inject(self._station, active, evse, connector)

    def _clear_fault(self, fields: _Fields, raw: bool) -> dict[str, Any]:
        evse = None if fields.get("evse_id") is None else self._station.evse(fields["evse_id"])
        connector = None if evse is None else self._connector(evse, fields)
        gone = faults.clear(self._station, evse, connector)
        if gone == 0:
            raise Refused("there is no fault to clear" + ("" if evse is None else f" on EVSE {evse.evse_id}"))
        return {"faults_cleared": gone}

    # -- inside the charger ---------------------------------------------------------------------------------------

    def _set_configuration(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        for name, value in (fields.get("settings") or {}).items():
            setting = SETTINGS.get(name)
            if setting is None:
                raise Refused(f"there is no setting {name}")
            if not setting.exists_in(station.version):
                raise Refused(f"OCPP {station.version.value} has no setting {name}")
            try:
                station.settings.set(name, wire_text(setting, value))
            except ValueError as error:
                raise Refused(str(error)) from None
        for key, value in (fields.get("configuration") or {}).items():
            station.dialect.set_raw(key, str(value))

    def _reset_cache(self, fields: _Fields, raw: bool) -> dict[str, Any]:
        return {"cleared_entries": self._station.cache.clear()}

    def _send_list(self, fields: _Fields, raw: bool) -> dict[str, Any]:
        self._require_local_list()
        entries = [_list_entry(entry) for entry in fields["entries"]]
        update = UpdateType(fields.get("update_type", "Full"))
        if update is UpdateType.FULL and fields["list_version"] <= self._station.local_list.version:
            raise Refused(f"the list is at version {self._station.local_list.version} already")
        status = self._station.local_list.update(fields["list_version"], update, entries)
        if status is not UpdateStatus.ACCEPTED:
            raise Refused(f"the update was refused: {status.value}")
        return {"entries_received": len(entries), "list_version": self._station.local_list.version}

    def _clear_list(self, fields: _Fields, raw: bool) -> dict[str, Any]:
        self._require_local_list()
        return {"entries_deleted": self._station.local_list.clear()}

    def _require_local_list(self) -> None:
        if "LocalAuthListManagement" not in self._station.config.features:
            raise Refused("the charger has no local authorization list")

    def _proxy(self, fields: _Fields, raw: bool) -> dict[str, Any]:
        station = self._station
        session = station.uplink.session
        if session is None:
            raise Refused("the charger is not connected")
        wanted = fields.get("ocpp_version")
        if wanted is not None and wanted != station.version.subprotocol:
            raise Refused(f"the charger speaks {station.version.subprotocol}, not {wanted}")
        action, payload = proxy_call(station.version, fields["action"], fields["payload"])
        violation = None if raw else validate_request(station.version, action, payload)
        if violation is not None:
            raise Refused(f"{action} breaks its schema: {violation}; `raw: true` sends it all the same")
        sent = session.enqueue(action, payload, validate=False)
        return {"message_id": sent.message_id, "action": action}

    # -- the world ------------------------------------------------------------------------------------------------

    def _power(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        off_for = fields.get("off_for")
        if fields.get("state") == "on":
            if station.power.on:
                raise Refused("the power is on already")
            station.timers.stop("power")
            station.power.switch_on()
            return
        if not station.power.on and not station.power.restarting:
            raise Refused("the power is off already")
        station.timers.stop("power")
        station.power.switch_off()
        if off_for is not None:
            station.timers.start("power", seconds_of(off_for), station.power.switch_on)

    def _network(self, fields: _Fields, raw: bool) -> None:
        station = self._station
        station.timers.stop("network")
        down_for = fields.get("down_for")
        station.uplink.set_network(down_for is None and fields.get("state") == "up")
        if down_for is not None:
            station.timers.start("network", seconds_of(down_for), lambda: station.uplink.set_network(True))

    def _program_reply(self, fields: _Fields, raw: bool) -> None:
        try:
            self._station.replies.program(fields)
        except ValueError as error:
            raise Refused(str(error)) from None

    # -- helpers --------------------------------------------------------------------------------------------------

    def _pick(self, fields: _Fields, fits: Callable[[Evse], bool], nobody: str) -> Evse:
        """The EVSE that the fields name, or the only one that fits."""
        station = self._station
        if fields.get("evse_id") is not None:
            return station.evse(fields["evse_id"])
        candidates = [evse for evse in station.evses if fits(evse)]
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            raise Refused(nobody)
        names = " or ".join(str(evse.evse_id) for evse in candidates)
        raise Refused(f"say which EVSE is meant: evse_id {names}")

    def _connector(self, evse: Evse, fields: _Fields) -> Connector | None:
        """The connector that the fields name; None when they name none."""
        if fields.get("connector_id") is None:
            return None
        connector = evse.connector(fields["connector_id"])
        if connector is None:
            raise Refused(f"EVSE {evse.evse_id} has no connector {fields['connector_id']}")
        return connector

    def _token(self, fields: _Fields, raw: bool) -> IdToken:
        token = IdToken(fields["id_tag"], IdTokenType(fields.get("id_token_type", IdTokenType.ISO14443)))
        outgoing = self._station.dialect.authorize(token)
        violation = None if raw else validate_request(self._station.version, outgoing.action, dict(outgoing.payload))
        if violation is not None:
            raise Refused(f"the card {token.value!r} does not fit OCPP {self._station.version.value}: {violation}")
        return token


def _list_entry(entry: _Fields) -> ListEntry:
    expiry = entry.get("expiry_date")
    parent = entry.get("parent_id_tag")
    return ListEntry(
        IdToken(entry["id_tag"]),
        ValidationResult(
            AuthorizationStatus(entry.get("status", "Accepted")),
            None if expiry is None else _moment(expiry),
            None if parent is None else IdToken(parent),
        ),
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no RFC 3339 date and time") from None
    if moment.tzinfo is None:
        raise Refused(f"{text!r} has no time zone: append Z")
    return moment


_COMMANDS: dict[str, Callable[[Commands, _Fields, bool], Any]] = {
    "proxy_message": Commands._proxy,
    "set_configuration": Commands._set_configuration,
    "reset_auth_cache": Commands._reset_cache,
    "send_local_auth_list": Commands._send_list,
    "clear_local_auth_list": Commands._clear_list,
    "inject_fault": Commands._inject_fault,
    "clear_fault": Commands._clear_fault,
    "plug_connector": Commands._plug,
    "unplug_connector": Commands._unplug,
    "unlock_connector": Commands._unlock,
    "start_transaction": Commands._start_transaction,
    "stop_transaction": Commands._stop_transaction,
    "start_session": Commands._start_session,
    "stop_session": Commands._stop_session,
    "authorize_id_tag": Commands._present,
    "ev_requests_energy": Commands._ev_demands,
    "ev_stops_energy": Commands._ev_rests,
    "power_update": Commands._power_update,
    "power": Commands._power,
    "network": Commands._network,
    "charger_reply": Commands._program_reply,
}
#: Every command that a simulated charger can carry out.
COMMANDS = frozenset(_COMMANDS)
