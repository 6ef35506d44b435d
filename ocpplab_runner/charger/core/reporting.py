"""A block that reports what happens by itself: what cannot be told at once is told once the station may send."""

from __future__ import annotations

from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Reconnected, Registered
from ocpplab_runner.charger.core.model import Outgoing


class ReportingBlock(Block):
    """Keeps its reports in their order while the station is offline.

    One that was sent is not sent again: only transactions, security events and settlements must outlive a lost
    connection.

    Args:
        context: its station.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._unsent: list[Outgoing] = []

    def report_when_online(self, message: Outgoing) -> None:
        """Send it after those that wait, now or as soon as the station may."""
        self._unsent.append(message)
        self._send_reports()

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """What has happened before the CSMS has taken the station is told."""
        self._send_reports()

    @hears(Reconnected)
    def reconnected(self, _: Reconnected) -> None:
        """What has happened without a connection is told."""
        self._send_reports()

    def _send_reports(self) -> None:
        while self._unsent and self.context.online:
            self.context.post(self._unsent.pop(0))
