"""A case that has done or judged nothing is skipped, never passed; and a skip hides no failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.suite_kit import failure, run_texts

_HEAD = "smoke: false\n"
_GIVEN = "given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}\n"


def _scenario(steps: str) -> str:
    both = "ocpp: ['1.6', '2.0.1']\n" if "only" in steps else ""
    return f"{both}{_GIVEN}{'vars: {n: 0}' if 'n ==' in steps else ''}\nsteps: {steps}\n"


@pytest.mark.parametrize(
    "steps",
    [
        "[{plug_connector: 1, only: ['2.0.1'], expect: {connector_status: Preparing}}]",
        "[{if: {condition: 'n == 1', then: [{fail: no}]}}]",
        "[{group: [{if: {condition: 'n == 1', then: [{fail: no}]}}]}]",
        "[{group: [{plug_connector: 1, only: ['2.0.1']}]}]",
        "[{parallel: [[{log: a}], [{if: {condition: 'n == 1', then: [{fail: no}]}}]]}]",
        "[{include: '#o'}]\nfragments: {o: [{authorize_id_tag: CARD-1, only: ['2.0.1'], expect: Accepted}]}",
        "[{log: nothing to see}]",
        "[{until: {condition: 'n == 0', deadline: 5s, steps: [{log: try}]}}]",
        "[{group: [{log: x}], never: {transaction: started}, for: 2s}]",
        "[{log: x}]\nfinally: [{unplug_connector: 1, expect: {connector_status: Available}}]",
        "[{log: x}]\nthroughout: {never: {transaction: started}}",
    ],
)
def test_nothing_done_is_skipped(steps: str, tmp_path: Path) -> None:
    """Whatever has left the steps out."""
    outcome = run_texts(tmp_path, _HEAD + _scenario(steps))
    end = outcome.ends()[0]
    assert (end["verdict"], "nothing was done" in end["reason"]) == ("skipped", True), end


@pytest.mark.parametrize(
    "steps",
    [
        "[{authorize_id_tag: CARD-1}]",
        "[{repeat: {times: 2, steps: [{wait: 1s}]}}]",
        "[{unplug_connector: 1}, {plug_connector: 1, only: ['2.0.1'], expect: {connector_status: Preparing}}]",
        "[{authorize_id_tag: CARD-1}, {if: {condition: 'n == 1', then: [{expect: Accepted}]}}]",
        "[{trigger_message: Heartbeat}]",
    ],
)
def test_nothing_judged_is_skipped(steps: str, tmp_path: Path) -> None:
    """Unless the scenario says that it must merely run."""
    text = _scenario(steps)
    outcome = run_texts(tmp_path, _HEAD + text)
    end = outcome.ends()[0]
    assert (end["verdict"], "nothing was judged" in end.get("reason", "")) == ("skipped", True), end
    assert set(run_texts(tmp_path, "smoke: true\n" + text).verdicts()) == {"passed"}


@pytest.mark.parametrize(
    "steps",
    [
        "[{authorize_id_tag: CARD-1, expect: Accepted}]",
        "[{group: [{group: [{wait: 1s, never: {transaction: started}, for: 1s}]}]}]",
        "[{still: {connector_status: Preparing}}]",
        "[{wait: 1s}]\nthroughout: {never: {transaction: started}}",
        "[{wait: 1s}]\nfinally: [{unplug_connector: 1, expect: {connector_status: Available}}]",
        "[{wait: 1s}, {if: {condition: 'n == 1', then: [{fail: no}]}}]",
        "[{until: {condition: 'n == 0', deadline: 5s, steps: [{wait: 1s}]}}]",
        "[{include: '#one'}]\nfragments: {one: [{authorize_id_tag: CARD-1, expect: Accepted}]}",
        "[{parallel: [[{log: x}], [{authorize_id_tag: CARD-1, expect: Accepted}]]}]",
    ],
)
def test_what_is_done_and_judged_passes(steps: str, tmp_path: Path) -> None:
    """Wherever it is done and judged."""
    outcome = run_texts(tmp_path, _HEAD + _scenario(steps))
    assert outcome.verdicts() == ["passed"], failure(outcome)


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ("[{parallel: [[{wait: 1s}, {skip: no}], [{wait: 1s}, {fail: bad}]]}]", "failed"),
        ("[{parallel: [[{wait: 1s}, {fail: bad}], [{wait: 1s}, {skip: no}]]}]", "failed"),
        ("[{parallel: [[{wait: 1s}, {skip: no}], [{wait: 2s}]]}]", "skipped"),
        ("[{skip: no}]\nfinally: [{fail: bad}]", "failed"),
        ("[{skip: no}]\nfinally: [{wait: 1s}]", "skipped"),
        ("[{wait: 1s}]\nfinally: [{if: {condition: 'n == 0', then: [{skip: no}]}}, {fail: bad}]", "failed"),
        ("[{authorize_id_tag: CARD-1}, {skip: no}]\nthroughout: {never: {auth_status: Accepted}}", "failed"),
    ],
)
def test_a_skip_hides_no_failure(steps: str, verdict: str, tmp_path: Path) -> None:
    """What has failed by then, and what fails in ``finally``."""
    assert run_texts(tmp_path, _HEAD + _scenario(steps)).verdicts() == [verdict]


def test_a_run_of_nothing_but_skips_ends_with_5(tmp_path: Path) -> None:
    """As one of nothing but what is blocked does; beside a pass it is 0."""
    text = _HEAD + _scenario("[{wait: 1s}]")
    assert run_texts(tmp_path, text).code == 5
    assert run_texts(tmp_path, text, _scenario("[{wait: 1s}]")).code == 0
