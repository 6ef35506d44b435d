"""Meter values in OCPP 1.6: sections 4.7 and 9.1; which measurands, say MeterValuesSampledData and its kin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from ocpplab_runner.charger.blocks.metering.block import Metering
from ocpplab_runner.charger.blocks.metering.readings import is_measurand
from ocpplab_runner.charger.blocks.metering.rotation import lines, rotation_problem
from ocpplab_runner.charger.blocks.metering.signer import Signer
from ocpplab_runner.charger.core.block import V16, triggered
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v16 import meter_values
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Outgoing, Reading, UpdateKind
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS, Purpose
from ocpplab_runner.charger.core.variables import Variable, setting
from ocpplab_runner.ocppj.records import HandlerResult, Reply
from ocpplab_runner.vocabulary.settings import SETTINGS

#: Whether of clock-aligned readings → which key says whether they are signed.
_SIGNED = {False: "SampledDataSignReadings", True: "AlignedDataSignReadings"}
_ROTATION = "ConnectorPhaseRotation"
_VARIABLES: dict[Purpose, str] = {
    "sampled": "sampled_measurands",
    "aligned": "aligned_measurands",
    "tx_ended": "StopTxnSampledData",
    "tx_ended_aligned": "StopTxnAlignedData",
}


class MeteringV16(Metering):
    """A transaction's begin carries no readings, its end those that were kept."""

    versions = V16

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._signer = Signer(context)

    def variables(self) -> Iterable[Variable]:
        """Section 9.1."""
        yield from super().variables()
        for name in ("sampled_measurands", "aligned_measurands"):
            key = SETTINGS[name].v16
            assert key is not None
            yield setting(name, most=f"{key}MaxLength", problem=self._problem)
            yield _most(key)
        for key in ("StopTxnSampledData", "StopTxnAlignedData"):
            yield Variable(
                name=key,
                type="MemberList",
                key=key,
                mutability="ReadWrite",
                most=f"{key}MaxLength",
                problem=self._problem,
            )
            yield _most(key)
        config = self.context.config
        # One phase has nothing to rotate (section 9.1, ConnectorPhaseRotation).
        rotation = "RST" if config.phases == 3 else "NotApplicable"
        yield Variable(
            name=_ROTATION,
            type="MemberList",
            default=",".join(f"{number}.{rotation}" for number in range(config.evses + 1)),
            key=_ROTATION,
            mutability="ReadWrite",
            most=f"{_ROTATION}MaxLength",
            problem=lambda entries: rotation_problem(entries, config.evses),
        )
        yield _most(_ROTATION, config.evses + 1, settable=False)

        for name in _SIGNED.values():
            yield Variable(name=name, type="boolean", default="false", key=name, mutability="ReadWrite")
        for number in range(1, config.evses + 1):
            name = f"MeterPublicKey{number}"
            yield Variable(
                name=name, type="string", default=partial(self._signer.public_key, number), key=name, settable=False
            )

    def signed(self, evse: Evse, purpose: Purpose, reading: Reading) -> Reading:
        """As SampledDataSignReadings and AlignedDataSignReadings say."""
        if not self.context.variables.boolean(_SIGNED[purpose in ("aligned", "tx_ended_aligned")]):
            return reading
        return self._signer.sign(evse, reading, None if evse.transaction is None else evse.transaction.token.value)

    def lines(self, evse: Evse) -> tuple[int, ...]:
        """As ConnectorPhaseRotation says."""
        return lines(self.context.variables.items(_ROTATION), evse.evse_id, self.context.config.phases)

    def _problem(self, entries: Sequence[str]) -> str | None:
        strange = next((entry for entry in entries if not is_measurand(entry, self.context.config.phases)), None)
        return None if strange is None else f"has no measurand {strange}"

    def measurands(self, purpose: Purpose) -> Sequence[str]:
        """From MeterValuesSampledData, MeterValuesAlignedData, StopTxnSampledData and StopTxnAlignedData."""
        name = _VARIABLES.get(purpose)
        return () if name is None else self.context.variables.items(name)

    def meter_values(self, evse_id: int, readings: Sequence[Reading]) -> Outgoing:
        """MeterValues.req outside a transaction."""
        return Outgoing("MeterValues", meter_values(evse_id, readings))

    @triggered("MeterValues")
    def trigger_meter_values(self, place: Place) -> HandlerResult:
        """Of a connector, or of every one (section 5.17)."""
        if not self.measurands("sampled"):
            return {"status": "Rejected"}
        wanted = self.context.equipment.evses if place.evse is None else (place.evse,)
        return Reply({"status": "Accepted"}, then=lambda: self._send(wanted))

    def _send(self, evses: Iterable[Evse]) -> None:
        for evse in evses:
            reading = self.reading(evse, "sampled", "Trigger")
            if reading is None:
                continue
            if evse.transaction is not None:
                self.context.ask(TRANSACTIONS).updated(evse.transaction, UpdateKind.READINGS, reading)
            else:
                self.context.post(self.meter_values(evse.evse_id, (reading,)))


def _most(key: str, entries: int = 10, *, settable: bool = True) -> Variable:
    name = f"{key}MaxLength"
    return Variable(name=name, type="integer", default=str(entries), key=name, settable=settable)
