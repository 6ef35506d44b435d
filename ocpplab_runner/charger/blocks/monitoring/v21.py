"""Monitoring in OCPP 2.1: the values of a periodic monitor may go out in bundles that nobody answers (N11)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.monitoring.monitors import PERIODIC, Monitor
from ocpplab_runner.charger.blocks.monitoring.v2 import MonitoringV2
from ocpplab_runner.charger.core.block import Payload, answers, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.datatypes_v2 import rejected
from ocpplab_runner.charger.core.events import Reconnected, Registered, WentDown
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.timers import Timers
from ocpplab_runner.ocppj.records import HandlerResult
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Values that are kept while there is no connection, the latest.
_KEPT = 1000


@dataclass(slots=True)
class Stream:
    """One stream.

    Attributes:
        number: its id.
        monitor: whose values it carries.
        interval: seconds after which they go out, however few there are; None for never.
        together: so many go out at once; None for any number.
        opened: whether the CSMS takes it.
        values: that have not gone out yet.
    """

    number: int
    monitor: Monitor
    interval: int | None
    together: int | None
    opened: bool = False
    values: list[tuple[datetime, str]] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """ConstantStreamDataType."""
        given = (("interval", self.interval), ("values", self.together))
        params = {key: value for key, value in given if value is not None}
        return {"id": self.number, "variableMonitoringId": self.monitor.number, "params": params}


class Streams:
    """The streams of a station.

    Args:
        context: the station.
        timers: of its monitoring.
    """

    def __init__(self, context: Context, timers: Timers) -> None:
        self._context, self._timers = context, timers
        self._streams: dict[int, Stream] = {}
        self._latest = 0

    def open(self, monitor: Monitor, params: Mapping[str, Any]) -> None:
        """Let the values of a monitor go out by a stream, if the CSMS will have it."""
        self._latest += 1
        stream = Stream(self._latest, monitor, params.get("interval"), params.get("values"))
        self._streams[stream.number] = stream
        self._ask(stream)

    def takes(self, monitor: Monitor, value: str) -> bool:
        """A monitor is due: whether its value goes out by a stream."""
        stream = next((one for one in self._streams.values() if one.monitor is monitor and one.opened), None)
        if stream is None:
            return False
        stream.values.append((self._context.time.now(), value))
        # Without a connection they would grow without end.
        del stream.values[:-_KEPT]
        # With neither given each value goes out at once; with an interval alone they wait for it.
        if len(stream.values) >= (stream.together or 1) and (stream.together or not stream.interval):
            self._flush(stream)
        return True

    def close(self, monitor: Monitor) -> None:
        """A monitor is no more: neither is its stream."""
        for stream in [one for one in self._streams.values() if one.monitor is monitor]:
            self._flush(stream)
            del self._streams[stream.number]
            self._timers.stop(("stream", stream.number))
            if stream.opened:
                self._context.post(Outgoing("ClosePeriodicEventStream", {"id": stream.number}))

    def adjust(self, number: int, params: Mapping[str, Any]) -> bool:
        """Bundle otherwise from now on; False where there is no such stream."""
        stream = self._streams.get(number)
        if stream is None or not stream.opened:
            return False
        stream.interval, stream.together = params.get("interval"), params.get("values")
        self._tick(stream)
        return True

    def described(self) -> list[dict[str, Any]]:
        """ConstantStreamDataType of each that is open."""
        return [one.described() for one in self._streams.values() if one.opened]

    def reopen(self) -> None:
        """After a boot the CSMS is asked anew."""
        for stream in self._streams.values():
            self._ask(stream)

    def went_down(self) -> None:
        """Without power nothing is open, and what was not sent is lost."""
        for stream in self._streams.values():
            stream.opened = False
            stream.values.clear()

    def online(self) -> None:
        """What has waited for a connection goes out."""
        for stream in self._streams.values():
            self._flush(stream)

    def _ask(self, stream: Stream) -> None:
        def answered(answer: Mapping[str, Any]) -> None:
            # It may have been closed before the CSMS has answered.
            if answer["status"] == "Accepted" and self._streams.get(stream.number) is stream:
                stream.opened = True
                self._tick(stream)

        self._context.post(Outgoing("OpenPeriodicEventStream", {"constantStreamData": stream.described()}), answered)

    def _tick(self, stream: Stream) -> None:
        name = ("stream", stream.number)

        def due() -> None:
            self._flush(stream)
            self._tick(stream)

        if stream.interval:
            self._timers.start(name, stream.interval, due)
        else:
            self._timers.stop(name)

    def _flush(self, stream: Stream) -> None:
        session = self._context.connection.session
        if not stream.values or not stream.opened or session is None or not self._context.online:
            return
        base = stream.values[0][0]
        # A SEND: nobody answers it, and it waits for no call (2.1 part 4, 4.2.4).
        session.send(
            "NotifyPeriodicEventStream",
            {
                "id": stream.number,
                "pending": 0,
                "basetime": clock.timestamp(base),
                "data": [{"t": (at - base) / timedelta(seconds=1), "v": value} for at, value in stream.values],
            },
        )
        stream.values.clear()


class MonitoringV21(MonitoringV2):
    """Periodic monitors may have a stream."""

    versions = frozenset({OcppVersion.V21})
    sends = MonitoringV2.sends | {
        "ClosePeriodicEventStream",
        "NotifyPeriodicEventStream",
        "OpenPeriodicEventStream",
    }

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.streams = Streams(context, self._timers)

    def placed(self, monitor: Monitor, item: Mapping[str, Any]) -> None:
        """N11: of a periodic monitor that shall have one, a stream is opened after the answer."""
        if "periodicEventStream" in item and monitor.kind in PERIODIC:
            # After the answer: before it the CSMS does not know the monitor that the stream names.
            asyncio.get_running_loop().call_soon(self.streams.open, monitor, item["periodicEventStream"])

    def gone(self, monitor: Monitor) -> None:
        """N13: neither is its stream."""
        self.streams.close(monitor)

    def streamed(self, monitor: Monitor, value: str) -> bool:
        """N11: an open stream takes it."""
        return self.streams.takes(monitor, value)

    @answers("GetPeriodicEventStream")
    def get_periodic_event_stream(self, _: Payload) -> HandlerResult:
        """N12."""
        found = self.streams.described()
        return {"constantStreamData": found} if found else {}

    @answers("AdjustPeriodicEventStream")
    def adjust_periodic_event_stream(self, payload: Payload) -> HandlerResult:
        """N14."""
        if not self.streams.adjust(payload["id"], payload["params"]):
            return rejected("NotFound", "no such stream is open")
        return {"status": "Accepted"}

    @hears(Registered)
    def registered(self, event: Registered) -> None:
        """Streams are opened anew."""
        super().registered(event)
        self.streams.reopen()

    @hears(Reconnected)
    def reconnected(self, event: Reconnected) -> None:
        """What has waited for the connection goes out."""
        super().reconnected(event)
        self.streams.online()

    @hears(WentDown)
    def went_down(self, event: WentDown) -> None:
        """Without power nothing is open."""
        super().went_down(event)
        self.streams.went_down()
