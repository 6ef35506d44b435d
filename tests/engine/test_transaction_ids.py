"""One id for two running transactions of OCPP 1.6 is a violation of the CSMS that gave it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.engine.judging.transaction_ids import TransactionIds
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Observation
from tests.engine.suite_kit import run_texts


class Wire:
    """The frames of chargers, and what is said of the ids."""

    def __init__(self) -> None:
        self.ledger = Ledger(now=lambda: 0.0)
        self.ledger.subscribe(TransactionIds(self.ledger.record).event)
        self._count = 0

    def _exchange(self, charger: str, action: str, call: dict[str, Any], answer: dict[str, Any], **more: Any) -> None:
        self._count += 1
        for direction, kind, payload, extra in (("to_csms", "call", call, {}), ("to_charger", "result", answer, more)):
            fields = {"direction": direction, "type": kind, "message_id": str(self._count), "payload": payload}
            self.ledger.record(Observation("frame", action, charger, 0.0, {**fields, **extra}))

    def start(self, charger: str, connector: int, transaction: int, **more: Any) -> None:
        self._exchange(charger, "StartTransaction", {"connectorId": connector}, {"transactionId": transaction}, **more)

    def stop(self, charger: str, transaction: int) -> None:
        self._exchange(charger, "StopTransaction", {"transactionId": transaction}, {})

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(one.charger, str(one.fields["description"])) for one in self.ledger.violations]


@pytest.mark.parametrize(("charger", "of"), [("A", ""), ("B", " of charger A")])
def test_one_id_for_two(charger: str, of: str) -> None:
    """On one charger and on two."""
    wire = Wire()
    wire.start("A", 1, 7)
    wire.start(charger, 2, 7)
    assert wire.told == [(charger, f"the CSMS gave the id 7 of another running transaction{of}")]


def test_what_is_right() -> None:
    """Other ids, an id of one that has ended, the same start again, an answer that nobody waited for."""
    wire = Wire()
    wire.start("A", 1, 7)
    wire.start("A", 2, 8)
    wire.start("A", 1, 7)
    wire.start("B", 1, 7, ignored="late-answer")
    wire.stop("B", 8)
    wire.stop("A", 7)
    wire.start("B", 1, 7)
    assert wire.told == []
    wire.start("B", 2, 8)
    assert len(wire.told) == 1, "a stop of another charger has ended nothing"


def test_the_failure_names_it(tmp_path: Path) -> None:
    """The second start shows no transaction, and says why."""
    outcome = run_texts(
        tmp_path,
        """
given: {charger: {evses: 2}, csms: {id_tokens: {CARD-1: Accepted, CARD-2: Accepted}}}
steps:
  - csms_reply: {to: StartTransaction, patch: {transactionId: 5}, times: always}
  - start_session: {id_tag: CARD-1, evse_id: 1}
    expect: {transaction: {is: started, evse_id: 1}}
  - start_session: {id_tag: CARD-2, evse_id: 2}
    expect: {transaction: {is: started, evse_id: 2}}
""",
    )
    assert outcome.verdicts() == ["failed"]
    assert "the id 5 of another running transaction" in outcome.end()["failure"]["nearest"]
