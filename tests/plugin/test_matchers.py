"""Matchers that plugins bring: wherever a built-in one may stand, and never a verdict on what they cannot compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner.api import InvalidScenario, MatcherSpec, hookimpl, run_scenario
from ocpplab_runner.plugin.manager import PluginError, Plugins
from ocpplab_runner.scenario.values import MISSING, bind, compare, is_unsure, matches
from ocpplab_runner.steps import builtin as steps

Function = Callable[[Any, Any], Any]


def near(wanted: Any, came: Any) -> bool | None:
    """Within a tenth."""
    return None if isinstance(came, str) else abs(came - wanted) <= abs(wanted) / 10


def plugin(holds: Function | None = near, name: str = "$acme.near") -> Any:
    """A plugin with one matcher of numbers."""

    @hookimpl
    def ocpplab_matchers() -> Iterable[MatcherSpec]:
        return [MatcherSpec(name, "A number like this.", {"type": "number"}, holds=holds)]

    return SimpleNamespace(ocpplab_matchers=ocpplab_matchers)


SESSION = """
name: x
ocpp: ["1.6"]
vars: {{ one: 1 }}
given:
  charger: {{ evses: 2 }}
  csms: {{ id_tokens: {{ A: Accepted }} }}
steps:
  - log: "${{{{ one }}}}"
  - start_session: {{ id_tag: A, evse_id: 1 }}
    expect:
      transaction: {{ is: started, evse_id: {wanted} }}
  - csms_call: {{ action: GetConfiguration, payload: {{ key: [HeartbeatInterval] }} }}
    still:
      transaction: {{ is: running, evse_id: {wanted} }}
    expect:
      response: {{ configurationKey: [{{ readonly: {{ $acme.near: 0 }} }}] }}
"""


def judged(wanted: str, holds: Function = near) -> tuple[str, str]:
    """The verdict on EVSE 1 (and on false, which is near 0), and why."""
    run = run_scenario(SESSION.format(wanted=wanted), plugins=[plugin(holds)])
    (end,) = [one for one in run.records if one["type"] == "case" and one["phase"] == "end"]
    return str(end["verdict"]), str(end.get("failure", {}).get("message", ""))


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        ("{ $acme.near: 1 }", "passed"),
        ("{ $acme.near: '${{ one }}' }", "passed"),
        ("{ $any_of: [7, { $acme.near: 1 }] }", "passed"),
        ("{ $not: { $acme.near: 2 } }", "passed"),
        ("{ $acme.near: 1, $gte: 1 }", "passed"),
        ("{ $acme.near: 2 }", "failed"),
        ("{ $acme.near: '${{ one + 1 }}' }", "failed"),
        ("{ $any_of: [7, { $acme.near: 2 }] }", "failed"),
        ("{ $not: { $acme.near: 1 } }", "failed"),
        ("{ $acme.near: 1, $gte: 2 }", "failed"),
    ],
)
def test_it_stands_wherever_a_matcher_may(wanted: str, verdict: str) -> None:
    """In facts, present states and payloads, alone, beside and inside others, computed or not."""
    assert judged(wanted)[0] == verdict


def _raises(wanted: Any, came: Any) -> bool:
    raise KeyError("no table")


@pytest.mark.parametrize("wanted", ["{ $acme.near: 1 }", "{ $not: { $acme.near: 1 } }"])
@pytest.mark.parametrize(
    ("holds", "told"),
    [
        (lambda wanted, came: None, "cannot be compared by $acme.near"),
        (_raises, "$acme.near raised KeyError: 'no table'"),
        (lambda wanted, came: "yes", "$acme.near gave a str, not a truth"),
    ],
)
def test_what_cannot_be_compared_is_an_error(wanted: str, holds: Function, told: str) -> None:
    """Neither passed nor failed, and its `$not` no more; who wrote the matcher is told."""
    verdict, message = judged(wanted, holds)
    assert verdict == "error"
    assert told in message


def test_a_failure_shows_the_matcher_as_written() -> None:
    """With what came."""
    run = run_scenario(SESSION.format(wanted="{ $acme.near: 2 }"), plugins=[plugin()])
    (end,) = [one for one in run.records if one["type"] == "case" and one["phase"] == "end"]
    shown = {"path": "evse_id", "expected": {"$acme.near": 2}, "actual": 1, "reason": "does not match"}
    assert shown in end["failure"]["diff"]


def test_check_knows_its_argument_and_nothing_of_when_it_holds() -> None:
    """A wrong argument is refused; that two of them could never hold together nobody here can say."""
    with pytest.raises(InvalidScenario, match=r"12:58: this is text, not a number"):
        judged("{ $acme.near: much }")
    with pytest.raises(InvalidScenario, match=r"there is no matcher '\$acme\.neat'"):
        judged("{ $acme.neat: 1 }")
    assert judged("{ $acme.near: 5, $not: { $acme.near: 5 } }")[0] == "failed"


@pytest.mark.parametrize(
    ("matcher", "told"),
    [
        (plugin(None), "the matcher '$acme.near' brings no function: give it `holds`"),
        (plugin(name="$near"), "the matcher '$near' needs a prefix of its own, such as '$acme.near'"),
        (plugin(name="acme.near"), "the matcher 'acme.near' needs a prefix of its own, such as '$acme.near'"),
    ],
)
def test_one_that_could_never_hold_is_refused(matcher: Any, told: str) -> None:
    """When the plugin is loaded."""
    with pytest.raises(PluginError) as refused:
        Plugins([steps], {"x": matcher})
    assert told in str(refused.value)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=6,
)


@given(_VALUES, _VALUES)
def test_binding_leaves_what_holds_no_matcher(wanted: Any, came: Any) -> None:
    """The same value, and the same differences."""
    bound = bind(wanted, {"$acme.near": near})
    assert bound == wanted
    assert compare(bound, came) == compare(wanted, came)


@given(_VALUES, st.booleans() | st.none())
def test_it_is_asked_as_the_function_says(came: Any, said: bool | None) -> None:
    """Of any value, at any depth; never of what is not there."""
    bound = bind({"a": [{"$acme.near": 1}]}, {"$acme.near": lambda wanted, came: said})
    assert matches(bound, {"a": [came]}) is (said is True)
    assert is_unsure(compare(bound, {"a": [came]})) is (said is None)
    assert not matches(bound["a"][0], MISSING)
    assert not is_unsure(compare(bound["a"][0], MISSING))
