"""Ledger, interpreter, outlet and JSON Lines behind a session, as a run on the embedded default has them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.running.outlet import Outlet
from ocpplab_runner.ocppj import Call, CallError, CallResult, FrameRecord, PeerViolation
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.reports.jsonl import JsonLinesReport
from ocpplab_runner.vocabulary.versions import OcppVersion

_TYPES = {Call: "call", CallResult: "result", CallError: "error"}


class _Unseen:
    """The CSMS's end: its frames are the charger's, seen once."""

    def frame(self, record: FrameRecord) -> None:
        pass

    def violation(self, violation: PeerViolation) -> None:
        raise AssertionError(violation)


class Recorder:
    """Takes every frame of a charger's session down."""

    def __init__(self, path: Path, version: OcppVersion) -> None:
        self._report = JsonLinesReport(path)
        self._path = path
        self._outlet = Outlet(self._report.handle, self._report.handle_lines, bursts=True)
        self._ledger = Ledger(now=asyncio.get_running_loop().time)
        self._ledger.add_charger("charger", version)
        self._ledger.subscribe(self._write)
        self.unseen = _Unseen()

    def frame(self, record: FrameRecord) -> None:
        """Put the frame on the ledger."""
        message: Any = record.message
        assert record.breach is None
        self._ledger.record(
            Observation(
                "frame",
                record.action or "",
                "charger",
                record.at,
                {
                    "direction": record.direction,
                    "type": _TYPES[type(message)],
                    "message_id": message.message_id,
                    "payload": message.payload,
                },
            )
        )

    def violation(self, violation: PeerViolation) -> None:
        """There is none in this traffic."""
        raise AssertionError(violation)

    def close(self, *, expected_frames: int) -> None:
        """Check that every frame is in the file."""
        self._outlet.flush()
        self._report.close()
        found = self._path.read_bytes().count(b'"kind":"frame"')
        assert found == expected_frames, (found, expected_frames)

    def _write(self, event: Event) -> None:
        self._outlet.event({"type": "event", "case": "benchmark", "event": event.to_json()})
