"""Verdicts that happen inside a charger behind a Gateway of generation 4: read from command results, never invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from tests.engine.suite_kit import Outcome, plan_texts
from tests.fixtures.gateway import Badness
from tests.targets.gateway_kit import gateway_target, run_through
from tests.targets.test_gateway_target import shipped
from tests.thoroughness import crossed

#: The cache accepts the card the second time; a plugged car starts with it.
CACHED = """
ocpp: ["1.6", "2.0.1"]
given:
  charger: {settings: {local_pre_authorize: true, cache_enabled: true, connection_timeout: 60s}}
  csms: {id_tokens: {CARD-1: Accepted}}
steps:
  - authorize_id_tag: CARD-1
    expect: {auth_status: {is: Accepted, via: Authorize}}
  - wait: 70s
  - plug_connector: 1
  - authorize_id_tag: CARD-1
"""
#: How late a result is: seconds of 404, and seconds that it is behind.
LATE = {"at once": (0.0, 0.0), "behind": (0.0, 2.0), "long behind": (5.0, 12.0)}

#: What it tells of a verdict: all, or less.
LESS = ("whole", "bare", "placeless", "none")


def bad(late: str, verdicts: Any = "whole") -> Badness:
    """A Gateway whose results are late, and hold so much of a verdict."""
    delay, lag = LATE[late]
    return Badness(result_delay=delay, result_lag=lag, verdicts=verdicts)


def cached(then: str) -> str:
    """The scenario with what shall follow on the second presentation."""
    return f"{CACHED}    {then}\n"


def only_16(text: str) -> str:
    """The scenario in OCPP 1.6 only."""
    return text.replace('"1.6", "2.0.1"', '"1.6"')


def reasons(outcome: Outcome) -> str:
    """Of all cases."""
    return "\n".join(str(end.get("reason")) for end in outcome.ends())


def told(outcome: Outcome) -> list[tuple[str, str]]:
    """Every verdict on the ledger: what it is and who has given it."""
    events = [
        one["event"] for one in outcome.records if one["type"] == "event" and one["event"]["name"] == "auth_status"
    ]
    return [(event["fields"]["is"], event["fields"].get("via", "?")) for event in events]


RIGHT = [
    "expect: {auth_status: {is: Accepted, via: cache, id_tag: CARD-1}, transaction: started}",
    "expect: Accepted",
    "expect: [auth_status: {is: Accepted, via: cache}, transaction: started]",
    "never: {auth_status: Blocked}\n    for: 10s",
    "never: {auth_status: {via: Authorize}}\n    for: 10s",
    "never: {auth_status: {via: local_list}}\n    for: 10s",
]
WRONG = [
    "expect: Blocked",
    "expect: {auth_status: {is: Invalid, via: cache}}",
    "expect: {auth_status: {is: Accepted, via: Authorize}}",
    "expect: {auth_status: {is: Accepted, via: local_list}}",
    "never: {auth_status: {via: cache}}\n    for: 10s",
    "never: {auth_status: {}}\n    for: 10s",
    "expect: {auth_status: {is: Accepted, count: 3}}",
]


@pytest.mark.parametrize(("then", "late"), crossed(3, RIGHT, [*LATE]))
def test_a_verdict_of_the_cache_is_seen(tmp_path: Path, then: str, late: str) -> None:
    """As on a charger of our own, in its place before what has followed from it."""
    for foreign in (False, True):
        outcome, _ = run_through(tmp_path, cached(then), bad=bad(late), dialect="g4", foreign=foreign)
        assert set(outcome.verdicts()) == {"passed"}, (foreign, reasons(outcome))


@pytest.mark.parametrize(("then", "late"), crossed(3, WRONG, [*LATE]))
def test_what_is_wrong_fails(tmp_path: Path, then: str, late: str) -> None:
    """However late the result is."""
    for foreign in (False, True):
        outcome, _ = run_through(tmp_path, cached(then), bad=bad(late), dialect="g4", foreign=foreign)
        assert set(outcome.verdicts()) == {"failed"}, foreign


@pytest.mark.parametrize("foreign", [False, True])
def test_each_presentation_has_one_verdict(tmp_path: Path, foreign: bool) -> None:
    """The CSMS's is read from frames only, the cache's from the result only; the transaction brings its own."""
    text = cached("expect: {transaction: started}")
    outcome, _ = run_through(tmp_path, only_16(text), dialect="g4", foreign=foreign)
    assert outcome.verdicts() == ["passed"], reasons(outcome)
    assert told(outcome) == [("Accepted", "Authorize"), ("Accepted", "cache"), ("Accepted", "StartTransaction")]


@pytest.mark.parametrize(
    ("then", "verdicts", "late"),
    crossed(3, [*RIGHT, *WRONG], ["bare", "placeless", "none"], ["at once", "long behind"]),
)
def test_a_gateway_that_tells_less_gives_no_false_verdict(tmp_path: Path, then: str, late: str, verdicts: Any) -> None:
    """What is right passes or is blocked, what is wrong fails or is blocked."""
    outcome, _ = run_through(tmp_path, cached(then), bad=bad(late, verdicts), dialect="g4")
    assert set(outcome.verdicts()) <= {"passed" if then in RIGHT else "failed", "blocked"}, reasons(outcome)


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [("placeless", "does not say who has given the verdict"), ("none", "does not hold the verdict on the card")],
)
def test_a_place_that_is_not_told_blocks(tmp_path: Path, verdicts: Any, reason: str, foreign: bool) -> None:
    """``via: cache`` can neither be met nor missed by a verdict of which nobody says who has given it."""
    then = "expect: {auth_status: {is: Accepted, via: cache}}\n    within: 8s"
    outcome, _ = run_through(tmp_path, cached(then), bad=Badness(verdicts=verdicts), dialect="g4", foreign=foreign)
    assert set(outcome.verdicts()) == {"blocked"}
    assert reason in reasons(outcome)


def test_a_verdict_without_a_place_is_a_verdict(tmp_path: Path) -> None:
    """Where nobody asks who has given it, it decides."""
    text = cached("expect: Accepted").replace("plug_connector: 1", "log: x")
    outcome, _ = run_through(tmp_path, only_16(text), bad=Badness(verdicts="placeless"), dialect="g4")
    assert outcome.verdicts() == ["passed"], reasons(outcome)
    assert told(outcome)[1:] == [("Accepted", "?")]


def test_a_result_that_never_comes_blocks(tmp_path: Path) -> None:
    """And what can be seen without it is judged."""
    never = Badness(result_lag=1e6)
    outcome, _ = run_through(tmp_path, cached("expect: {auth_status: {via: cache}}"), bad=never, dialect="g4")
    assert set(outcome.verdicts()) == {"blocked"}
    assert "has not told within 40 s" in reasons(outcome)
    outcome, _ = run_through(tmp_path, cached("expect: {transaction: started}"), bad=never, dialect="g4")
    assert set(outcome.verdicts()) == {"passed"}, reasons(outcome)


def test_a_guard_waits_for_the_last_result(tmp_path: Path) -> None:
    """``throughout`` is not kept before it is known what the last step has set off."""
    text = cached("name: the last").replace("steps:", "throughout: {never: {auth_status: {via: cache}}}\nsteps:")
    for verdicts, verdict in (("whole", "failed"), ("placeless", "blocked")):
        outcome, _ = run_through(tmp_path, text, bad=bad("behind", verdicts), dialect="g4")
        assert set(outcome.verdicts()) == {verdict}, reasons(outcome)


@pytest.mark.parametrize("dialect", ["g2", "g4"])
def test_a_later_refusal_is_not_taken_for_the_first_verdict(tmp_path: Path, dialect: str) -> None:
    """The cache has accepted the card before StartTransaction is answered Blocked; unseen, it blocks the case."""
    text = cached("expect: Accepted").replace("  - plug", "  - update_id_tokens: {CARD-1: Blocked}\n  - plug")
    outcome, _ = run_through(tmp_path, only_16(text), dialect=dialect)
    assert outcome.verdicts() == ["passed" if dialect == "g4" else "blocked"], reasons(outcome)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_the_station_refuses_by_itself(tmp_path: Path, version: str) -> None:
    """With its reason; and nobody is asked."""
    text = f"""
