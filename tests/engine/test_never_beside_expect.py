"""``never`` beside an ``expect``: its window is covered while the ``expect`` waits, its ``for`` begins after that."""

from pathlib import Path

import pytest

from tests.engine.suite_kit import failure, run_texts

BEATS = """
given:
  charger: {settings: {heartbeat_interval: 10s}}
  csms: {heartbeat_interval: 10s, id_tokens: {CARD-1: Accepted}}
  state: ev_connected
"""


def test_what_came_while_the_expectation_waited_breaks_it(tmp_path: Path) -> None:
    """The transaction starts while the slow answer is awaited: nobody has used that event."""
    outcome = run_texts(
        tmp_path,
        BEATS
        + """
steps:
  - csms_reply: {to: Authorize, delay: 20s}
  - authorize_id_tag: CARD-1
    expect: {auth_status: {is: Accepted, via: Authorize}}
    never: {transaction: started}
    for: 1s
""",
    )
    assert failure(outcome) == "transaction started must not come, and came at +20.000s"


@pytest.mark.parametrize(("lasts", "verdict"), [("9s", "passed"), ("10s", "failed")])
def test_for_begins_when_the_expectation_is_met(tmp_path: Path, lasts: str, verdict: str) -> None:
    """The beat at 10 s is used; the next one comes 10 s after it."""
    outcome = run_texts(
        tmp_path,
        BEATS
        + f"""
steps:
  - ev_stops_energy: {{}}
    expect: {{heartbeat: {{}}}}
    never: {{heartbeat: {{}}}}
    for: {lasts}
""",
    )
    assert outcome.verdicts() == [verdict]
