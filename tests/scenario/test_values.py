"""Rule 7: how wanted values and values that came are compared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.scenario.values import MISSING, compare, is_unsure, matches

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("expected", "actual", "result"),
    [
        (1, 1.0, True),
        (1, True, False),
        (True, 1, False),
        (True, True, True),
        (0, False, False),
        ("1", 1, False),
        (1, "1", False),
        (None, None, True),
        (None, MISSING, False),
        (None, 0, False),
        ("a", "A", False),
        ("a", "a", True),
        ({}, {"a": 1}, True),
        ({}, 1, False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 2}, False),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 1}}, True),
        ([1, 2], [1, 2], True),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ([1, 2], [1], False),
        ([], [], True),
        ([], [1], False),
        ([{"a": 1}], [{"a": 1, "b": 2}], True),
        ("x", ["x"], False),
        ("2024-01-01T10:00:00Z", "2024-01-01T11:00:00+01:00", True),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00.000Z", True),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00.001Z", False),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00", False),
        ("2024-13-01T10:00:00Z", "2024-13-01T10:00:00.0Z", False),
    ],
)
def test_plain_values(expected: Any, actual: Any, result: bool) -> None:
    """Subsets, whole lists, numbers by value, instants; no number is a text or a truth value."""
    assert matches(expected, actual) is result


@pytest.mark.parametrize(
    ("expected", "actual", "result"),
    [
        ({"idTag": "card-1"}, {"idTag": "CARD-1"}, True),
        (
            {"idTokenInfo": {"groupIdToken": {"idToken": "g"}}},
            {"idTokenInfo": {"groupIdToken": {"idToken": "G"}}},
            True,
        ),
        ({"id_tag": "card-1"}, {"id_tag": "Card-1"}, True),
        ({"parent_id_token": {"$any_of": ["x", "fleet"]}}, {"parent_id_token": "FLEET"}, True),
        ({"idTag": {"$matches": "card-.*"}}, {"idTag": "CARD-1"}, True),
        ({"idTag": {"$contains": "ard"}}, {"idTag": "CARD-1"}, True),
        ({"idTag": {"$not": "card-1"}}, {"idTag": "CARD-1"}, False),
        ({"idTag": "card-1"}, {"idTag": "card-2"}, False),
        ({"vendorId": "a"}, {"vendorId": "A"}, False),
    ],
)
def test_id_tokens(expected: Any, actual: Any, result: bool) -> None:
    """Only fields that are named as id tokens compare without letter case, inside matchers too."""
    assert matches(expected, actual) is result


@pytest.mark.parametrize(
    ("matcher", "actual", "result"),
    [
        ({"$any_of": ["a", "b"]}, "b", True),
        ({"$any_of": ["a", "b"]}, "c", False),
        ({"$any_of": ["a", {"$absent": True}]}, MISSING, True),
        ({"$any_of": ["a"]}, MISSING, False),
        ({"$matches": "CP-.*"}, "CP-1", True),
        ({"$matches": "CP"}, "CP-1", False),
        ({"$matches": "1"}, 1, False),
        ({"$matches": "("}, "(", False),
        ({"$gte": 10}, 10, True),
        ({"$gte": 10}, 9.9, False),
        ({"$gte": 10}, "11", False),
        ({"$gte": 0}, True, False),
        ({"$gte": 0}, MISSING, False),
        ({"$gte": "2024-01-01T10:00:00Z"}, "2024-01-01T12:00:00+01:00", True),
        ({"$gte": "2024-01-01T10:00:00Z"}, 5, False),
        ({"$lte": 10}, 10.0, True),
        ({"$lte": 10}, 11, False),
        ({"$between": [1, 3]}, 1, True),
        ({"$between": [1, 3]}, 3, True),
        ({"$between": [1, 3]}, 3.1, False),
        ({"$between": [1, 3]}, 0, False),
        ({"$gte": 1, "$lte": 3}, 2, True),
        ({"$gte": 1, "$lte": 3}, 4, False),
        ({"$absent": True}, MISSING, True),
        ({"$absent": True}, None, False),
        ({"$present": True}, None, True),
        ({"$present": True}, MISSING, False),
        ({"$not": "a"}, "b", True),
        ({"$not": "a"}, "a", False),
        ({"$not": "a"}, MISSING, False),
        ({"$not": {"$absent": True}}, MISSING, False),
        ({"$not": {"$present": True}}, MISSING, True),
        ({"$not": {"$any_of": ["a", "b"]}}, "c", True),
        ({"$not": {"$not": "a"}}, "a", True),
        ({"$contains": [{"key": "A"}]}, [{"key": "B"}, {"key": "A", "value": "1"}], True),
        ({"$contains": [{"key": "A"}, {"key": "B"}]}, [{"key": "B"}, {"key": "A"}], True),
        ({"$contains": [{"key": "C"}]}, [{"key": "A"}], False),
        ({"$contains": {"key": "A"}}, [{"key": "A"}], True),
        ({"$contains": [{"$gte": 3}]}, [1, 2, 3], True),
        ({"$contains": "bc"}, "abcd", True),
        ({"$contains": ["ab", "cd"]}, "abcd", True),
        ({"$contains": "x"}, "abcd", False),
        ({"$contains": 1}, "1", False),
        ({"$contains": "x"}, 5, False),
        ({"$contains": []}, [], True),
    ],
)
def test_matchers(matcher: Any, actual: Any, result: bool) -> None:
    """Each matcher stands in for a value; several in one mapping must all hold."""
    assert matches(matcher, actual) is result


def test_differences_say_where_and_why() -> None:
    """Each difference has its path, both values and a reason."""
    found = compare(
        {"a": [{"b": 1}, {"b": 2}], "c": {"$gte": 5}, "d": "x"},
        {"a": [{"b": 1}, {"b": 3}, {}], "c": 4},
        "payload",
    )
    assert [(one.path, one.expected, one.actual, one.reason) for one in found] == [
        ("payload.a[1].b", 2, 3, "differs"),
        ("payload.a[2]", MISSING, {}, "is one too many"),
        ("payload.c", {"$gte": 5}, 4, "is too small"),
        ("payload.d", "x", MISSING, "is not there"),
    ]
    assert found[3].to_json() == {"path": "payload.d", "expected": "x", "reason": "is not there"}


@given(JSON)
def test_everything_matches_itself(value: Any) -> None:
    """A value without matchers is what itself asks for."""
    assert compare(value, value) == []


@given(JSON, JSON)
def test_not_is_the_opposite(expected: Any, actual: Any) -> None:
    """For a value that is there, $not matches exactly when its argument does not."""
    assert matches({"$not": expected}, actual) is not matches(expected, actual)


@given(st.dictionaries(st.text("abc", max_size=2), JSON, max_size=4), st.text("xyz", min_size=1, max_size=2), JSON)
def test_more_fields_do_no_harm(wanted: dict[str, Any], key: str, value: Any) -> None:
    """A field that the scenario does not name is not looked at."""
    assert matches(wanted, {**wanted, key: value})


@given(st.lists(JSON, max_size=4), JSON)
def test_lists_are_whole(items: list[Any], extra: Any) -> None:
    """A list with one item more is another list, though it still contains the items."""
    assert not matches(items, [*items, extra])
    assert matches({"$contains": items}, [extra, *reversed(items)])


UNSURE = [
    ({"$matches": "1.*"}, 1, {"$matches": "1"}, "1"),
    ({"$gte": 1}, "2", {"$gte": 1}, 2),
    ({"$gte": "2030-01-01T00:00:00Z"}, 2, {"$gte": 1}, 2),
    ({"$between": [1, 3]}, [2], {"$between": [1, 3]}, 2),
    ({"$contains": "a"}, 5, {"$contains": "a"}, "abc"),
    ({"$contains": [5]}, "5", {"$contains": ["5"]}, "5"),
    ({"$any_of": [{"$matches": "1"}, "x"]}, 1, {"$any_of": [{"$matches": "1"}, 1]}, 1),
    ({"a": {"$gte": 1}}, {"a": "2"}, {"a": {"$gte": 1}}, {"a": 2}),
    ({"$contains": [{"a": {"$gte": 1}}]}, [{"a": "2"}], {"$contains": [{"a": {"$gte": 1}}]}, [{"a": 2}]),
]


@pytest.mark.parametrize(("wanted", "came", "other", "fitting"), UNSURE, ids=str)
def test_what_cannot_be_compared_is_neither(wanted: Any, came: Any, other: Any, fitting: Any) -> None:
    """Nor is its opposite; what can be compared is sure."""
    assert is_unsure(compare(wanted, came))
    assert is_unsure(compare({"$not": wanted}, came))
    assert compare(other, fitting) == []
    assert not is_unsure(compare({"$not": other}, fitting))


def test_what_surely_differs_decides() -> None:
    """Another field that is different makes the pattern on a number a matter of no interest."""
    wanted = {"id": {"$matches": "1"}, "kind": "a"}
    assert is_unsure(compare(wanted, {"id": 1, "kind": "a"}))
    assert not is_unsure(compare(wanted, {"id": 1, "kind": "b"}))
    assert not is_unsure(compare({"$contains": [wanted]}, [{"id": 1, "kind": "b"}]))
    assert compare({"$not": wanted}, {"id": 1, "kind": "b"}) == []
    assert compare({"$any_of": [{"$matches": "1"}, 1]}, 1) == []