ocpp: ["{version}"]
given: {{csms: {{id_tokens: {{CARD-1: Accepted, CARD-2: Accepted}}}}, state: {{charging: {{id_tag: CARD-1}}}}}}
throughout: {{never: {{auth_status: {{via: cache}}}}}}
steps:
  - authorize_id_tag: CARD-2
    expect: {{auth_status: {{via: station, reason: EVSE 1 is charging for another card}}}}
  - never: {{message: {{action: Authorize}}}}
    for: 5s
"""
    outcome, _ = run_through(tmp_path, text, dialect="g4")
    assert outcome.verdicts() == ["passed"], reasons(outcome)
    outcome, _ = run_through(tmp_path, text, dialect="g4", bad=Badness(verdicts="bare"))
    assert outcome.verdicts() == ["blocked"]
    assert "need not hold all that belongs to the verdict" in reasons(outcome)


def test_an_authorize_that_fails_is_the_stations_verdict(tmp_path: Path) -> None:
    """The frames show that the CSMS was asked, the result who has judged in the end."""
    text = """
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps:
  - csms_reply: {to: Authorize, silence: true}
  - authorize_id_tag: CARD-1
    expect: {message: {action: Authorize}, auth_status: {is: Invalid, via: station}}
    within: 35s
"""
    outcome, _ = run_through(tmp_path, text, dialect="g4")
    assert set(outcome.verdicts()) == {"passed"}, reasons(outcome)


def test_nothing_is_said_of_a_silent_csms_too_early(tmp_path: Path) -> None:
    """While the CSMS is silent there is no verdict, and that can be said at once."""
    text = """
