"""Meter values in OCPP 2.x: use cases J01 and J02."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from ocpplab_runner.charger.blocks.metering.block import Metering
from ocpplab_runner.charger.blocks.metering.readings import measurands
from ocpplab_runner.charger.core.block import V2, triggered
from ocpplab_runner.charger.core.datatypes_v2 import meter_values
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Outgoing, Reading
from ocpplab_runner.charger.core.services import Place, Purpose
from ocpplab_runner.charger.core.variables import Component, Variable, constant, of_2x, setting
from ocpplab_runner.ocppj.records import HandlerResult, Reply

_VARIABLES: dict[Purpose, str] = {
    "sampled": "sampled_measurands",
    "aligned": "aligned_measurands",
    "tx_started": "SampledDataCtrlr.TxStartedMeasurands",
    "tx_ended": "SampledDataCtrlr.TxEndedMeasurands",
}


class MeteringV2(Metering):
    """The end of a transaction carries only its begin and end readings: TxEndedInterval is 0."""

    versions = V2

    def variables(self) -> Iterable[Variable]:
        """AlignedDataCtrlr, SampledDataCtrlr, and the power at each EVSE."""
        config, known = self.context.config, tuple(sorted(measurands(self.context.version)))
        yield from super().variables()
        yield setting("sampled_measurands", choices=known)
        yield setting("aligned_measurands", choices=known)
        for component in ("AlignedDataCtrlr", "SampledDataCtrlr"):
            yield constant(component, "Available", "boolean", "true")
            yield constant(component, "Enabled", "boolean", "true")
            yield constant(component, "TxEndedInterval", "integer", "0")
        yield constant("AlignedDataCtrlr", "SendDuringIdle", "boolean", "false")
        yield constant("AlignedDataCtrlr", "TxEndedMeasurands", "MemberList", "")
        for name in ("TxStartedMeasurands", "TxEndedMeasurands"):
            yield of_2x(
                "SampledDataCtrlr",
                name,
                "MemberList",
                "Energy.Active.Import.Register",
                mutability="ReadWrite",
                choices=known,
            )
        for evse in self.context.equipment.evses:
            place = Component("EVSE", None, evse.evse_id)
            yield of_2x(place, "Power", "decimal", partial(_power, evse), unit="W", maximum=int(config.max_power_w))

    def measurands(self, purpose: Purpose) -> Sequence[str]:
        """J01 and J02."""
        name = _VARIABLES.get(purpose)
        return () if name is None else self.context.variables.items(name)

    def meter_values(self, evse_id: int, readings: Sequence[Reading]) -> Outgoing:
        """J01."""
        return Outgoing("MeterValues", {"evseId": evse_id, "meterValue": meter_values(readings)})

    @triggered("MeterValues")
    def trigger_meter_values(self, place: Place) -> HandlerResult:
        """The aligned measurands, whether or not a transaction runs (F06.FR.06)."""
        wanted = self.context.equipment.evses if place.evse is None else (place.evse,)
        return Reply({"status": "Accepted"}, then=lambda: self._send(wanted))

    def _send(self, evses: Iterable[Evse]) -> None:
        for evse in evses:
            reading = self.reading(evse, "aligned", "Trigger")
            if reading is not None:
                self.context.post(self.meter_values(evse.evse_id, (reading,)))


def _power(evse: Evse) -> str:
    return str(evse.meter.power_w)
