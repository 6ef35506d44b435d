"""Diagnostics in OCPP 2.1: the log of the data collector (N01)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.diagnostics.v2 import DiagnosticsV2
from ocpplab_runner.charger.core.block import hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import PowerFlows
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Lines that are kept.
_LENGTH = 1000


class DiagnosticsV21(DiagnosticsV2):
    """Collects what has flowed at each EVSE: its power whenever that changes, and the register then."""

    versions = frozenset({OcppVersion.V21})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._collected: deque[tuple[datetime, str]] = deque(maxlen=_LENGTH)
        self._last: dict[int, float] = {}

    @hears(PowerFlows)
    def power_flows(self, event: PowerFlows) -> None:
        """Another power is written down."""
        evse, power = event.evse, event.evse.meter.power_w
        if self._last.get(evse.evse_id, 0.0) == power:
            return
        self._last[evse.evse_id] = power
        line = f"EVSE {evse.evse_id} {power:g} W {evse.meter.register_wh(clock.now())} Wh"
        self._collected.append((self.context.time.now(), line))

    def lines_of(self, kind: str, since: datetime | None, until: datetime | None) -> tuple[str, Sequence[str]] | None:
        """Also of what was collected."""
        if kind != "DataCollectorLog":
            return super().lines_of(kind, since, until)
        wanted = [
            f"{clock.timestamp(at)} {line}"
            for at, line in self._collected
            if (since is None or at >= since) and (until is None or at <= until)
        ]
        return "data-collector", wanted
