"""OCPP 2.0.1 (and 2.1) frames to facts.

What a request shows is held until its response, and has the request's time.

| frame | facts |
| --- | --- |
| AuthorizeResponse | ``auth_status`` via Authorize, for the card of the bound request |
| TransactionEventRequest | ``transaction`` started, updated or ended; ``connector_status`` if new; ``meter`` |
| TransactionEventResponse | ``auth_status`` via TransactionEvent, when it has an idTokenInfo |
| StatusNotificationRequest | ``connector_status`` |
| MeterValuesRequest | one ``meter`` for each meterValue element |
| HeartbeatRequest | ``heartbeat`` |
| BootNotificationResponse | ``boot`` |
| SetVariablesResponse, GetVariablesResponse | one ``configuration`` for each result |
| SendLocalListResponse, GetLocalListVersionResponse | ``local_list`` |

**Connector status.** OCPP 2.x has five; the neutral one is derived from StatusNotification and TransactionEvent
together, and each change is one fact whichever of the two shows it first:

- Available, Reserved, Unavailable and Faulted are themselves.
- Occupied is Preparing without a transaction, Finishing once one has ended with the cable still in, and otherwise what
  the transaction's chargingState says.
- chargingState Charging, SuspendedEV and SuspendedEVSE are themselves; EVConnected is Preparing before the first
  charging of the transaction and Finishing after it; Idle shows nothing.
- Ended is Finishing, unless the cable is out (stoppedReason EVDisconnected, chargingState Idle, or the connector has
  been reported as something other than Occupied).
- A connector that is reported Occupied again (TriggerMessage, after a reconnect) is reported again as what it is.
- After a boot (unless TriggerMessage asked for the message) nothing is charging until a TransactionEvent says so, and
  Occupied is Preparing, as in 1.6: an Ended of what a loss of power has interrupted tells of the time before the boot.
- An event with ``offline: true`` tells of the past: it shows a connector status only while the connector is Occupied.

A TransactionEvent that is sent again (same transactionId, seqNo and eventType) is the same occurrence and shows nothing
new. A second start under one id and what follows the end are none; for a transaction that nobody has seen begin see
:mod:`.starts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ocpplab_runner.engine.interpreter.common import (
    NO_FACTS,
    Fact,
    Interpreter,
    auth_status,
    heartbeat,
    moment,
    put,
    remember,
)
from ocpplab_runner.engine.interpreter.readings import meter, unit_factor
from ocpplab_runner.engine.interpreter.starts import Starts
from ocpplab_runner.engine.interpreter.v2_variables import variables_read, variables_set

_UP, _DOWN = "to_csms", "to_charger"
_PHASES = {"Started": "started", "Updated": "updated", "Ended": "ended"}
#: Statuses of a connector on which no transaction runs.
_IDLE = frozenset({"Available", "Reserved"})
_CHARGING = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE"})
#: OCPP 2.0.1 TransactionType.stoppedReason: "MAY be omitted if Local".
_DEFAULT_REASON = "Local"
_REASONS = {"ImmediateReset": "HardReset"}


@dataclass(slots=True)
class _Transaction:
    evse_id: Any = None
    connector_id: Any = None
    id_tag: Any = None
    charging_state: str | None = None
    has_charged: bool = False
    before_boot: bool = False
    latest: tuple[Any, Any] | None = None
    ended: bool = False
    last: Any = None
    unverified: bool = False


@dataclass(slots=True)
class _Connector:
    """What was last reported about one connector.

    ``status`` is the last StatusNotification's, ``neutral`` the last status that a fact told.
    """

    status: str | None = None
    neutral: str | None = None
    transaction: Any = None
    finishing: bool = False


class V2Interpreter(Interpreter):
    """Reads the frames of one OCPP 2.x charger."""

    def __init__(self) -> None:
        super().__init__(
            calls={
                (_UP, "StatusNotification"): self._status_notification,
                (_UP, "TransactionEvent"): self._transaction_event,
                (_UP, "MeterValues"): _meter_values,
                (_UP, "Heartbeat"): heartbeat,
                (_UP, "BootNotification"): self._booting,
            },
            answers={
                (_UP, "Authorize"): _authorized,
                (_UP, "TransactionEvent"): self._transaction_answered,
                (_UP, "BootNotification"): self._booted,
                (_DOWN, "SetVariables"): variables_set,
                (_DOWN, "GetVariables"): variables_read,
                (_DOWN, "SendLocalList"): _local_list_sent,
                (_DOWN, "GetLocalListVersion"): _local_list_version,
            },
            shows={
                "StatusNotification": frozenset({"connector_status"}),
                "MeterValues": frozenset({"meter"}),
                "Heartbeat": frozenset({"heartbeat"}),
                "TransactionEvent": frozenset({"transaction", "connector_status", "meter"}),
            },
        )
        self._transactions: dict[Any, _Transaction] = {}
        self._connectors: dict[tuple[Any, Any], _Connector] = {}
        self._starts = Starts()
        self._lost_starts: dict[Any, None] = {}

    def _lost(self, action: str, payload: Any) -> None:
        if action == "TransactionEvent" and payload.get("eventType") == "Started":
            remember(self._lost_starts, payload["transactionInfo"]["transactionId"], None)

    def _booting(self, payload: Any) -> list[Fact]:
        if payload.get("reason") != "Triggered":
            self._starts.booted()
            for connector in self._connectors.values():
                connector.status = connector.neutral = connector.transaction = None
                connector.finishing = False
            for transaction in self._transactions.values():
                transaction.before_boot = True
        return NO_FACTS

    def _booted(self, request: Any, answer: Any) -> list[Fact]:
        if request.get("reason") != "Triggered":
            self._starts.booted_at(answer.get("currentTime"))
        fields = {"is": answer["status"]}
        put(fields, "interval", answer.get("interval"))
        put(fields, "reason", request.get("reason"))
        return [("boot", fields)]

    def _status_notification(self, payload: Any) -> list[Fact]:
        evse_id, connector_id, status = payload["evseId"], payload["connectorId"], payload["connectorStatus"]
        self._starts.reported(evse_id, connector_id, idle=status in _IDLE)
        connector = self._connector(evse_id, connector_id)
        again = connector.status == status
        connector.status = status
        if status == "Available":
            connector.finishing = False
        neutral = self._occupied_as(connector) if status == "Occupied" else status
        if status == "Occupied" and not again and neutral == connector.neutral:
            return NO_FACTS
        connector.neutral = neutral
        return [_connector_status(neutral, evse_id, connector_id)]

    def _occupied_as(self, connector: _Connector) -> str:
        transaction = self._transactions.get(connector.transaction)
        if transaction is not None:
            return _status_of(transaction) or "Preparing"
        return "Finishing" if connector.finishing else "Preparing"

    def _transaction_event(self, payload: Any) -> list[Fact]:
        phase = _PHASES[payload["eventType"]]
        info = payload["transactionInfo"]
        transaction_id = info["transactionId"]
        transaction = self._transactions.get(transaction_id)
        if transaction is None:
            evse_id = payload["evse"]["id"] if "evse" in payload else None
            if phase == "started":
                self._starts.started(evse_id)
            elif self._starts.rule_out(evse_id, payload.get("timestamp")):
                if not self._may_have_been_lost(transaction_id):
                    self.contradicts("unknown-transaction-id", f"there is no transaction {transaction_id}")
                return NO_FACTS
            transaction = _Transaction(unverified=phase != "started")
            remember(self._transactions, transaction_id, transaction)
        occurrence = (payload.get("seqNo"), phase)
        if transaction.latest == occurrence:
            return NO_FACTS
        if phase == "started" and transaction.latest is not None:
            if not transaction.unverified:
                self.contradicts("duplicate-transaction-id", f"transaction {transaction_id} was started before")
            return NO_FACTS
        if transaction.ended and not _is_late(payload, transaction):
            self.contradicts("transaction-already-ended", f"transaction {transaction_id} has ended before")
            return NO_FACTS
        if phase == "ended":
            if transaction.ended:
                return NO_FACTS
            transaction.ended, transaction.last = True, payload.get("seqNo")
        transaction.latest = occurrence
        self._learn(transaction, payload, info)

        fields: dict[str, Any] = {"is": phase, "transaction_id": transaction_id}
        put(fields, "evse_id", transaction.evse_id)
        token = payload.get("idToken")
        put(fields, "id_tag", token["idToken"] if token else transaction.id_tag)
        if phase == "ended":
            reason = info.get("stoppedReason", _DEFAULT_REASON)
            fields["reason"] = _REASONS.get(reason, reason)
        put(fields, "charging_state", info.get("chargingState"))
        put(fields, "trigger", payload.get("triggerReason"))
        put(fields, "seq_no", payload.get("seqNo"))
        fields["offline"] = payload.get("offline", False)
        put(fields, "reservation_id", payload.get("reservationId"))
        put(fields, "remote_start_id", info.get("remoteStartId"))
        meters = [meter(e, transaction.evse_id, transaction_id, _unit) for e in payload.get("meterValue", ())]
        energies = [meter["energy_wh"] for _, meter in meters if "energy_wh" in meter]
        if energies:
            fields["meter_wh"] = energies[-1]
        put(fields, "timestamp", moment(payload.get("timestamp")))
        put(fields, "unverified", transaction.unverified or None)
        return [
            ("transaction", fields),
            *self._connector_shown_by(phase, transaction_id, transaction, payload, info),
            *meters,
        ]

    def _may_have_been_lost(self, transaction_id: Any) -> bool:
        """Whether a Started of that transaction was sent, and nobody knows that the CSMS has taken it."""
        open_ones = self._unanswered("TransactionEvent")
        return transaction_id in self._lost_starts or any(
            one["eventType"] == "Started" and one["transactionInfo"]["transactionId"] == transaction_id
            for one in open_ones
        )

    def _learn(self, transaction: _Transaction, payload: Any, info: Any) -> None:
        evse = payload.get("evse")
        if evse is not None:
            transaction.evse_id = evse["id"]
            transaction.connector_id = evse.get("connectorId", transaction.connector_id)
        token = payload.get("idToken")
        if token is not None and transaction.id_tag is None:
            transaction.id_tag = token["idToken"]
        state = info.get("chargingState")
        if state is not None:
            transaction.charging_state = state
            transaction.has_charged = transaction.has_charged or state in _CHARGING

    def _connector_shown_by(
        self, phase: str, transaction_id: Any, transaction: _Transaction, payload: Any, info: Any
    ) -> list[Fact]:
        if transaction.evse_id is None:
            return []
        connector_id = transaction.connector_id or self._likely_connector(transaction.evse_id)
        connector = self._connector(transaction.evse_id, connector_id)
        occupied = connector.status == "Occupied"
        neutral: str | None
        if phase == "ended":
            connector.transaction = None
            cable_out = info.get("stoppedReason") == "EVDisconnected" or info.get("chargingState") == "Idle"
            if not transaction.before_boot:
                connector.finishing = not cable_out and connector.status != "Available"
            finishing = connector.finishing and (occupied or connector.status is None)
            neutral = "Finishing" if finishing else None
        else:
            transaction.before_boot = transaction.before_boot and payload.get("offline", False)
            connector.transaction = transaction_id
            neutral = _status_of(transaction)
        if payload.get("offline", False) and not occupied:
            return []
        if neutral is None or neutral == connector.neutral:
            return []
        connector.neutral = neutral
        return [_connector_status(neutral, transaction.evse_id, connector_id)]

    def _transaction_answered(self, request: Any, answer: Any) -> list[Fact]:
        if "idTokenInfo" not in answer:
            return NO_FACTS
        transaction = self._transactions.get(request["transactionInfo"]["transactionId"], _Transaction())
        token = request.get("idToken")
        card = token["idToken"] if token else transaction.id_tag
        return [_verdict(answer["idTokenInfo"], card, "TransactionEvent", transaction.evse_id)]

    def _connector(self, evse_id: Any, connector_id: Any) -> _Connector:
        key = (evse_id, connector_id)
        connector = self._connectors.get(key)
        if connector is None:
            connector = self._connectors[key] = _Connector()
        return connector

    def _likely_connector(self, evse_id: Any) -> Any:
        """The EVSE's occupied connector, for a TransactionEvent that names only the EVSE."""
        own = [key[1] for key, value in self._connectors.items() if key[0] == evse_id and value.status == "Occupied"]
        return own[0] if own else 1


