"""The expression language: what it computes, what it refuses, and how it says so."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.scenario.expressions import (
    ExpressionError,
    condition,
    evaluate,
    find,
    parse,
    render,
    whole_expression,
)

NAMES = {
    "n": 3,
    "text": "CARD-1",
    "list": [1, 2, 3],
    "map": {"key": {"inner": 5}, "1": "one", "_hidden": 1},
    "env": {"HOME": "/root"},
    "nothing": None,
    "wide": "a" * 60_000,
    "many": [1] * 60_000,
    "vast": 1 << 5000,
    "deep": functools.reduce(lambda inner, _: [inner], range(70), []),
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("n + 1", 4),
        (" n*2 ", 6),
        ("7 / 2", 3.5),
        ("7 % 4", 3),
        ("-n", -3),
        ("n == 3 and not (n > 3)", True),
        ("1 < n <= 3", True),
        ("n if false else 'no'", "no"),
        ("true", True),
        ("null", None),
        ("True", True),
        ("text + '!'", "CARD-1!"),
        ("'A' in text", True),
        ("n in [1, 2]", False),
        ("list[0]", 1),
        ("list[-1]", 3),
        ("map.key.inner", 5),
        ("map['key']['inner']", 5),
        ("env.HOME", "/root"),
        ("int('12') + 1", 13),
        ("float('1.5')", 1.5),
        ("str(true)", "true"),
        ("str(1.0)", "1.0"),
        ("len(list)", 3),
        ("min(2, 1) + max(list)", 4),
        ("abs(-2)", 2),
        ("round(2.567, 1)", 2.6),
        ("round(2.5)", 2),
        ("upper('a') + lower('B')", "Ab"),
        ("seconds('1m30s')", 90.0),
        ("time_after('2030-01-31T23:59:30Z', '1m')", "2030-02-01T00:00:30.000Z"),
        ("time_after('2030-01-31T12:00:00+02:00', 0.25)", "2030-01-31T10:00:00.250Z"),
        ("time_before('2030-01-31T12:00:00.000001Z', '2h')", "2030-01-31T10:00:00.000001Z"),
        ("seconds_between('2030-01-31T12:00:00+01:00', '2030-01-31T12:00:00Z')", 3600),
        ("seconds_between('2030-01-31T12:00:01Z', '2030-01-31T12:00:00.5Z')", -0.5),
        ("(1, 2)", [1, 2]),
        ("n ==\n 3", True),
    ],
)
def test_computes(expression: str, value: Any) -> None:
    """Operators, names, indexing and functions as the language page lists them."""
    assert evaluate(expression, NAMES) == value


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "empty"),
        ("n +", "not an expression"),
        ("n = 3", "compare with '=='"),
        ("n && text", "'and'"),
        ("missing", "no variable 'missing'"),
        ("env.NOPE", "NOPE is not set"),
        ("map.nope", "no 'nope'"),
        ("text.upper()", "functions of the language"),
        ("text.__class__", "underscore"),
        ("map._hidden", "underscore"),
        ("_n", "underscore"),
        ("text.key", "from a mapping"),
        ("().__class__.__bases__[0].__subclasses__()", "functions of the language"),
        ("open('/etc/passwd')", "no function 'open'"),
        ("__import__('os')", "no function"),
        ("int(x='1')", "named arguments"),
        ("lambda: 1", "lambda"),
        ("[x for x in list]", "comprehension"),
        ("{'a': 1}", "mapping"),
        ("f'{n}'", "f-string"),
        ("list[0:1]", "slice"),
        ("n ** 9", "'**'"),
        ("n // 2", "'//'"),
        ("1 << 9", "'<<'"),
        ("~n", "'~'"),
        ("1j", "not a value"),
        ("b'x'", "not a value"),
        ("1 / 0", "division by zero"),
        ("'%999999999d' % 1", "takes numbers"),
        ("'x' * 1000000", "100,000 characters"),
        ("list * 1000000", "100,000 characters"),
        ("int('9' * 400) * int('9' * 4000)", "too large"),
        ("round(12345, -999999999)", "308 places"),
        ("round(1.5, 999999999)", "308 places"),
        ("len(str([['a' * 100000] * 1000] * 1000))", "len(str([['a' * 100000] * 1000] * 1000)): a value has more than"),
        ("[[1] * 1000] * 1000", "100,000 characters and items"),
        ("wide + wide", "100,000 characters and items"),
        ("[wide, wide]", "100,000 characters and items"),
        (" or ".join(["many == wide"] * 20), "1,000,000 characters and items are handled"),
        ("len(" * 30 + "many" + ")" * 30, "has no len()"),
        ("deep == 1", "nested more than 64 deep"),
        ("1 < vast", "too large"),
        ("time_after('2030-01-31T12:00:00Z', 1e300)", "too long a duration"),
        ("int('z')", "invalid literal"),
        ("seconds('30')", "not a duration"),
        ("time_after('yesterday', '5m')", "'yesterday' is no time"),
        ("time_after(text, '5m')", "'CARD-1' is no time"),
        ("time_after(n, '5m')", "'3' is no time"),
        ("time_after('2030-01-31T12:00:00', '5m')", "is no time"),
        ("time_after('2030-01-31T12:00:00Z', '5')", "not a duration"),
        ("time_after('2030-01-31T12:00:00Z', -1)", "not negative"),
        ("time_after('2030-01-31T12:00:00Z', true)", "duration"),
        ("time_after('9999-12-31T23:59:59Z', '24h')", "out of range"),
        ("'2030-01-31T12:00:00Z' + 5", "time_after"),
        ("'2030-01-31T12:00:00Z' + '1m'", "time_after(time, '1m')"),
        ("'2030-01-31T12:00:00Z' - '1h30m'", "time_before(time, '1h30m')"),
        ("'2030-01-31T12:00:00Z' - 5", "time_before(time, '5m')"),
        ("'2030-01-31T12:00:00Z' - '2030-01-31T12:00:00Z'", "seconds_between"),
        ("list[9]", "out of range"),
        ("map['x']", "there is no 'x'"),
        ("n" + " + n" * 1000, "longer than 1000"),
        ("(" * 300 + ")" * 300, "not an expression"),
        ("len(n)", "len"),
        ("n\x00", "not an expression"),
    ],
)
def test_refuses(expression: str, message: str) -> None:
    """What is unsafe, unknown or impossible is an ExpressionError with a reason."""
    with pytest.raises(ExpressionError) as caught:
        evaluate(expression, NAMES)
    assert message in caught.value.message


def test_engine_functions_are_passed_in() -> None:
    """A function that needs a clock is known to the language and given by the caller."""
    assert parse("now()").names == ()
    assert evaluate("now()", {}, {"now": lambda: "2024-01-01T00:00:00Z"}) == "2024-01-01T00:00:00Z"
    with pytest.raises(ExpressionError):
        evaluate("now()", {})


def test_names_are_found_with_their_place() -> None:
    """The analysis names each variable it reads and where, and no function or constant."""
    names = dict(parse(" len(a) + b.c if true else ü").names)
    assert names == {"a": 5, "b": 10, "ü": 27}


@pytest.mark.parametrize(
    ("text", "whole"),
    [("${{ a }}", " a "), ("  ${{a}}\n", "a"), ("x ${{ a }}", None), ("${{ a }}${{ b }}", None), ("${{ a", None)],
)
def test_a_whole_scalar_expression_is_recognised(text: str, whole: str | None) -> None:
    """Blanks around it do not matter; any other text does."""
    assert whole_expression(text) == whole


def test_every_expression_of_a_text_is_found() -> None:
    """With the offset of each in the text; one that is not closed is an error."""
    assert [(found.expression, found.offset) for found in find("a ${{ b }} c ${{d}}")] == [(" b ", 5), ("d", 16)]
    with pytest.raises(ExpressionError, match="not closed"):
        list(find("a ${{ b }"))


def test_render_keeps_types_and_inserts_text() -> None:
    """A whole-scalar expression keeps its type; inside text the value is inserted; keys stay."""
    data = {"${{ n }}": "${{ n }}", "b": ["x${{ n }}y${{ nothing }}", {"c": "${{ list }}"}], "d": 1, "e": "${{ map }} "}
    assert render(data, NAMES) == {
        "${{ n }}": 3,
        "b": ["x3y", {"c": [1, 2, 3]}],
        "d": 1,
        "e": NAMES["map"],
    }
    assert render("is ${{ n == 3 }}: ${{ list }}", NAMES) == "is true: [1, 2, 3]"


def test_what_a_step_computes_is_bounded_as_a_whole() -> None:
    """A hundred small expressions that give large values are no way around the bound."""
    with pytest.raises(ExpressionError, match="computed values have more than 1,000,000"):
        render({"rows": ["${{ wide }}"] * 100}, NAMES)
    with pytest.raises(ExpressionError, match="the text has more than 100,000"):
        render("${{ wide }} and ${{ wide }}", NAMES)


def test_render_does_not_change_its_input() -> None:
    """Rendering again gives the same."""
    data = {"a": ["${{ n }}"]}
    render(data, NAMES)
    assert data == {"a": ["${{ n }}"]}


@pytest.mark.parametrize(
    ("written", "value"), [("n == 3", True), ("${{ n == 4 }}", False), (True, True), ("true", True)]
)
def test_conditions(written: Any, value: bool) -> None:
    """Bare, in braces, or a YAML boolean."""
    assert condition(written, NAMES) is value


@pytest.mark.parametrize("written", ["n", "''", "nothing", "${{ text }}", 1])
def test_a_condition_is_true_or_false(written: Any) -> None:
    """Nothing is truthy."""
    with pytest.raises(ExpressionError, match="not true or false"):
        condition(written, NAMES)


@given(st.text(alphabet="abn()[]{}.,+-*/%<>=! '\"01_\n\\ü", max_size=40))
def test_any_text_gives_a_value_or_an_expression_error(text: str) -> None:
    """Nothing else is ever raised, whatever the text."""
    try:
        evaluate(text, {"a": 1, "b": "x", "n": [1]})
    except ExpressionError as error:
        assert error.message
        assert 0 <= error.offset <= max(len(text), 1)


@given(st.integers(-1000, 1000), st.integers(1, 1000))
def test_arithmetic_is_pythons(a: int, b: int) -> None:
    """Numbers come out as Python computes them."""
    names = {"a": a, "b": b}
    assert evaluate("a + b * 2 - a % b", names) == a + b * 2 - a % b
    assert evaluate("a / b <= b", names) == (a / b <= b)
