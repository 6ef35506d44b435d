"""OCPP 1.6 frames to facts.

What a .req shows is held until its .conf, and has the .req's time.

| frame | facts |
| --- | --- |
| Authorize.conf | ``auth_status`` via Authorize, for the card of the bound call |
| StartTransaction.conf | ``transaction`` started, then ``auth_status`` via StartTransaction |
| StopTransaction.req | ``transaction`` ended, ``meter`` for each element of transactionData |
| StopTransaction.conf | ``auth_status`` via StopTransaction, when it has an idTagInfo |
| StatusNotification.req | ``connector_status`` |
| MeterValues.req | one ``meter`` for each meterValue element |
| Heartbeat.req | ``heartbeat`` |
| BootNotification.conf | ``boot`` |
| ChangeConfiguration.conf | ``configuration`` |
| GetConfiguration.conf | one ``configuration`` for each key, with ``is: Unknown`` for each unknownKey |
| SendLocalList.conf, GetLocalListVersion.conf | ``local_list`` |

A transaction has started when its answer arrives: only that gives it an id in 1.6, and a start that is answered with
a CALLERROR will be sent again and is no second transaction. It has ended when StopTransaction is sent and answered; the
same StopTransaction sent again is the same end. 1.6 has no ``updated``. A start under the id of a running transaction,
and the end of one that has ended, are none; for the end of one that nobody has seen begin see :mod:`.starts`.
"""

from __future__ import annotations

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
from ocpplab_runner.vocabulary.settings import setting_of_key

_UP, _DOWN = "to_csms", "to_charger"
#: OCPP 1.6 section 7.36: what a missing stop reason means.
_DEFAULT_REASON = "Local"
#: Statuses of a connector on which no transaction runs.
_IDLE = frozenset({"Available", "Preparing", "Reserved"})


