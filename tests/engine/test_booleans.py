"""The expressions of -k and --tag."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner.engine.planning import booleans


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("auth", {"auth"}, True),
        ("auth", set(), False),
        ("not auth", set(), True),
        ("auth and slow", {"auth"}, False),
        ("auth or slow", {"slow"}, True),
        ("auth and not slow", {"auth"}, True),
        ("not auth or slow", {"auth"}, False),
        ("a or b and c", {"a"}, True),
        ("(a or b) and c", {"a"}, False),
        ("not (a or b)", set(), True),
        ('"two words"', {"two words"}, True),
        ("'and'", {"and"}, True),
        ("ocpp2.0.1", {"ocpp2.0.1"}, True),
    ],
)
def test_expression_holds(text: str, words: set[str], expected: bool) -> None:
    """Operators bind as in Python, and a quoted word is never an operator."""
    assert booleans.parse(text)(words.__contains__) is expected


@pytest.mark.parametrize("text", ["", "and", "a and", "a b", "(a", "a)", "not", '"a', "a or or b"])
def test_ill_formed_expression_is_refused(text: str) -> None:
    """What is no expression is a ValueError that quotes the text."""
    with pytest.raises(ValueError, match=r"is not expected here|missing|not closed"):
        booleans.parse(text)


def test_a_phrase_without_quotes_is_answered_with_them() -> None:
    """The shell has taken the outer ones."""
    with pytest.raises(ValueError, match=r"""; a phrase has quotes inside the shell's: '"A blocked card"'$"""):
        booleans.parse("A blocked card")
    with pytest.raises(ValueError, match=r"; join words by `and` or `or`, or put a phrase into quotes of its own$"):
        booleans.parse("not a blocked card")
    with pytest.raises(ValueError, match=r"'b' is not expected here$"):
        booleans.parse("(a) b")


@settings(deadline=None)
@given(st.text(alphabet="ab ()'\"notandor", max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    """No text makes the parser raise anything but ValueError."""
    try:
        expression = booleans.parse(text)
    except ValueError:
        return
    assert expression(lambda word: True) in (True, False)
