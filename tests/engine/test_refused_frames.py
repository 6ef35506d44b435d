"""A frame that its receiver refuses, or that breaks its schema, proves nothing; and what that means for windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.suite_kit import failure, run_texts

PLUGGED = "given: {csms: {id_tokens: {CARD-1: Accepted}}, state: ev_connected}"
CHARGING = "given: {csms: {id_tokens: {CARD-1: Accepted}}, state: {charging: {id_tag: CARD-1}}}"


def test_an_answer_that_breaks_its_schema_is_no_verdict(tmp_path: Path) -> None:
    """The charger takes it for none; the failure names the field."""
    outcome = run_texts(
        tmp_path,
        f"""
{PLUGGED}
steps:
  - csms_reply: {{to: Authorize, payload: {{idTagInfo: {{status: Accepted, expiryDate: null}}}}}}
    raw: true
  - authorize_id_tag: CARD-1
    expect: Accepted
""",
    )
    assert outcome.verdicts() == ["failed"]
    assert not [fact for fact in outcome.facts("auth_status") if fact["via"] == "Authorize"]
    assert "idTagInfo.expiryDate: is null" in str(outcome.end()["failure"])


def test_a_call_that_the_csms_refuses_is_no_fact(tmp_path: Path) -> None:
    """The failure shows the refused call and which field broke what."""
    outcome = run_texts(
        tmp_path,
        f"""
{CHARGING}
steps:
  - proxy_message: {{action: StatusNotification, payload: {{connectorId: 1, status: Finishing}}}}
    id: sent
    raw: true
    expect: {{call_error: {{code: OccurenceConstraintViolation}}}}
  - expect: {{connector_status: Finishing}}
    since: sent
    within: 5s
""",
    )
    assert outcome.verdicts() == ["failed"]
    assert "Finishing" not in [fact["is"] for fact in outcome.facts("connector_status")]
    nearest = outcome.end()["failure"]["nearest"]
    assert "StatusNotification" in nearest
    assert "errorCode is missing" in nearest


def test_a_slow_answer_gives_a_fact_of_the_calls_time(tmp_path: Path) -> None:
    """The status was reported within the deadline, though it was answered after it."""
    outcome = run_texts(
        tmp_path,
        f"""
{PLUGGED}
steps:
  - csms_reply: {{to: StatusNotification, delay: 10s}}
  - inject_fault: {{fault_type: GroundFailure, connector_id: 1}}
    expect: {{connector_status: {{is: Faulted, evse_id: 1}}}}
    within: 5s
""",
    )
    assert outcome.verdicts() == ["passed"]


def test_a_call_of_an_earlier_window_does_not_show_in_a_later_one(tmp_path: Path) -> None:
    """Its answer comes after the next step has begun; it happened before."""
    outcome = run_texts(
        tmp_path,
        f"""
{PLUGGED}
steps:
  - csms_reply: {{to: StatusNotification, delay: 10s}}
  - inject_fault: {{fault_type: GroundFailure, connector_id: 1}}
  - ev_stops_energy: {{}}
    expect: {{connector_status: {{is: Faulted, evse_id: 1}}}}
    within: 15s
""",
    )
    assert outcome.verdicts() == ["failed"]


@pytest.mark.parametrize(("answer", "verdict"), [("delay: 10s", "failed"), ("error: InternalError", "passed")])
def test_never_waits_for_the_calls_that_are_open(tmp_path: Path, answer: str, verdict: str) -> None:
    """Whether it was broken is known when the call is answered."""
    outcome = run_texts(
        tmp_path,
        f"""
{PLUGGED}
steps:
  - csms_reply: {{to: StatusNotification, {answer}}}
  - inject_fault: {{fault_type: GroundFailure, connector_id: 1}}
    never: {{connector_status: {{is: Faulted, evse_id: 1}}}}
    for: 5s
""",
    )
    assert outcome.verdicts() == [verdict]
    if verdict == "failed":
        assert failure(outcome) == "connector_status Faulted {evse_id: 1} must not come, and came at +0.000s"


def test_throughout_waits_for_the_calls_that_are_open(tmp_path: Path) -> None:
    """The last step is over before its report is answered."""
    text = f"""
{PLUGGED}
throughout: {{never: {{connector_status: {{is: Faulted, evse_id: 1}}}}}}
steps:
  - csms_reply: {{to: StatusNotification, delay: 10s}}
  - inject_fault: {{fault_type: GroundFailure, connector_id: 1}}
"""
    assert run_texts(tmp_path, text).verdicts() == ["failed"]


def test_silence_proves_nothing(tmp_path: Path) -> None:
    """Nobody has taken what was never answered; `never` ends with the call's time-out."""
    text = f"""
{PLUGGED}
steps:
  - csms_reply: {{to: StatusNotification, silence: true, times: always}}
  - inject_fault: {{fault_type: GroundFailure, connector_id: 1}}
    never: {{connector_status: {{is: Faulted, evse_id: 1}}}}
    for: 5s
"""
    assert run_texts(tmp_path, text).verdicts() == ["passed"]
