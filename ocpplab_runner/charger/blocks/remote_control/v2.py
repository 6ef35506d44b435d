"""Remote control in OCPP 2.x: use cases F01 to F03, F05 and F06."""

from __future__ import annotations

from ocpplab_runner.charger.blocks.remote_control.block import RemoteControl
from ocpplab_runner.charger.blocks.remote_control.lock import unlock
from ocpplab_runner.charger.core.block import V2, Payload, answers
from ocpplab_runner.charger.core.datatypes_v2 import reason, rejected, token_of
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import UnlockOutcome
from ocpplab_runner.charger.core.services.smart_charging import SMART_CHARGING
from ocpplab_runner.charger.core.services.station import REGISTRATION, Place
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS
from ocpplab_runner.ocppj.records import HandlerResult, Reply

#: The triggers of the vendor's own.
_CUSTOM = "CustomizationCtrlr.CustomTriggers"


class RemoteControlV2(RemoteControl):
    """A refusal says why."""

    versions = V2

    @answers("RequestStartTransaction", while_pending=True)
    def request_start_transaction(self, payload: Payload) -> HandlerResult:
        """F01 and F02."""
        if not self.context.ask(REGISTRATION).accepted:  # B02.FR.05
            return rejected("NotEnabled", "the boot of this station has not been accepted")
        evse = None
        if "evseId" in payload:
            evse = self.context.equipment.find(payload["evseId"])
            if evse is None:
                return rejected("UnknownEvse")
        if "chargingProfile" in payload and "SmartCharging" in self.context.config.features:  # else ignored (F01)
            why = self.context.ask(SMART_CHARGING).for_remote_start(
                payload["remoteStartId"], payload["chargingProfile"], evse
            )
            if why is not None:
                return rejected("InvalidProfile", why)
        group = payload.get("groupIdToken")
        start = self.start(
            token_of(payload["idToken"]),
            evse,
            group=None if group is None else token_of(group),
            remote_start_id=payload["remoteStartId"],
        )
        if start is None:
            return rejected("NoEvseAvailable")
        answer = {"status": "Accepted"}
        known = None if evse is None else self.context.ask(OPEN_TRANSACTIONS).id_at(evse.evse_id)
        if known is not None:  # F01.FR.13: the cable has opened a transaction already
            answer["transactionId"] = known
        return Reply(answer, then=start)

    @answers("RequestStopTransaction", while_pending=True)
    def request_stop_transaction(self, payload: Payload) -> HandlerResult:
        """F03."""
        if not self.context.ask(REGISTRATION).accepted:  # B02.FR.05
            return rejected("NotEnabled", "the boot of this station has not been accepted")
        transactions = self.context.ask(OPEN_TRANSACTIONS)
        transaction = transactions.find(payload["transactionId"])
        if transaction is None:
            return rejected("TxNotFound")
        evse = self.context.equipment.find(transaction.evse_id)
        # Its card, or its cable, is still missing: it is open on the wire only.
        if evse is None or evse.transaction is not transaction:
            return Reply({"status": "Accepted"}, then=lambda: transactions.stop_remotely(transaction))
        return Reply({"status": "Accepted"}, then=self.stop_transaction(transaction))

    @answers("UnlockConnector")
    def unlock_connector(self, payload: Payload) -> HandlerResult:
        """F05."""
        evse = self.context.equipment.find(payload["evseId"])
        connector = None if evse is None else evse.connector(payload["connectorId"])
        if evse is None or connector is None:  # F05.FR.03
            return {"status": "UnknownConnector"}
        running = evse.transaction
        if running is not None and running.connector_id == connector.connector_id:  # F05.FR.02
            return {"status": "OngoingAuthorizedTransaction"}
        outcome, effect = unlock(self.context, evse, connector)
        # UnlockStatusEnumType has no NotSupported any more.
        if outcome is UnlockOutcome.NOT_SUPPORTED:
            return {"status": "UnlockFailed", "statusInfo": reason("UnsupportedRequest", "this connector has no lock")}
        return Reply({"status": outcome.value}, then=effect)

    @answers("TriggerMessage", feature="RemoteTrigger", while_pending=True)
    def trigger_message(self, payload: Payload) -> HandlerResult:
        """F06."""
        place = payload.get("evse") or {}
        evse: Evse | None = None
        if place:
            evse = self.context.equipment.find(place["id"])
            if evse is None:
                return rejected("UnknownEvse")
        wanted = payload["requestedMessage"]
        if wanted == "CustomTrigger":  # 2.1 F06.FR.16 to FR.19; otherwise customTrigger is ignored
            custom = payload.get("customTrigger", "")
            if not self.context.variables.has(_CUSTOM) or custom not in self.context.variables.items(_CUSTOM):
                return {"status": "NotImplemented"}
            wanted = custom
        return self.trigger(wanted, Place(evse, place.get("connectorId")))
