"""Remote control in OCPP 1.6: sections 5.11, 5.12, 5.17 and 5.18."""

from __future__ import annotations

from itertools import count

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.remote_control.block import RemoteControl
from ocpplab_runner.charger.blocks.remote_control.lock import unlock
from ocpplab_runner.charger.core.block import V16, Payload, answers
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.services.smart_charging import SMART_CHARGING
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.ocppj.records import HandlerResult, Reply

_ACCEPTED = {"status": "Accepted"}
_REJECTED = {"status": "Rejected"}


class RemoteControlV16(RemoteControl):
    """An EVSE's number is its connectorId."""

    versions = V16

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._starts = count(1)

    @answers("RemoteStartTransaction")
    def remote_start_transaction(self, payload: Payload) -> HandlerResult:
        """RemoteStartTransaction.req."""
        connector = payload.get("connectorId")
        evse = None if connector is None else self.context.equipment.find(connector)
        # Connector 0, too: a start is at one above that (1.6 section 6.33).
        if connector is not None and evse is None:
            return _REJECTED
        number: int | None = None
        if "chargingProfile" in payload and "SmartCharging" in self.context.config.features:  # else ignored (5.11)
            # 1.6 has no number of a remote start: by one of the station's own the profile finds its transaction.
            number = next(self._starts)
            why = self.context.ask(SMART_CHARGING).for_remote_start(number, payload["chargingProfile"], evse)
            if why is not None:
                self.context.note(f"refused: {why}")
                return _REJECTED
        effect = self.start(IdToken(payload["idTag"]), evse, remote_start_id=number)
        return _REJECTED if effect is None else Reply(_ACCEPTED, then=effect)

    @answers("RemoteStopTransaction")
    def remote_stop_transaction(self, payload: Payload) -> HandlerResult:
        """RemoteStopTransaction.req."""
        transaction = self.context.ask(TRANSACTIONS).find(payload["transactionId"])
        if transaction is None:
            return _REJECTED
        return Reply(_ACCEPTED, then=self.stop_transaction(transaction))

    @answers("UnlockConnector")
    def unlock_connector(self, payload: Payload) -> HandlerResult:
        """UnlockConnector.req."""
        evse = self.context.equipment.find(payload["connectorId"])
        if evse is None:
            # UnlockStatus has no word for a connector that is not there.
            return {"status": "NotSupported"}
        outcome, effect = unlock(self.context, evse, evse.connectors[0])
        return Reply({"status": outcome.value}, then=effect)

    @answers("TriggerMessage", feature="RemoteTrigger")
    def trigger_message(self, payload: Payload) -> HandlerResult:
        """TriggerMessage.req; connector 0 is the station."""
        connector = payload.get("connectorId")
        evse = None if connector is None else self.context.equipment.find(connector)
        if connector is not None and evse is None and connector != 0:
            return _REJECTED
        return self.trigger(payload["requestedMessage"], Place(evse, connector))

    @answers("ExtendedTriggerMessage", feature="RemoteTrigger")
    def extended_trigger_message(self, payload: Payload) -> HandlerResult:
        """ExtendedTriggerMessage.req of the security whitepaper: other messages, and otherwise the same."""
        return self.trigger_message(payload)
