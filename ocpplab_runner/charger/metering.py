"""When meter values are taken: sampled in transactions, aligned to the clock. OCPP 1.6 section 4.7 and 9.1."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ocpplab_runner import clock
from ocpplab_runner.charger.dialect import Purpose
from ocpplab_runner.charger.evse import Evse
from ocpplab_runner.charger.model import Reading, UpdateKind
from ocpplab_runner.charger.readings import MeterState, read
from ocpplab_runner.charger.timers import Timers

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


class Metering:
    """Takes readings at their time: one timer per EVSE in a transaction, one for the clock-aligned ones."""

    __slots__ = ("_last_wh", "_station", "_timers")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._timers = Timers()
        self._last_wh: dict[int, float] = {}

    def stop(self) -> None:
        """Take no more readings."""
        self._timers.stop_all()

    def start(self) -> None:
        """The station has power: the aligned readings begin."""
        self.aligned_interval_changed()

    def transaction_began(self, evse: Evse) -> None:
        """Sample this EVSE from now on."""
        self._last_wh[evse.evse_id] = evse.meter.energy_wh(clock.now())
        self._sample_later(evse)

    def transaction_over(self, evse: Evse) -> None:
        """No more samples of this EVSE."""
        self._timers.stop(evse.evse_id)

    def sample_interval_changed(self) -> None:
        """The interval of samples has a new value: it counts from now."""
        for evse in self._station.evses:
            if evse.transaction is not None:
                self._sample_later(evse)

    def aligned_interval_changed(self) -> None:
        """The interval of aligned readings has a new value; its boundaries count from midnight."""
        self._align_after(self._station.time.now())

    def reading(self, evse: Evse, purpose: Purpose, context: str, at: datetime | None = None) -> Reading | None:
        """What the meter of an EVSE shows now; None when that purpose has no measurands."""
        names = self._station.dialect.measurands(purpose)
        if not names:
            return None
        now = clock.now()
        energy = evse.meter.energy_wh(now)
        config = self._station.config
        state = MeterState(
            evse.meter.register_wh(now),
            energy - self._last_wh.get(evse.evse_id, energy),
            evse.meter.power_w,
            evse.offer_w,
            config.voltage_v,
            config.phases,
        )
        return read(names, state, at or self._station.time.now(), context)

    def send_now(self, evse: Evse) -> None:
        """Send meter values because the CSMS wants some (TriggerMessage)."""
        reading = self.reading(evse, "sampled", "Trigger")
        if reading is None:
            return
        if evse.transaction is not None:
            self._station.transactions.updated(evse.transaction, UpdateKind.READINGS, reading)
        else:
            self._station.post(self._station.dialect.meter_values(evse.evse_id, (reading,)))

    def _sample_later(self, evse: Evse) -> None:
        interval = self._station.settings.integer("meter_value_interval")
        if interval > 0:
            self._timers.start(evse.evse_id, interval, lambda: self._sample(evse))
        else:
            self._timers.stop(evse.evse_id)

    def _sample(self, evse: Evse) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        reading = self.reading(evse, "sampled", "Sample.Periodic")
        kept = self.reading(evse, "tx_ended", "Sample.Periodic")
        self._last_wh[evse.evse_id] = evse.meter.energy_wh(clock.now())
        if kept is not None:
            transaction.readings.append(kept)
        if reading is not None:
            self._station.transactions.updated(transaction, UpdateKind.READINGS, reading)
        self._sample_later(evse)

    def _align_after(self, moment: datetime) -> None:
        interval = self._station.settings.integer("aligned_interval")
        if interval == 0 or not self._station.powered:
            self._timers.stop("aligned")
            return
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        served = (moment - midnight) // timedelta(seconds=interval)
        boundary = min(midnight + timedelta(seconds=interval) * (served + 1), midnight + timedelta(days=1))
        wait = (boundary - self._station.time.now()) / timedelta(seconds=1)
        self._timers.start("aligned", max(wait, 0.0), lambda: self._align(boundary))

    def _align(self, boundary: datetime) -> None:
        station = self._station
        for evse in station.evses:
            transaction = evse.transaction
            reading = self.reading(evse, "aligned", "Sample.Clock", boundary)
            if transaction is not None:
                kept = self.reading(evse, "tx_ended_aligned", "Sample.Clock", boundary)
                if kept is not None:
                    transaction.readings.append(kept)
                if reading is not None:
                    station.transactions.updated(transaction, UpdateKind.READINGS, reading)
            elif reading is not None and station.online:
                station.post(station.dialect.meter_values(evse.evse_id, (reading,)))
        self._align_after(boundary)
