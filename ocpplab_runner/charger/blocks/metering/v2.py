"""Meter values in OCPP 2.x: use cases J01 and J02."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from ocpplab_runner.charger.blocks.metering.block import Metering, Registers, registers
from ocpplab_runner.charger.blocks.metering.boundaries import Boundaries
from ocpplab_runner.charger.blocks.metering.readings import measurands
from ocpplab_runner.charger.blocks.metering.signer import Signer
from ocpplab_runner.charger.core import public_keys
from ocpplab_runner.charger.core.block import V2, triggered
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import meter_values
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import REGISTER, Outgoing, Reading
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS, Purpose
from ocpplab_runner.charger.core.variables import Component, DataType, Variable, constant, of_2x, setting
from ocpplab_runner.ocppj.records import HandlerResult, Reply

_VARIABLES: dict[Purpose, str] = {
    "sampled": "sampled_measurands",
    "aligned": "aligned_measurands",
    "tx_started": "SampledDataCtrlr.TxStartedMeasurands",
    "tx_ended": "SampledDataCtrlr.TxEndedMeasurands",
    "tx_ended_aligned": "AlignedDataCtrlr.TxEndedMeasurands",
}
_SAMPLED_END, _ALIGNED_END = "SampledDataCtrlr.TxEndedInterval", "AlignedDataCtrlr.TxEndedInterval"
#: Which variable, beside SignReadings, what is told during a transaction needs to be signed.
_SIGNED_MEANWHILE: dict[Purpose, str] = {
    "tx_started": "SampledDataCtrlr.SignStartedReadings",
    "sampled": "SampledDataCtrlr.SignUpdatedReadings",
    "aligned": "AlignedDataCtrlr.SignUpdatedReadings",
}


class MeteringV2(Metering):
    """The end of a transaction carries readings at intervals of its own, TxEndedInterval, where that is not 0."""

    versions = V2
    keeps_what_is_told = False

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._signer = Signer(context)
        self._kept: dict[tuple[int, Purpose], Registers] = {}
        self._by_clock.append(Boundaries(context, self._timers, _ALIGNED_END, self._keep_by_clock))

    def variables(self) -> Iterable[Variable]:
        """AlignedDataCtrlr, SampledDataCtrlr, what is signed, and the power at each EVSE."""
        config, known = self.context.config, tuple(sorted(measurands(self.context.version)))
        yield from super().variables()
        yield setting("sampled_measurands", choices=known)
        yield setting("aligned_measurands", choices=known)
        for component in ("AlignedDataCtrlr", "SampledDataCtrlr"):
            yield constant(component, "Available", "boolean", "true")
            yield constant(component, "Enabled", "boolean", "true")
            yield _writable(component, "SignReadings", "boolean", "false")
            yield _writable(component, "SignUpdatedReadings", "boolean", "true")
        yield _writable("SampledDataCtrlr", "SignStartedReadings", "boolean", "true")
        yield _writable("AlignedDataCtrlr", "SendDuringIdle", "boolean", "false")
        yield _interval("SampledDataCtrlr", changed=self._keep_later_everywhere)
        yield _interval("AlignedDataCtrlr", changed=self._align)
        yield _writable("AlignedDataCtrlr", "TxEndedMeasurands", "MemberList", "", choices=known)
        for name in ("TxStartedMeasurands", "TxEndedMeasurands"):
            yield _writable("SampledDataCtrlr", name, "MemberList", REGISTER, choices=known)
        component, _, name = public_keys.VARIABLE.partition(".")
        yield _writable(component, name, "OptionList", public_keys.EVERY, choices=public_keys.RULES)
        for evse in self.context.equipment.evses:
            place = Component("EVSE", None, evse.evse_id)
            yield of_2x(place, "Power", "decimal", partial(_power, evse), unit="W", maximum=int(config.max_power_w))
            meter = Component("FiscalMetering", None, evse.evse_id)
            yield of_2x(meter, "PublicKey", "string", partial(self._signer.public_key, evse.evse_id))

    def measurands(self, purpose: Purpose) -> Sequence[str]:
        """J01 and J02."""
        name = _VARIABLES.get(purpose)
        return () if name is None else self.context.variables.items(name)

    def meter_values(self, evse_id: int, readings: Sequence[Reading]) -> Outgoing:
        """J01."""
        # Without a transaction OncePerTransaction has nothing to count in: each reading names the key, or none does.
        every = self.context.variables.text(public_keys.VARIABLE) == public_keys.EVERY
        told = public_keys.with_keys(readings, None if every else 0)
        return Outgoing("MeterValues", {"evseId": evse_id, "meterValue": meter_values(told)})

    def signed(self, evse: Evse, purpose: Purpose, reading: Reading) -> Reading:
        """The register is signed, as SignReadings, SignStartedReadings and SignUpdatedReadings say (J01, J02)."""
        component = "AlignedDataCtrlr" if purpose in ("aligned", "tx_ended_aligned") else "SampledDataCtrlr"
        meanwhile = _SIGNED_MEANWHILE.get(purpose)
        # What is sent outside of a transaction is no update of one: SignReadings alone decides.
        idle = purpose == "aligned" and evse.transaction is None
        wanted = [f"{component}.SignReadings", *([] if meanwhile is None or idle else [meanwhile])]
        if not all(self.context.variables.boolean(name) for name in wanted):
            return reading
        has_register = any(value.measurand == REGISTER for value in reading.values)
        return self._signer.sign(evse, reading, self._token_of(evse, purpose)) if has_register else reading

    def _token_of(self, evse: Evse, purpose: Purpose) -> str | None:
        """The card of the transaction that a reading is of, which may be open on the wire alone; empty without one."""
        if evse.transaction is not None:
            return evse.transaction.token.value
        if not purpose.startswith("tx_"):
            return None
        transactions = self.context.ask(OPEN_TRANSACTIONS)
        transaction_id = transactions.id_at(evse.evse_id)
        known = None if transaction_id is None else transactions.find(transaction_id)
        if known is not None:
            return known.token.value
        return "" if evse.grant is None else evse.grant.token.value

    def tells_by_clock(self) -> bool:
        """With SendDuringIdle not while any transaction is open (J01.FR.20)."""
        if not self.context.variables.boolean("AlignedDataCtrlr.SendDuringIdle"):
            return True
        transactions = self.context.ask(OPEN_TRANSACTIONS)
        return all(transactions.id_at(evse.evse_id) is None for evse in self.context.equipment.evses)

    # -- what is kept for the end ---------------------------------------------------------------------------------

    def last_registers(self, evse: Evse, purpose: Purpose) -> Registers | None:
        """What is kept counts from what was kept before."""
        return self._kept.get((evse.evse_id, purpose), super().last_registers(evse, purpose))

    def transaction_began(self, evse: Evse) -> None:
        """Also keep readings of it from now on."""
        super().transaction_began(evse)
        for purpose in ("tx_ended", "tx_ended_aligned"):
            self._kept[evse.evse_id, purpose] = registers(evse)
        self._keep_later(evse)

    def transaction_over(self, evse: Evse) -> None:
        """Keep no more either."""
        super().transaction_over(evse)
        self._timers.stop((_SAMPLED_END, evse.evse_id))

    def _keep_later_everywhere(self) -> None:
        for evse in self.context.equipment.evses:
            if evse.transaction is not None:
                self._keep_later(evse)

    def _keep_later(self, evse: Evse) -> None:
        interval = self.context.variables.integer(_SAMPLED_END)
        if interval > 0:
            self._timers.start((_SAMPLED_END, evse.evse_id), interval, lambda: self._keep_sample(evse))
        else:
            self._timers.stop((_SAMPLED_END, evse.evse_id))

    def _keep_sample(self, evse: Evse) -> None:
        self._keep(evse, "tx_ended", "Sample.Periodic")
        self._keep_later(evse)

    def _keep_by_clock(self, boundary: datetime) -> None:
        for evse in self.context.equipment.evses:
            if evse.transaction is not None:
                self._keep(evse, "tx_ended_aligned", "Sample.Clock", boundary)

    def _keep(self, evse: Evse, purpose: Purpose, context: str, at: datetime | None = None) -> None:
        assert evse.transaction is not None
        self.keep(evse, evse.transaction, purpose, context, at)
        self._kept[evse.evse_id, purpose] = registers(evse)

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


def _writable(component: str, variable: str, type: DataType, value: str, *, choices: tuple[str, ...] = ()) -> Variable:
    """A variable that the CSMS may write."""
    return of_2x(component, variable, type, value, mutability="ReadWrite", choices=choices)


def _interval(component: str, *, changed: Callable[[], None]) -> Variable:
    """TxEndedInterval: how often readings are taken for the end of a transaction, in seconds."""
    return of_2x(
        component, "TxEndedInterval", "integer", "0", mutability="ReadWrite", unit="s", minimum=0, changed=changed
    )


def _power(evse: Evse) -> str:
    return str(evse.meter.power_w)
