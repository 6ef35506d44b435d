"""Programmed answers: which rule is taken, and what it makes of an answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpplab_runner.ocppj.reply_rules import (
    Error,
    Garbage,
    Payload,
    ReplyRule,
    RuleBook,
    Silence,
    is_subset,
    merge,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.sampled_from(["", "x", "Accepted"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSON, max_size=3)


def rule(**fields: Any) -> ReplyRule:
    return ReplyRule.from_fields({"to": "Authorize", **fields})


@pytest.mark.parametrize(
    ("fields", "usual", "sent"),
    [
        ({"payload": {"idTagInfo": {"status": "Blocked"}}}, {"a": 1}, Payload({"idTagInfo": {"status": "Blocked"}})),
        ({"payload": {}}, {"a": 1}, Payload({})),
        ({"patch": {"x": {"y": 2}}}, {"x": {"y": 1, "z": 3}, "w": 4}, Payload({"x": {"y": 2, "z": 3}, "w": 4})),
        ({"patch": {"x": None}}, {"x": 1, "w": 4}, Payload({"w": 4})),
        ({"error": "GenericError"}, None, Error("GenericError")),
        ({"error": "InternalError", "description": "broken"}, None, Error("InternalError", "broken")),
        ({"silence": True}, None, Silence()),
        ({"garbage": "{]"}, None, Garbage("{]")),
        ({"delay": "2s"}, {"a": 1}, Payload({"a": 1})),
    ],
)
def test_each_kind_of_answer(fields: dict[str, Any], usual: dict[str, Any] | None, sent: object) -> None:
    """Each field makes its own kind of answer out of the usual one."""
    assert rule(**fields).apply(usual) == sent


@pytest.mark.parametrize(
    ("delay", "seconds"), [(0, 0.0), (2.5, 2.5), ("500ms", 0.5), ("1m30s", 90.0), ("1h", 3600.0), ("2d", 172800.0)]
)
def test_delay(delay: object, seconds: float) -> None:
    """A delay is a number of seconds or text with units."""
    assert rule(delay=delay).delay == seconds


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "needs one of"),
        ({"payload": {}, "error": "GenericError"}, "not both `payload` and `error`"),
        ({"silence": True, "garbage": "x"}, "not both"),
        ({"silence": False}, "`silence`"),
        ({"error": ""}, "CALLERROR code"),
        ({"payload": {}, "description": "why"}, "belongs to an `error`"),
        ({"delay": "2"}, "duration"),
        ({"delay": "2s3"}, "duration"),
        ({"delay": -1}, "duration"),
        ({"delay": True}, "duration"),
        ({"payload": {}, "times": 0}, "`times`"),
        ({"payload": {}, "times": True}, "`times`"),
        ({"payload": {}, "times": "often"}, "`times`"),
        ({"payload": []}, "`payload` is an object"),
        ({"patch": "x"}, "`patch` is an object"),
        ({"garbage": 4}, "`garbage` is text"),
        ({"payload": {}, "matching": {"idTag": {"$any_of": ["A"]}}}, "no $any_of"),
        ({"payload": {}, "color": "red"}, "no field color"),
        ({"payload": {}, "to": ""}, "`to`"),
    ],
)
def test_fields_that_make_no_rule(fields: dict[str, Any], said: str) -> None:
    """What does not make a rule is refused with the reason."""
    with pytest.raises(ValueError, match=said.replace("$", r"\$")):
        rule(**fields)


@pytest.mark.parametrize(
    ("fields", "processes"),
    [
        ({"payload": {}}, True),
        ({"patch": {}}, True),
        ({"delay": "1s"}, True),
        ({"error": "GenericError"}, False),
        ({"silence": True}, False),
        ({"garbage": ""}, False),
    ],
)
def test_an_end_that_fails_has_not_processed_the_call(fields: dict[str, Any], processes: bool) -> None:
    """Only an answer with a payload means that the call was processed."""
    assert rule(**fields).processes is processes


def test_rules_are_used_up_in_order() -> None:
    """The first rule serves its number of calls, then the next one, then none."""
    first, second = rule(error="GenericError", times=2), rule(silence=True)
    book = RuleBook([first, second])
    assert [book.take("Authorize", {}) for _ in range(4)] == [first, first, second, None]
    assert len(book) == 0


def test_always_stays() -> None:
    """A rule for always is never used up and stands before later ones."""
    forever = rule(silence=True, times="always")
    book = RuleBook([forever, rule(error="GenericError")])
    assert all(book.take("Authorize", {}) is forever for _ in range(50))


def test_a_rule_waits_for_its_action_and_its_payload() -> None:
    """A rule that does not match the call is passed over and keeps its times."""
    picky = rule(error="GenericError", matching={"idTag": "card-1"})
    book = RuleBook([picky])
    assert book.take("Heartbeat", {"idTag": "CARD-1"}) is None
    assert book.take("Authorize", {"idTag": "CARD-2"}) is None
    assert book.take("Authorize", {"idTag": "CARD-1"}) is picky
    assert book.take("Authorize", {"idTag": "CARD-1"}) is None


def test_clear_forgets() -> None:
    """A cleared book has no rule."""
    book = RuleBook([rule(silence=True, times="always")])
    book.clear()
    assert book.take("Authorize", {}) is None


@pytest.mark.parametrize(
    ("wanted", "actual", "expected"),
    [
        ({"a": 1}, {"a": 1.0, "b": 2}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": 3}]}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": "x"}, {"a": "X"}, False),
        ({"idToken": {"idToken": "card"}}, {"idToken": {"idToken": "CARD", "type": "Local"}}, True),
        ({}, [], False),
    ],
)
def test_subset(wanted: Any, actual: Any, expected: bool) -> None:
    """Objects match as subsets, lists whole, numbers by value, id tokens without letter case."""
    assert is_subset(wanted, actual) is expected


@CALM
@given(OBJECTS, OBJECTS)
def test_a_merged_answer_holds_the_patch(base: dict[str, Any], patch: dict[str, Any]) -> None:
    """After a merge every non-null value of the patch is there and merging again changes nothing."""
    merged = merge(base, patch)
    assert merge(merged, patch) == merged
    for key, value in patch.items():
        if value is None:
            assert key not in merged
        elif not isinstance(value, dict):
            assert merged[key] == value


@CALM
@given(JSON)
def test_everything_is_a_subset_of_itself(value: Any) -> None:
    """Any JSON value matches itself."""
    assert is_subset(value, value)


@CALM
@given(st.lists(st.integers(1, 4), max_size=5), st.integers(0, 25))
def test_a_book_serves_exactly_its_times(times: list[int], calls: int) -> None:
    """However rules are programmed, a book serves as many calls as they say and no more."""
    book = RuleBook(rule(silence=True, times=count) for count in times)
    served = sum(book.take("Authorize", {}) is not None for _ in range(calls))
    assert served == min(calls, sum(times))