given: {csms: {id_tokens: {CARD-1: Accepted}}}
steps:
  - csms_reply: {to: Authorize, silence: true}
  - authorize_id_tag: CARD-1
  - never: {auth_status: {}}
    for: 20s
"""
    outcome, _ = run_through(tmp_path, text, dialect="g4")
    assert set(outcome.verdicts()) == {"passed"}, reasons(outcome)


def test_what_is_under_way_at_the_end_has_not_been(tmp_path: Path) -> None:
    """A guard looks at nothing that comes after the steps: the station's verdict on a silent CSMS would."""
    text = """
throughout: {never: {auth_status: {}}}
steps:
  - csms_reply: {to: Authorize, silence: true}
  - authorize_id_tag: CARD-1
  - wait: 10s
"""
    outcome, _ = run_through(tmp_path, text, dialect="g4")
    assert outcome.verdicts() == ["passed"], reasons(outcome)
    assert outcome.end()["elapsed"] < 20


@pytest.mark.parametrize("verdicts", LESS)
@pytest.mark.parametrize("late", ["at once", "behind"])
def test_shipped_scenarios_give_no_false_verdict(late: str, verdicts: Any) -> None:
    """Whatever a Gateway tells of a card, and when."""
    number = LESS.index(verdicts) + 2 * [*LATE].index(late)
    outcome, fake = shipped(number, 24, bad(late, verdicts), dialect="g4")
    ends = {end["id"]: (end["verdict"], end.get("reason")) for end in outcome.ends()}
    allowed = {"passed"} if verdicts == "whole" else {"passed", "blocked"}
    assert [(name, *one) for name, one in ends.items() if one[0] not in allowed] == []
    assert fake.chargers == {}


@pytest.mark.parametrize(
    ("dialect", "options", "seen"),
    [("g2", {}, False), ("g4", {}, True), ("g4", {"address": "location", "location_id": "here"}, False)],
)
def test_what_is_declared(dialect: str, options: dict[str, Any], seen: bool) -> None:
    """Generation 4 shows them, unless a command for one charger goes to a whole location."""
    target, _ = gateway_target(dialect=dialect, **options)
    inside = {route for route in AuthorizationRoute if route.value.islower()}
    assert (inside <= target.capabilities.routes) is seen
    assert ("inside" in target.capabilities.facts["auth_status"]) is seen


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{remote_start: CARD-1, expect: {auth_status: {via: station}}}]",
        "steps: [{remote_start: CARD-1}, {never: {auth_status: {}}, for: 1s}]",
        "throughout: {never: {auth_status: Blocked}}\nsteps: [{remote_start: CARD-1}]",
        "steps: [{remote_start: CARD-1, expect: {auth_status: {via: {$any_of: [cache, local_list]}}}}]",
    ],
)
def test_remote_starts_have_no_result(tmp_path: Path, text: str) -> None:
    """What a charger makes of their cards is not told, and that is known beforehand."""
    target, _ = gateway_target(dialect="g4")
    for case in plan_texts(tmp_path, text, target=target).cases:
        assert "the card of a remote start" in (case.blocked or "")


def test_a_verdict_on_a_remote_start_may_be_unseen(tmp_path: Path) -> None:
    """Where nothing is said of its way the case runs, and is blocked rather than failed."""
    text = """
given: {charger: {settings: {authorize_remote_start: false}}, state: ev_connected}
steps:
  - remote_start: CARD-1
    expect: {auth_status: {is: Accepted, id_tag: CARD-1}}
    within: 5s
"""
    outcome, _ = run_through(tmp_path, text, dialect="g4")
    assert set(outcome.verdicts()) <= {"blocked", "passed"}, reasons(outcome)


@pytest.mark.parametrize(
    ("expected", "verdict"),
    [
        ("connector_status: [Preparing, Charging]", "blocked"),
        ("connector_status: [Charging, Preparing]", "blocked"),
        ("connector_status: [Preparing, Faulted]", "failed"),
        ("transaction: started", "passed"),
    ],
)
def test_of_two_calls_at_one_time_a_log_without_order_does_not_say_which_was_first(
    tmp_path: Path, expected: str, verdict: str
) -> None:
    """A sequence that hangs on it neither passes nor fails; what does not, is judged."""
    text = f"""
ocpp: ["1.6"]
given: {{csms: {{id_tokens: {{CARD-1: Accepted}}}}, state: {{finishing: {{id_tag: CARD-1}}}}}}
steps:
  - start_transaction: {{id_tag: CARD-1, evse_id: 1}}
    expect: {{{expected}}}
"""
    outcome, _ = run_through(tmp_path, text, bad=Badness(shuffled=True, log_delay=2), foreign=True)
    assert outcome.verdicts() == [verdict], reasons(outcome)
    assert ("is in no order" in reasons(outcome)) is (verdict == "blocked")
    if expected.endswith("[Preparing, Charging]"):
        outcome, _ = run_through(tmp_path, text, bad=Badness(log_delay=2), foreign=True)
        assert outcome.verdicts() == ["passed"], reasons(outcome)
