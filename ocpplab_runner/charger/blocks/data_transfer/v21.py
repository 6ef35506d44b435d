"""Vendor-specific messages in OCPP 2.1: one that the CSMS can trigger (F06, customTrigger)."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.data_transfer.block import DataTransfer
from ocpplab_runner.charger.core.block import triggered
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The trigger, and the messageId of what it brings.
METERS = "MeterRegisters"


class DataTransferV21(DataTransfer):
    """Tells where the meters stand, with the station's vendor as vendorId, when the CSMS asks for that."""

    versions = frozenset({OcppVersion.V21})
    sends = frozenset({"DataTransfer"})

    def variables(self) -> Iterable[Variable]:
        """CustomizationCtrlr, with what can be triggered."""
        yield from super().variables()
        yield of_2x("CustomizationCtrlr", "CustomTriggers", "MemberList", METERS, choices=(METERS,), settable=False)

    @triggered(METERS)
    def trigger_meters(self, place: Place) -> HandlerResult:
        """Of one EVSE, or of all."""
        return Reply({"status": "Accepted"}, then=lambda: self._tell(place))

    def _tell(self, place: Place) -> None:
        now = clock.now()
        evses = [evse for evse in self.context.equipment.evses if place.evse in (None, evse)]
        data = {str(evse.evse_id): evse.meter.register_wh(now) for evse in evses}
        self.context.post(
            Outgoing(
                "DataTransfer",
                {"vendorId": self.context.config.vendor, "messageId": METERS, "data": orjson.dumps(data).decode()},
            )
        )
