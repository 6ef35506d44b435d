"""The never of a block: broken the moment the event comes, and not hidden by a skip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.suite_kit import failure, run_texts

_GIVEN = "given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}\n"
_LONG = "[{authorize_id_tag: CARD-1}, {wait: 1h}, {log: too late}]"
_NEVER = "never: {transaction: started}, for: 2s"


@pytest.mark.parametrize(
    "block",
    [
        f"group: {_LONG}",
        f"repeat: {{times: 2, steps: {_LONG}}}",
        f"until: {{condition: 'true', deadline: 5s, steps: {_LONG}}}",
        f"parallel: [{_LONG}, [{{wait: 2h}}, {{log: too late}}]]",
        f"group: [{{group: {_LONG}}}]",
        "group: [{authorize_id_tag: CARD-1, expect: {transaction: started}}, {wait: 1h}, {log: too late}]",
        f"group: [{{parallel: [{_LONG}, [{{wait: 1s}}, {{skip: no}}]]}}]",
    ],
)
def test_it_ends_the_block_at_once(block: str, tmp_path: Path) -> None:
    """Nothing of the block runs after it."""
    outcome = run_texts(tmp_path, f"{_GIVEN}steps: [{{{block}, {_NEVER}}}]\n")
    assert outcome.verdicts() == ["failed"]
    assert "transaction started must not come" in failure(outcome)
    assert (outcome.end()["elapsed"] < 5.0, outcome.logs()) == (True, [])
    assert outcome.steps()[-1] == ("1", "failed")


@pytest.mark.parametrize(
    ("block", "verdict"),
    [
        (f"group: [{{authorize_id_tag: CARD-1}}, {{skip: no}}], {_NEVER}", "failed"),
        (f"group: [{{authorize_id_tag: CARD-1, expect: {{transaction: started}}}}, {{skip: no}}], {_NEVER}", "failed"),
        (f"group: [{{group: [{{authorize_id_tag: CARD-1}}, {{skip: no}}]}}], {_NEVER}", "failed"),
        (f"parallel: [[{{authorize_id_tag: CARD-1}}, {{skip: no}}], [{{wait: 1s}}]], {_NEVER}", "failed"),
        (f"group: [{{authorize_id_tag: CARD-1}}, {{skip: no}}], expect: {{heartbeat: {{}}}}, {_NEVER}", "failed"),
        (f"group: [{{wait: 1s}}, {{skip: no}}], {_NEVER}", "skipped"),
        (f"group: [{{wait: 1s}}, {{skip: no}}], expect: {{heartbeat: {{}}}}, {_NEVER}", "skipped"),
    ],
)
def test_a_skip_in_it_hides_nothing(block: str, verdict: str, tmp_path: Path) -> None:
    """What broke the never before the skip has broken it."""
    assert run_texts(tmp_path, f"{_GIVEN}steps: [{{{block}}}]\n").verdicts() == [verdict]


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        # The block's own expect uses the event; another one of the kind breaks the never.
        (
            f"[{{group: [{{authorize_id_tag: CARD-1}}, {{wait: 1s}}], expect: {{transaction: started}}, {_NEVER}}}]",
            "passed",
        ),
        (f"[{{group: [{{authorize_id_tag: CARD-1}}], expect: {{auth_status: Accepted}}, {_NEVER}}}]", "failed"),
        # A failure of the block's steps is their own.
        (f"[{{group: [{{unplug_connector: 1, expect: {{connector_status: Charging}}}}], {_NEVER}}}]", "failed"),
        (f"[{{authorize_id_tag: CARD-1}}, {{group: [{{wait: 1s}}], {_NEVER}}}]", "passed"),
        (f"[{{group: [{{wait: 1s}}], {_NEVER}}}, {{authorize_id_tag: CARD-1}}]", "passed"),
        (f"[{{group: [{{wait: 1s}}], since: start, {_NEVER}}}]", "passed"),
        (f"[{{authorize_id_tag: CARD-1}}, {{group: [{{wait: 1h}}], since: start, {_NEVER}}}]", "failed"),
    ],
)
def test_what_it_covers(steps: str, verdict: str, tmp_path: Path) -> None:
    """From the block's beginning, or from where `since` says."""
    assert run_texts(tmp_path, f"{_GIVEN}steps: {steps}\n").verdicts() == [verdict]