def _is_late(payload: Any, transaction: _Transaction) -> bool:
    """Whether an event was sent before the end that has overtaken it."""
    return isinstance(transaction.last, int) and payload["seqNo"] < transaction.last


def _status_of(transaction: _Transaction) -> str | None:
    state = transaction.charging_state
    if state in _CHARGING:
        return state
    if state == "EVConnected":
        return "Finishing" if transaction.has_charged else "Preparing"
    return None


def _connector_status(status: str, evse_id: Any, connector_id: Any) -> Fact:
    return "connector_status", {"is": status, "evse_id": evse_id, "connector_id": connector_id}


def _verdict(info: Any, card: Any, via: str, evse_id: Any = None) -> Fact:
    group = info.get("groupIdToken")
    return auth_status(info["status"], card, via, evse_id, group["idToken"] if group else None)


def _unit(sample: Any) -> float:
    unit = sample.get("unitOfMeasure")
    return unit_factor(unit.get("unit"), unit.get("multiplier", 0)) if unit else 1.0


def _meter_values(payload: Any) -> list[Fact]:
    return [meter(element, payload["evseId"], None, _unit) for element in payload["meterValue"]]


def _authorized(request: Any, answer: Any) -> list[Fact]:
    return [_verdict(answer["idTokenInfo"], request["idToken"]["idToken"], "Authorize")]


def _local_list_sent(request: Any, answer: Any) -> list[Fact]:
    fields = {"is": answer["status"]}
    put(fields, "version", request.get("versionNumber"))
    return [("local_list", fields)]


def _local_list_version(_request: Any, answer: Any) -> list[Fact]:
    return [("local_list", {"version": answer["versionNumber"]})]
