"""When meter values are taken: sampled in transactions, aligned to the clock. OCPP 1.6 section 4.7 and 9.1, 2.x J."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.metering.boundaries import Boundaries
from ocpplab_runner.charger.blocks.metering.readings import MeterState, read
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import ClockSet, PoweredUp, Resumed
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Outgoing, Reading, Transaction, UpdateKind
from ocpplab_runner.charger.core.services.transactions import METERING, TRANSACTIONS, Purpose
from ocpplab_runner.charger.core.variables import Variable, setting

#: What was drawn, and what was given back, in Wh.
Registers = tuple[float, float]


class Metering(Block):
    """Takes readings at their time: one timer per EVSE in a transaction, one for the clock-aligned ones."""

    #: Whether what is kept for the end of a transaction is taken when readings are told (1.6), not at other times.
    keeps_what_is_told: ClassVar[bool] = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._last: dict[int, Registers] = {}
        self._by_clock = [Boundaries(context, self._timers, "aligned_interval", self._boundary)]
        context.offer(METERING, self)

    def variables(self) -> Iterable[Variable]:
        """How often readings are taken."""
        return (
            setting("meter_value_interval", changed=self._sample_interval_changed),
            setting("aligned_interval", changed=self._align),
        )

    # -- one version's words --------------------------------------------------------------------------------------

    def measurands(self, purpose: Purpose) -> Sequence[str]:
        """The measurands that a reading for that purpose carries; empty for no reading at all."""
        raise NotImplementedError

    def meter_values(self, evse_id: int, readings: Sequence[Reading]) -> Outgoing:
        """MeterValues outside a transaction."""
        raise NotImplementedError

    def signed(self, evse: Evse, purpose: Purpose, reading: Reading) -> Reading:
        """The same with the meter's signature, where it gives one."""
        return reading

    def tells_by_clock(self) -> bool:
        """Whether clock-aligned readings are told just now."""
        return True

    def last_registers(self, evse: Evse, purpose: Purpose) -> Registers | None:
        """What the meter has shown at the reading before this one; None for the first."""
        return self._last.get(evse.evse_id)

    def lines(self, evse: Evse) -> tuple[int, ...]:
        """The grid's phases that the connector's own are, in its order."""
        return tuple(range(1, self.context.config.phases + 1))

    # -- power ----------------------------------------------------------------------------------------------------

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """The aligned readings begin."""
        self._align()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """The aligned readings go on, and the samples of what runs."""
        self._align()
        for evse in self.context.equipment.evses:
            if evse.transaction is not None:
                self.transaction_began(evse)

    @hears(ClockSet)
    def clock_set(self, _: ClockSet) -> None:
        """A day begins at another moment."""
        self._align()

    # -- readings -------------------------------------------------------------------------------------------------

    def transaction_began(self, evse: Evse) -> None:
        """Sample this EVSE from now on."""
        self._last[evse.evse_id] = registers(evse)
        self._sample_later(evse)

    def transaction_over(self, evse: Evse) -> None:
        """No more samples of this EVSE."""
        self._timers.stop(evse.evse_id)

    def _sample_interval_changed(self) -> None:
        """It counts from now."""
        for evse in self.context.equipment.evses:
            if evse.transaction is not None:
                self._sample_later(evse)

    def reading(self, evse: Evse, purpose: Purpose, context: str, at: datetime | None = None) -> Reading | None:
        """What the meter of an EVSE shows now; None when that purpose has no measurands."""
        names = self.measurands(purpose)
        if not names:
            return None
        now = clock.now()
        energy, exported = registers(evse)
        last_wh, last_exported_wh = self.last_registers(evse, purpose) or (energy, exported)
        config = self.context.config
        state = MeterState(
            evse.meter.register_wh(now),
            energy - last_wh,
            evse.meter.power_w,
            evse.offered_w,
            config.voltage_v,
            self.lines(evse),
            evse.used_phases,
            evse.meter.power_w / config.max_power_w,
            evse.soc_percent(now),
            evse.meter.export_register_wh(now),
            exported - last_exported_wh,
            self.context.grid.frequency_hz,
        )
        shown = read(names, state, at or self.context.time.now(), context)
        return None if shown is None else self.signed(evse, purpose, shown)

    def _sample_later(self, evse: Evse) -> None:
        interval = self.context.variables.integer("meter_value_interval")
        if interval > 0:
            self._timers.start(evse.evse_id, interval, lambda: self._sample(evse))
        else:
            self._timers.stop(evse.evse_id)

    def _sample(self, evse: Evse) -> None:
        transaction = evse.transaction
        assert transaction is not None
        reading = self.reading(evse, "sampled", "Sample.Periodic")
        if self.keeps_what_is_told:
            self.keep(evse, transaction, "tx_ended", "Sample.Periodic")
        # After both readings: what they say of an interval counts from the sample before.
        self._last[evse.evse_id] = registers(evse)
        if reading is not None:
            self.context.ask(TRANSACTIONS).updated(transaction, UpdateKind.READINGS, reading)
        self._sample_later(evse)

    def keep(
        self, evse: Evse, transaction: Transaction, purpose: Purpose, context: str, at: datetime | None = None
    ) -> None:
        """Take a reading for the end of a transaction."""
        kept = self.reading(evse, purpose, context, at)
        if kept is not None:
            transaction.readings.append(kept)

    def _align(self) -> None:
        for boundaries in self._by_clock:
            boundaries.restart()

    def _boundary(self, boundary: datetime) -> None:
        tells = self.tells_by_clock()
        for evse in self.context.equipment.evses:
            transaction = evse.transaction
            # Dated by the boundary itself, since no timer fires exactly then.
            reading = self.reading(evse, "aligned", "Sample.Clock", boundary) if tells else None
            if transaction is not None:
                if self.keeps_what_is_told:
                    self.keep(evse, transaction, "tx_ended_aligned", "Sample.Clock", boundary)
                if reading is not None:
                    self.context.ask(TRANSACTIONS).updated(transaction, UpdateKind.READINGS, reading)
            # Offline it is lost: only what tells of a transaction waits for a connection (1.6 section 3.7).
            elif reading is not None and self.context.online:
                self.context.post(self.meter_values(evse.evse_id, (reading,)))


def registers(evse: Evse) -> Registers:
    """What the meter of an EVSE shows now, with fractions."""
    now = clock.now()
    return evse.meter.energy_wh(now), evse.meter.exported_wh(now)
