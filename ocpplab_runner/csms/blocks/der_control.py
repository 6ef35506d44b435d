"""Controls of the grid: R of OCPP 2.1. The CSMS takes what a station tells of them."""

from __future__ import annotations

from typing import ClassVar

from ocpplab_runner.csms.core.block import Block, answers
from ocpplab_runner.csms.core.operations import Payload
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.versions import OcppVersion


class DerControl(Block):
    """Takes reports that it has asked for, and what begins, ends or acts."""

    versions = frozenset({OcppVersion.V21})
    asks_for: ClassVar = {"GetDERControl": "ReportDERControl"}

    @answers("ReportDERControl")
    def reported(self, call: Call) -> Payload:
        """R04.FR.31."""
        return self.requested(call)

    @answers("NotifyDERStartStop", "NotifyDERAlarm")
    def told(self, _: Call) -> Payload:
        """R04.FR.20, R05.FR.01."""
        return {}


DER_CONTROL = (DerControl,)
