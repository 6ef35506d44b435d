"""A failure with --strict says who has done what in which step, and shows the frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.engine.judging.charges import Charges
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.recording.trail import Trail
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.suite_kit import failure, run_texts

_LONG_ID = '{proxy_message: {text: \'[2,"0123456789012345678901234567890123456","Heartbeat",{}]\'}'


@pytest.mark.parametrize(
    ("given", "steps", "told", "line", "shown"),
    [
        ("{}", f"- wait: 1s\n- {_LONG_ID}}}\n- wait: 1s\n", "by the charger, step 2 (", 6, "0123456789"),
        (
            "{chargers: {A: {}, B: {}}}",
            f"- {_LONG_ID}, charger: B}}\n- wait: 1s\n",
            "by charger B, step 1 (",
            5,
            "0123456789",
        ),
        (
            "{chargers: {A: {}, B: {}}}",
            f"- parallel: [[{{wait: 1s}}], [{{group: [{_LONG_ID}, charger: B}}]}}]]\n",
            "by charger B, step 1.2.1.1 (",
            5,
            "0123456789",
        ),
        (
            "{csms: {replies: [{to: Heartbeat, payload: {currentTime: '2026-01-01T00:00:00Z', x: 1}, raw: true}]}}",
            "- trigger_message: Heartbeat\n",
            "",
            0,
            "",
        ),
    ],
)
def test_a_violation_names_side_step_and_frames(
    given: str, steps: str, told: str, line: int, shown: str, tmp_path: Path
) -> None:
    """Where nothing is told nothing was broken but on purpose."""
    outcome = run_texts(tmp_path, f"given: {given}\nsteps:\n{steps}", strict=True)
    if not told:
        assert outcome.verdicts() == ["passed"], failure(outcome)
        return
    assert outcome.verdicts() == ["failed"]
    assert told in failure(outcome)
    end = outcome.end()
    assert end["failure"]["line"] == end["violations"][0]["line"] == line
    assert end["violations"][0]["step"] in told
    assert shown in end["failure"]["arrived"][0]
    assert any("malformed text" in one for one in end["failure"]["sequence"])


def test_what_no_step_has_caused_lies_before_the_first() -> None:
    """A CALLERROR in the recipe of ``given.state`` has no place in the file."""
    ledger = Ledger(now=lambda: 0.0)
    ledger.add_charger("A", OcppVersion.V16)
    fields = {"direction": "to_charger", "type": "error", "message_id": "1", "error_code": "InternalError"}
    event = ledger.record(Observation("frame", "Heartbeat", "A", 0.0, fields))
    charges = Charges(ledger, Trail(lambda: ledger.position, lambda: 0.0), 0.0, several=False)
    charge = charges.of(event, "the CSMS answered Heartbeat of A with CALLERROR InternalError")
    assert charge.text.endswith("InternalError, before the first step")
    assert charges.place(event) == {}
    shown = charge.explain()
    assert "file" not in shown
    assert shown["arrived"] == ["+0.000s csms answered Heartbeat with CALLERROR InternalError"]


@pytest.mark.parametrize(
    ("never", "counted"),
    [
        ("- never: {transaction: started}\n  for: 2s\n", "counted from its authorize_id_tag"),
        ("- never: {transaction: started}\n  for: 2s\n  since: start\n", "counted from the first step"),
        ("- group: [{wait: 1s}]\n  never: {transaction: started}\n  since: start\n  for: 1s\n", "from the first step"),
    ],
)
def test_a_prohibition_names_the_charger_that_broke_it(never: str, counted: str, tmp_path: Path) -> None:
    """Times count from that charger's own window."""
    head = "given: {chargers: {A: {}, B: {}}, csms: {id_tokens: {CARD-1: Accepted}}}\n"
    acts = "- plug_connector: 1\n  charger: B\n- wait: 10s\n- authorize_id_tag: CARD-1\n  charger: B\n"
    outcome = run_texts(tmp_path, f"{head}steps:\n{acts}{never}")
    assert outcome.verdicts() == ["failed"]
    assert "from charger B" in failure(outcome)
    assert counted in failure(outcome)
    guarded = run_texts(tmp_path, f"{head}throughout: {{never: {{transaction: started}}}}\nsteps:\n{acts}")
    assert guarded.verdicts() == ["failed"]
    assert "+10.000s from charger B (counted from the first step)" in failure(guarded)
    alone = f"given: {{csms: {{id_tokens: {{CARD-1: Accepted}}}}}}\nsteps:\n{acts.replace('  charger: B', '  name: x')}"
    one = run_texts(tmp_path, f"{alone}{never}")
    assert one.verdicts() == ["failed"]
    assert "charger" not in failure(one)
