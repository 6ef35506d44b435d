"""From the exchanges of one station to the steps of a scenario. Pure.

What a driver, a car and a CSMS did becomes verbs; what came of it becomes expectations of the step before. Cards are
given names of their own; times, ids of transactions and readings are not taken over: they are others in every session.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.redaction.redactor import HIDDEN, Redactor
from ocpplab_runner.tools.frames.connections import ConnectionChange
from ocpplab_runner.tools.frames.exchanges import Exchange
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Statuses of 1.6 that a car brings, and that its leaving brings.
_PLUGGED, _FREE = frozenset({"Preparing", "Occupied"}), "Available"
_CARD = "authorize_id_tag"
#: What a station says after somebody has done something.
_ACTED = frozenset({"Authorize", "StatusNotification", "StopTransaction"})
#: Why a transaction ends that a step has caused.
_CAUSED = frozenset({"Local", "Remote", "HardReset", "SoftReset", "ImmediateReset", "UnlockCommand", "DeAuthorized"})
#: Steps after which a station dials anew by itself.
_REDIAL = frozenset({"reset", "change_password", "power"})
#: Seconds without anything after which a step waits.
_PAUSE = 5.0
#: Messages that say only that a station is there.
_ROUTINE = frozenset({"Heartbeat", "MeterValues", "NotifyReport", "NotifyEvent"})
#: Calls of the CSMS → verb, and its fields from the payload's.
_VERBS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "RemoteStartTransaction": ("remote_start", {"idTag": "id_tag", "connectorId": "evse_id"}),
    "RemoteStopTransaction": ("remote_stop", {}),
    "RequestStopTransaction": ("remote_stop", {}),
    "Reset": ("reset", {"type": "type", "evseId": "evse_id"}),
    "ClearCache": ("clear_cache", {}),
    "UnlockConnector": ("unlock", {"connectorId": "evse_id"}),
    "TriggerMessage": ("trigger_message", {"requestedMessage": "message", "connectorId": "evse_id"}),
}


@dataclass(slots=True)
class Step:
    """One step.

    Attributes:
        verb: what is done.
        fields: of the verb.
        expect: facet → what is expected; empty where nothing is.
        comments: what stands above it.
    """

    verb: str
    fields: Any
    expect: dict[str, Any] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Script:
    """A station's session.

    Attributes:
        version: of OCPP.
        given: what the scenario gives.
        steps: what is done, in its order.
        left: what could not be said, with its line.
    """

    version: OcppVersion
    given: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


class Writer:
    """Writes one script.

    Args:
        exchanges: of one station, in their order.
        redactor: learns the secrets that the recording holds.
        changes: of its connection, in their order; none where the recording does not say.
    """

    def __init__(
        self, exchanges: Sequence[Exchange], redactor: Redactor, changes: Sequence[ConnectionChange] = ()
    ) -> None:
        self._exchanges = exchanges
        self._redactor = redactor
        self._changes = list(changes)
        self._closed: ConnectionChange | None = None
        self._again: ConnectionChange | None = None
        self.script = Script(exchanges[0].version)
        self._cards: dict[str, str] = {}
        self._statuses: dict[str, Any] = {}
        self._connectors: dict[int, str] = {}
        self._routine: dict[str, int] = {}
        self._running: dict[int, str] = {}
        self._transactions: dict[Any, int] = {}
        self._last: float | None = None

    def write(self) -> Script:
        """All of it."""
        script, first = self.script, self._exchanges[0]
        for exchange in self._exchanges:  # what is a secret later is one before, too
            self._redactor.redact([exchange.payload, exchange.answer])
        if first.action == "BootNotification":
            # The boot of the recording is a step of the scenario then.
            script.given["state"] = "disconnected"
        for exchange in self._exchanges:
            self._connect(exchange)
            self._wait(exchange)
            self._take(exchange)
        if self._statuses:
            script.given["csms"] = {"id_tokens": self._statuses}
        script.left += [f"{count} × {action}: not asked for" for action, count in self._routine.items()]
        return script

    def _connect(self, exchange: Exchange) -> None:
        """What has become of the connection since the exchange before."""
        while self._changes and self._changes[0].line < exchange.line:
            change = self._changes.pop(0)
            if not change.opened:
                self._closed, self._again = change, None
            elif self._closed is not None:
                self._again = change
        closed, again = self._closed, self._again
        if closed is None or again is None or not self.script.steps:
            return
        self._closed = self._again = None
        self._last = again.at
        last = self.script.steps[-1]
        if last.verb in _REDIAL:
            return
        away = f"{max(1, round(again.at - closed.at))}s"
        who = {"charger": "the charger has closed it", "csms": "the CSMS has closed it"}
        comment = f"line {closed.line}: the connection was lost: {who.get(closed.by, 'it was cut')}"
        if exchange.action == "BootNotification":
            step = self._step("power", {"off_for": away})
            step.comments.append(f"{comment}, and the station booted when it came back")
        else:
            lost = self._step("network", {"down_for": away}, connection=["closed", "opened"])
            lost.comments.append(comment)

    def _wait(self, exchange: Exchange) -> None:
        """Let the time pass that went by since somebody has last done something."""
        if exchange.at is None or (self._last is not None and not self._acts(exchange)):
            return
        pause = 0.0 if self._last is None else exchange.at - self._last
        self._last = exchange.at
        if pause > _PAUSE and self.script.steps:
            self._step("wait", f"{round(pause)}s")

    def _acts(self, exchange: Exchange) -> bool:
        """Whether somebody must act for it; what a station does by itself it does in its own time."""
        ended = exchange.action == "TransactionEvent" and exchange.payload.get("eventType") == "Ended"
        return ended or exchange.direction == "to_charger" or exchange.action in _ACTED

    def _take(self, exchange: Exchange) -> None:
        if exchange.fault:
            self._leave(exchange, f"is not valid: {exchange.fault}")
        elif exchange.error:
            self._leave(exchange, f"was answered with the CALLERROR {exchange.error}")
        elif exchange.direction == "to_charger":
            self._of_csms(exchange)
        elif exchange.action in _ROUTINE:
            self._routine[exchange.action] = self._routine.get(exchange.action, 0) + 1
        else:
            self._of_station(exchange)

    # -- what a station says --------------------------------------------------------------------------------------

    def _of_station(self, exchange: Exchange) -> None:
        match exchange.action:
            case "BootNotification":
                self._boot(exchange)
            case "StatusNotification":
                self._status(exchange, exchange.payload)
            case "Authorize":
                self._authorize(exchange, exchange.payload)
            case "StartTransaction":
                self._start(exchange, exchange.payload)
            case "StopTransaction":
                self._stop(exchange, exchange.payload)
            case "TransactionEvent":
                self._transaction_event(exchange, exchange.payload)
            case _:
                self._leave(exchange, "has no verb")

    def _boot(self, exchange: Exchange) -> None:
        self._connectors.clear()  # their statuses come again
        status = exchange.status or "Accepted"
        last = self._latest()
        if last is not None and (last.verb == "reset" or (last.verb == "power" and "boot" not in last.expect)):
            last.expect["boot"] = status
        else:
            self._step("power", "on", boot=status) if not self.script.steps else self._leave(exchange, "came by itself")

    def _status(self, exchange: Exchange, payload: Mapping[str, Any]) -> None:
        status = str(payload.get("status", payload.get("connectorStatus", "")))
        evse = int(payload.get("evseId", payload.get("connectorId", 0)) or 0)
        before, self._connectors[evse] = self._connectors.get(evse), status
        # The first status of a connector after a boot says how it stands, and not what somebody has done.
        if evse == 0 or before is None or before == status:
            return
        last = self._latest()
        if status in _PLUGGED and (last is None or last.verb not in ("authorize_id_tag", "remote_start")):
            self._step("plug_connector", evse, connector_status={"is": "Preparing", "evse_id": evse})
        elif status == _FREE and before not in ("Reserved", "Unavailable", "Faulted"):
            self._step("unplug_connector", evse, connector_status={"is": status, "evse_id": evse})
        elif status == "Faulted":
            self._leave(exchange, f"fault {payload.get('errorCode', '')}: inject_fault would make one")
        elif last is not None and status not in _PLUGGED:
            last.expect.setdefault("connector_status", {"is": status, "evse_id": evse})

    def _authorize(self, exchange: Exchange, payload: Mapping[str, Any]) -> None:
        card = self._card(payload.get("idTag", payload.get("idToken")))
        self._statuses.setdefault(card, exchange.status or "Accepted")
        last = self._latest()
        if last is None or last.verb != "remote_start":
            last = self._step("authorize_id_tag", card)
        last.expect["auth_status"] = {"is": exchange.status or "Accepted", "via": "Authorize"}

    def _start(self, exchange: Exchange, payload: Mapping[str, Any]) -> None:
        answer = exchange.answer if isinstance(exchange.answer, dict) else {}
        evse = int(payload.get("connectorId", 1))
        # StopTransaction of 1.6 names no connector.
        self._transactions[answer.get("transactionId")] = evse
        self._started(exchange, self._card(payload.get("idTag")), evse)

    def _started(self, exchange: Exchange, card: str | None, evse: int) -> None:
        if card is not None:
            self._statuses.setdefault(card, exchange.status or "Accepted")
            self._running[evse] = card
        last = self._latest()
        if (last is None or last.verb not in ("authorize_id_tag", "remote_start", "plug_connector")) and card:
            last = self._step("authorize_id_tag", card)
        if last is not None:
            last.expect["transaction"] = {"is": "started", **({"id_tag": card} if card else {})}

    def _stop(self, exchange: Exchange, payload: Mapping[str, Any]) -> None:
        evse = self._transactions.get(payload.get("transactionId"), 1)
        self._ended(exchange, str(payload.get("reason", "Local")), evse)

    def _ended(self, exchange: Exchange, reason: str, evse: int) -> None:
        card, last = self._running.pop(evse, None), self._latest()
        if reason == "EVDisconnected":
            last = self._step("unplug_connector", evse)
        elif (
            # The card once more: the step by which it has begun expects that, and cannot expect its end, too.
            reason == "Local"
            and card
            and (last is None or last.verb != "authorize_id_tag" or "transaction" in last.expect)
        ):
            last = self._step("authorize_id_tag", card)
        elif reason not in _CAUSED and not (reason == "PowerLoss" and last is not None and last.verb == "power"):
            self._leave(exchange, f"ended with {reason}, which no step causes")
            return
        if last is not None:
            last.expect["transaction"] = {"is": "ended", "reason": reason}

    def _transaction_event(self, exchange: Exchange, payload: Mapping[str, Any]) -> None:
        info = payload.get("transactionInfo") or {}
        # An event of 2.x need not name the EVSE again.
        evse = int((payload.get("evse") or {}).get("id", self._transactions.get(info.get("transactionId"), 1)))
        self._transactions[info.get("transactionId")] = evse
        card = self._card(payload["idToken"]) if payload.get("idToken") else None
        match payload.get("eventType"):
            case "Started":
                self._started(exchange, card, evse)
            case "Ended":
                if card:
                    self._running.setdefault(evse, card)
                self._ended(exchange, str(info.get("stoppedReason", "Local")), evse)
            case _:
                if card:
                    self._running[evse] = card
                self._routine["TransactionEvent (Updated)"] = self._routine.get("TransactionEvent (Updated)", 0) + 1

    # -- what the CSMS asks for -----------------------------------------------------------------------------------

    def _of_csms(self, exchange: Exchange) -> None:
        payload = exchange.payload
        if _sets_password(exchange):
            self.script.given["charger"] = {"security_profile": 1}
            self._step("change_password", {}, configuration=_password_set(exchange)).comments.append(
                f"line {exchange.line}: {exchange.action} has set a password; this one is the runner's own"
            )
            return
        if self._redactor.redact(payload) != payload or HIDDEN in json.dumps(payload):
            # Written down it would tell itself, and hidden it would set another one.
            self._leave(
                exchange,
                "holds a secret, which is not written down; csms_call sends one of your own, `${{ env.NAME }}`",
            )
            return
        if exchange.action == "RequestStartTransaction":
            fields: Any = {"id_tag": self._card(payload.get("idToken"))}
            if "evseId" in payload:
                fields["evse_id"] = payload["evseId"]
            step = self._step("remote_start", fields)
        elif exchange.action in _VERBS and not payload.keys() - _VERBS[exchange.action][1].keys() - {"transactionId"}:
            verb, names = _VERBS[exchange.action]
            fields = {names[name]: value for name, value in payload.items() if name in names}
            if "id_tag" in fields:
                fields["id_tag"] = self._card(fields["id_tag"])
            step = self._step(verb, fields)
        else:
            step = self._step("csms_call", {"action": exchange.action, "payload": self._without_cards(payload)})
        if step.verb == "remote_start":
            self._statuses.setdefault(step.fields["id_tag"], "Accepted")
        if exchange.status is not None:
            step.expect["response"] = {"status": exchange.status}
        if step.verb == "reset" and exchange.status == "Accepted":
            step.expect["boot"] = "Accepted"  # what follows needs a station that is back

    # -- parts ----------------------------------------------------------------------------------------------------

    def _step(self, verb: str, fields: Any, **expect: Any) -> Step:
        made = Step(verb, fields, dict(expect))
        self.script.steps.append(made)
        return made

    def _latest(self) -> Step | None:
        """The step that what comes now follows; a wait causes nothing."""
        return next((step for step in reversed(self.script.steps) if step.verb != "wait"), None)

    def _leave(self, exchange: Exchange, why: str) -> None:
        self.script.left.append(f"line {exchange.line}: {exchange.action} {why}")

    def _card(self, token: Any) -> str:
        value = str(token.get("idToken", "")) if isinstance(token, Mapping) else str(token)
        # Letter case does not tell cards apart, in any version.
        return self._cards.setdefault(value.casefold(), f"CARD-{len(self._cards) + 1}")

    def _without_cards(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            if "idToken" in value and isinstance(value["idToken"], str):
                return {**value, "idToken": self._card(value)}
            return {key: self._without_cards(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [self._without_cards(one, name) for one in value]
        return self._card(value) if name in ("idTag", "parentIdTag") else value


def _sets_password(exchange: Exchange) -> bool:
    """Whether the CSMS gives the station another password, and does nothing else."""
    payload = exchange.payload
    if exchange.action == "ChangeConfiguration":
        return bool(payload.get("key") == "AuthorizationKey")
    data = payload.get("setVariableData") if exchange.action == "SetVariables" else None
    return isinstance(data, list) and len(data) == 1 and bool(data[0]["variable"]["name"] == "BasicAuthPassword")


def _password_set(exchange: Exchange) -> str:
    answer = exchange.answer if isinstance(exchange.answer, dict) else {}
    results = answer.get("setVariableResult") or [{"attributeStatus": answer.get("status", "Accepted")}]
    return str(results[0]["attributeStatus"])