class V16Interpreter(Interpreter):
    """Reads the frames of one OCPP 1.6 charger."""

    def __init__(self) -> None:
        super().__init__(
            calls={
                (_UP, "StatusNotification"): self._status_notification,
                (_UP, "MeterValues"): self._meter_values,
                (_UP, "Heartbeat"): heartbeat,
                (_UP, "StopTransaction"): self._stop_requested,
                (_UP, "BootNotification"): self._booting,
            },
            answers={
                (_UP, "Authorize"): _authorized,
                (_UP, "StartTransaction"): self._started,
                (_UP, "StopTransaction"): self._stopped,
                (_UP, "BootNotification"): self._booted,
                (_DOWN, "ChangeConfiguration"): _configuration_changed,
                (_DOWN, "GetConfiguration"): _configuration_read,
                (_DOWN, "SendLocalList"): _local_list_sent,
                (_DOWN, "GetLocalListVersion"): _local_list_version,
            },
            shows={
                "StatusNotification": frozenset({"connector_status"}),
                "MeterValues": frozenset({"meter"}),
                "Heartbeat": frozenset({"heartbeat"}),
                "StopTransaction": frozenset({"transaction", "meter"}),
            },
        )
        self._transactions: dict[Any, tuple[Any, Any]] = {}
        self._last_stop: dict[Any, Any] = {}
        self._running: set[Any] = set()
        self._starts = Starts()
        self._may_have_lost_starts = False

    def _lost(self, action: str, payload: Any) -> None:
        # The station has no id for that transaction; any number that it then gives is as good.
        self._may_have_lost_starts = self._may_have_lost_starts or action == "StartTransaction"

    def _status_notification(self, payload: Any) -> list[Fact]:
        connector = payload["connectorId"]
        if connector:
            self._starts.reported(connector, 1, idle=payload["status"] in _IDLE)
        fields = {"is": payload["status"], "evse_id": connector, "connector_id": 1 if connector else 0}
        put(fields, "error_code", payload.get("errorCode"))
        put(fields, "info", payload.get("info"))
        put(fields, "vendor_error_code", payload.get("vendorErrorCode"))
        return [("connector_status", fields)]

    def _booting(self, _payload: Any) -> list[Fact]:
        self._starts.booted()
        return NO_FACTS

    def _booted(self, _request: Any, answer: Any) -> list[Fact]:
        self._starts.booted_at(answer.get("currentTime"))
        fields = {"is": answer["status"]}
        put(fields, "interval", answer.get("interval"))
        return [("boot", fields)]

    def _started(self, request: Any, answer: Any) -> list[Fact]:
        transaction, connector, card = answer["transactionId"], request["connectorId"], request["idTag"]
        verdict = [_verdict(answer["idTagInfo"], card, "StartTransaction", connector)] if "idTagInfo" in answer else []
        if transaction in self._running:
            return verdict  # nobody could tell the two apart
        self._running.add(transaction)
        self._starts.started(connector)
        remember(self._transactions, transaction, (connector, card))
        self._last_stop.pop(transaction, None)
        fields = {"is": "started", "transaction_id": transaction, "evse_id": connector, "id_tag": card}
        put(fields, "meter_wh", request.get("meterStart"))
        put(fields, "reservation_id", request.get("reservationId"))
        put(fields, "timestamp", moment(request.get("timestamp")))
        return [("transaction", fields), *verdict]

    def _stop_requested(self, payload: Any) -> list[Fact]:
        transaction = payload["transactionId"]
        if self._last_stop.get(transaction) == payload:
            return NO_FACTS
        known = transaction in self._transactions
        ruled_out = not known and self._starts.rule_out(None, payload.get("timestamp"))
        if ruled_out:
            if not self._may_have_lost_starts and not list(self._unanswered("StartTransaction")):
                self.contradicts("unknown-transaction-id", f"there is no transaction {transaction}")
            return NO_FACTS
        if known and transaction not in self._running:
            self.contradicts("transaction-already-ended", f"transaction {transaction} has ended before")
            return NO_FACTS
        remember(self._last_stop, transaction, payload)
        self._running.discard(transaction)
        connector, starter = self._transactions.get(transaction, (None, None))
        fields = {"is": "ended", "transaction_id": transaction}
        put(fields, "evse_id", connector)
        put(fields, "id_tag", payload.get("idTag", starter))
        fields["reason"] = payload.get("reason", _DEFAULT_REASON)
        put(fields, "meter_wh", payload.get("meterStop"))
        put(fields, "timestamp", moment(payload.get("timestamp")))
        if not known:
            fields["unverified"] = True
        return [
            ("transaction", fields),
            *(meter(element, connector, transaction, _unit) for element in payload.get("transactionData", ())),
        ]

    def _stopped(self, request: Any, answer: Any) -> list[Fact]:
        if "idTagInfo" not in answer:
            return NO_FACTS
        connector, _ = self._transactions.get(request["transactionId"], (None, None))
        return [_verdict(answer["idTagInfo"], request.get("idTag"), "StopTransaction", connector)]

    def _meter_values(self, payload: Any) -> list[Fact]:
        connector, transaction = payload["connectorId"], payload.get("transactionId")
        return [meter(element, connector, transaction, _unit) for element in payload["meterValue"]]


def _verdict(info: Any, card: Any, via: str, evse_id: Any = None) -> Fact:
    return auth_status(info["status"], card, via, evse_id, info.get("parentIdTag"))


def _unit(sample: Any) -> float:
    return unit_factor(sample.get("unit"))


def _authorized(request: Any, answer: Any) -> list[Fact]:
    return [_verdict(answer["idTagInfo"], request["idTag"], "Authorize")]


def _setting(key: str, status: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"is": status, "key": key}
    setting = setting_of_key(key)
    if setting is not None:
        fields["setting"] = setting.name
    return fields


def _configuration_changed(request: Any, answer: Any) -> list[Fact]:
    fields = _setting(request["key"], answer["status"])
    put(fields, "value", request.get("value"))
    return [("configuration", fields)]


def _configuration_read(_request: Any, answer: Any) -> list[Fact]:
    facts: list[Fact] = []
    for entry in answer.get("configurationKey", ()):
        fields = _setting(entry["key"], "Accepted")
        put(fields, "value", entry.get("value"))
        put(fields, "readonly", entry.get("readonly"))
        facts.append(("configuration", fields))
    facts.extend(("configuration", _setting(key, "Unknown")) for key in answer.get("unknownKey", ()))
    return facts


def _local_list_sent(request: Any, answer: Any) -> list[Fact]:
    fields = {"is": answer["status"]}
    put(fields, "version", request.get("listVersion"))
    return [("local_list", fields)]


def _local_list_version(_request: Any, answer: Any) -> list[Fact]:
    return [("local_list", {"version": answer["listVersion"]})]
