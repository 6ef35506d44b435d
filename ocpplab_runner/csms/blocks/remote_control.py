"""Remote control: OCPP 1.6 sections 5.11, 5.12, 5.17 and 5.18, F of OCPP 2.x."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ocpplab_runner.csms.core.block import V2, V16, Block, hears, operation, sent
from ocpplab_runner.csms.core.charging_profiles import charging_profile
from ocpplab_runner.csms.core.datatypes_v2 import evse, group, id_token
from ocpplab_runner.csms.core.datatypes_v16 import connector
from ocpplab_runner.csms.core.events import TransactionBegun
from ocpplab_runner.csms.core.operations import (
    OperationNotAvailable,
    Order,
    Payload,
    Request,
    given,
)
from ocpplab_runner.csms.core.requests import transaction_meant
from ocpplab_runner.csms.core.state import StationState
from ocpplab_runner.ocppj.validation import request_schema
from ocpplab_runner.ocppj.violations import ViolationRule
from ocpplab_runner.vocabulary.versions import OcppVersion


class RemoteControlBlock(Block):
    """Starts, stops and asks from afar."""

    @sent("TriggerMessage", "ExtendedTriggerMessage")
    def triggered(self, payload: Mapping[str, Any]) -> None:
        """What it is asked for it may send, whatever its registration status."""
        self.station.triggered.add(str(payload.get("requestedMessage")))

    def charging_profile(self, order: Order) -> Payload | None:
        """The TxProfile that goes with a remote start, where one is wanted."""
        wanted = order.fields.get("charging_profile")
        if wanted is None:
            return None
        return charging_profile(self.station, {"purpose": "TxProfile", **wanted}, order.now)

    def message(self, order: Order, allowed: list[str]) -> str:
        """The message that is to be triggered, of those that can be."""
        message: str = order.fields["message"]
        if message not in allowed and not order.raw:
            names = ", ".join(sorted(allowed))
            raise OperationNotAvailable(f"OCPP {self.station.version} cannot trigger {message}, only {names}")
        return message

    def trigger_schema(self) -> Mapping[str, Any]:
        """Of the station's TriggerMessage."""
        assert self.station.version is not None
        return request_schema(self.station.version, "TriggerMessage")


class RemoteControlV16(RemoteControlBlock):
    """An EVSE is a connector."""

    versions = V16

    @operation("remote_start")
    def remote_start(self, order: Order) -> Request:
        """RemoteStartTransaction.req."""
        return "RemoteStartTransaction", given(
            idTag=order.fields["id_tag"],
            connectorId=order.fields.get("evse_id"),
            chargingProfile=self.charging_profile(order),
        )

    @operation("remote_stop")
    def remote_stop(self, order: Order) -> Request:
        """RemoteStopTransaction.req."""
        wanted = transaction_meant(self.station, order)
        try:
            return "RemoteStopTransaction", {"transactionId": int(wanted) if isinstance(wanted, str) else wanted}
        except ValueError:
            raise OperationNotAvailable(f"an OCPP 1.6 transaction id is a number, which {wanted!r} is not") from None

    @operation("unlock")
    def unlock(self, order: Order) -> Request:
        """UnlockConnector.req; connector 1 unless said."""
        return "UnlockConnector", {"connectorId": connector(order, 1)}

    @operation("trigger_message")
    def trigger_message(self, order: Order) -> Request:
        """TriggerMessage.req."""
        if "custom" in order.fields:
            raise OperationNotAvailable("OCPP 1.6 has no triggers of a vendor's")
        requested = self.message(order, self.trigger_schema()["properties"]["requestedMessage"]["enum"])
        return "TriggerMessage", given(requestedMessage=requested, connectorId=order.fields.get("evse_id"))


@dataclass(slots=True)
class RemoteStarts:
    """The ids of the remote starts that a station was asked for."""

    known: set[int] = field(default_factory=set)


class RemoteControlV2(RemoteControlBlock):
    """A remote start has a number, of which its transaction tells."""

    versions = V2
    violations: ClassVar = {
        "unknown-remote-start-id": ViolationRule(
            "2.0.1: spoke of a remote start that the CSMS has not made", "2.0.1 TransactionType.remoteStartId"
        )
    }

    def __init__(self, station: StationState) -> None:
        super().__init__(station)
        self._starts = station.memory(RemoteStarts)

    @sent("RequestStartTransaction")
    def start_requested(self, payload: Mapping[str, Any]) -> None:
        """It has been asked to start."""
        if isinstance(remote_start := payload.get("remoteStartId"), int):
            self._starts.known.add(remote_start)

    @hears(TransactionBegun)
    def started(self, begun: TransactionBegun) -> None:
        """A transaction may come only of a start that was asked for, by this CSMS where there was no other."""
        wanted = begun.remote_start_id
        if self.station.shared.first_csms and wanted is not None and wanted not in self._starts.known:
            self.station.report(begun.call, "unknown-remote-start-id", f"there was no remote start {wanted}")

    @operation("remote_start")
    def remote_start(self, order: Order) -> Request:
        """F01, F02."""
        return "RequestStartTransaction", given(
            idToken=id_token(order.fields["id_tag"], order.fields.get("id_token_type")),
            remoteStartId=order.fields.get("remote_start_id", max(self._starts.known, default=0) + 1),
            evseId=order.fields.get("evse_id"),
            groupIdToken=group(order.fields.get("group_id_token")),
            chargingProfile=self.charging_profile(order),
        )

    @operation("remote_stop")
    def remote_stop(self, order: Order) -> Request:
        """F03."""
        return "RequestStopTransaction", {"transactionId": str(transaction_meant(self.station, order))}

    @operation("unlock")
    def unlock(self, order: Order) -> Request:
        """F05; connector 1 of EVSE 1 unless said."""
        fields = order.fields
        return "UnlockConnector", {"evseId": fields.get("evse_id", 1), "connectorId": fields.get("connector_id", 1)}

    @operation("trigger_message")
    def trigger_message(self, order: Order) -> Request:
        """F06."""
        requested = self.message(order, self.trigger_schema()["definitions"]["MessageTriggerEnumType"]["enum"])
        place = evse(order)
        if place is not None and requested == "StatusNotification":
            place.setdefault("connectorId", 1)  # F06.FR.12: a StatusNotification is asked of one connector
        custom = order.fields.get("custom")
        if custom is not None and self.station.version is not OcppVersion.V21:
            raise OperationNotAvailable(f"OCPP {self.station.version} has no triggers of a vendor's")
        return "TriggerMessage", given(requestedMessage=requested, evse=place, customTrigger=custom)


REMOTE_CONTROL = (RemoteControlV16, RemoteControlV2)
