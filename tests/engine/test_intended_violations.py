"""Which breaches of the protocol a scenario wants, and which it does not."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.engine.judging.intended_violations import IntendedViolations
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.plugin.stage import SentCall
from ocpplab_runner.plugin.verb import StepResult


def violation(name: str = "schema", charger: str = "A", **fields: Any) -> Event:
    """A violation on the ledger."""
    return Event(0, "violation", name, charger, 0.0, 0.0, fields, "wire", "charger")


@pytest.mark.parametrize(
    ("event", "covered"),
    [
        (violation("no-answer", message_id="quiet"), True),
        (violation("no-answer", message_id="other"), False),
        (violation("no-answer", charger="B", message_id="quiet"), False),
        (violation("schema", message_id="quiet"), False),
        (violation("schema", message_id="raw"), True),
        (violation("schema", charger="B", message_id="raw"), False),
        (violation("schema"), False),
        (violation("schema", by="csms", action="Authorize"), True),
        (violation("schema", charger="B", by="csms", action="Authorize"), False),
        (violation("schema", by="charger", action="Authorize"), False),
        (violation("schema", by="charger", action="Reset"), True),
        (violation("schema", charger="B", by="csms", action="Heartbeat"), True),
        (violation("schema", by="csms", action="MeterValues"), False),
    ],
)
def test_what_is_covered(event: Event, covered: bool) -> None:
    """What one step wants of one charger covers nothing else; what is given covers every charger."""
    intended = IntendedViolations()
    intended.given([{"to": "Heartbeat", "raw": True}, {"to": "MeterValues"}])
    intended.want_silence("A", "quiet")
    intended.note("A", StepResult(call=SentCall("raw", "Heartbeat")))
    intended.answers("A", "csms", {"to": "Authorize"})
    intended.answers("A", "charger", {"to": "Reset"})
    assert intended.covers(event) is covered
