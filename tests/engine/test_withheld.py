"""The records of a case that saves a secret wait until it is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ocpplab_runner.engine.running.withheld import Withheld
from ocpplab_runner.redaction.redactor import HIDDEN
from tests.engine.suite_kit import run_texts

SAVES = """
secrets: [got]
given: {csms: {replies: [{to: DataTransfer, payload: {status: Accepted, data: "${{ 'harbour' + '-wall' }}"}}]}}
steps:
  - proxy_message: {action: DataTransfer, payload: {vendorId: v}}
    expect: {response: {status: Accepted}}
    save: {got: response.data}
"""


def test_the_frame_that_brings_a_secret(tmp_path: Path) -> None:
    """It came before the `save`, and is redacted all the same."""
    outcome = run_texts(tmp_path, SAVES)
    assert outcome.verdicts() == ["passed"]
    assert HIDDEN in outcome.text()
    assert "harbour-wall" not in outcome.text()


def test_who_saves_nothing_secret_waits_for_nothing(tmp_path: Path) -> None:
    """Without `secrets` the same case shows what has come."""
    assert "harbour-wall" in run_texts(tmp_path, SAVES.replace("secrets: [got]", "")).text()


def _event(number: int) -> Any:
    fields = {"direction": "to_csms", "payload": {"data": [f"said {number}"]}}
    return {"type": "event", "case": "c", "event": {"seq": number, "kind": "frame", "fields": fields}}


def test_of_very_many_the_oldest_go_out_without_what_was_said() -> None:
    """Memory has a bound, and nothing that waits is lost."""
    out: list[Any] = []
    withheld = Withheld(out.append, most=2)
    for number in range(3):
        withheld.put(_event(number))
    assert [record["event"]["seq"] for record in out] == [0]
    assert "said" not in str(out)
    withheld.release()
    assert out[1:] == [_event(1), _event(2)]
