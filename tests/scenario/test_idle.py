"""Check warns of a scenario that does or judges nothing in some version, and of an xfail that names no step."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.scenario.loader import load_text
from ocpplab_runner.scenario.model import Xfail

from .kit import language, scenario, steps

_BOTH = 'ocpp: ["1.6", "2.0.1"]\n'


def warnings(text: str) -> list[tuple[str, str]]:
    """Code and version of every finding."""
    found = load_text(text, language()).diagnostics
    assert all(one.severity == "warning" and one.span.line > 1 for one in found), found
    return [(one.code, one.message.partition(":")[0] if "OCPP" in one.message else "") for one in found]


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("", "- authorize_id_tag: CARD-1", [("nothing-judged", "")]),
        ("", "- log: hello", [("nothing-done", "")]),
        (f"{_BOTH}smoke: true\n", "- log: x\n  only: ['1.6']", [("nothing-done", "OCPP 2.0.1")]),
        (_BOTH, "- clear_cache:\n  only: ['1.6']\n  expect: {response: {}}", [("nothing-done", "OCPP 2.0.1")]),
        (
            _BOTH,
            "- plug_connector: 1\n- clear_cache:\n  only: ['1.6']\n  expect: {response: {}}",
            [("nothing-judged", "OCPP 2.0.1")],
        ),
        (_BOTH, "- group: [{wait: 1s}]\n  only: ['1.6']\n  expect: {heartbeat: {}}", [("nothing-done", "OCPP 2.0.1")]),
        ("", "- include: '#f'\nfragments: {f: [{wait: 1s}]}", [("nothing-judged", "")]),
        ("", "- wait: 1s\nfragments: {f: [{expect: Accepted}]}", [("nothing-judged", "")]),
        ("throughout: {never: {violation: {}}}\n", "- log: x", [("nothing-done", "")]),
        (_BOTH, "- skip: not yet\n  only: ['1.6']\n- log: x", [("nothing-done", "OCPP 2.0.1")]),
        ("", "- if: {condition: 'true', then: [{skip: no}]}\n- wait: 1s", [("nothing-judged", "")]),
        ("", "- until: {condition: 'true', deadline: 5s, steps: [{wait: 1s}]}", [("nothing-judged", "")]),
        ("", "- until: {condition: 1 == 1, deadline: 5s, steps: [{wait: 1s}]}", [("nothing-judged", "")]),
        (
            "",
            "- log: x\nfinally: [{unplug_connector: 1, expect: {connector_status: Available}}]",
            [("nothing-done", "")],
        ),
    ],
)
def test_idle(head: str, body: str, expected: list[tuple[str, str]]) -> None:
    """The warning stands at `steps`, once, and names the version where it is not all of them."""
    body, _, rest = body.partition("\n" if body.count("\nf") else "\0")
    assert warnings(steps(body, head) + rest) == expected


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "- authorize_id_tag: CARD-1\n  expect: Accepted"),
        ("", "- expect: {boot: Accepted}\n  since: start"),
        ("", "- still: {connector_status: Available}"),
        ("", "- never: {transaction: started}\n  for: 1s"),
        ("", "- until: {condition: now() != '', deadline: 5s, steps: [{wait: 1s}]}"),
        ("", "- wait: 1s\n- if: {condition: 'true', then: [{fail: no}]}"),
        ("", "- group: [{group: [{wait: 1s, never: {transaction: started}, for: 1s}]}]"),
        ("smoke: true\n", "- log: x"),
        ("", "- skip: not yet"),
        ("", "- fail: not yet"),
        (_BOTH, "- skip: not yet\n  only: ['1.6']\n- clear_cache:\n  only: ['2.0.1']\n  expect: {response: {}}"),
        ("throughout: {never: {violation: {}}}\n", "- wait: 1s"),
        ("", "- wait: 1s\n- repeat: {times: '${{ 1 - 1 }}', steps: [{expect: Accepted}]}"),
        # Without `ocpp` the target decides in which versions it runs.
        ("", "- clear_cache:\n  only: ['1.6']\n  expect: {response: {}}"),
    ],
)
def test_what_does_and_judges_is_no_finding(head: str, body: str) -> None:
    """Wherever it stands."""
    assert warnings(steps(body, head)) == []


def test_a_version_that_no_row_runs_in_is_no_finding() -> None:
    """Nothing is skipped there, because there is no case."""
    rows = "cases: [{name: a, only: ['1.6']}]\n"
    assert warnings(steps("- clear_cache:\n  only: ['1.6']\n  expect: {response: {}}", _BOTH + rows)) == []


def test_a_file_with_errors_has_other_worries() -> None:
    """Idleness may only follow from them."""
    found = load_text(steps("- wiat: 1s"), language()).diagnostics
    assert [one.code for one in found] == ["unknown-verb"]


_STEP = "- plug_connector: 1\n  id: plug\n  name: The cable\n  expect: {connector_status: Preparing}"


@pytest.mark.parametrize(
    ("xfail", "made"),
    [
        ("bug 7", Xfail("bug 7")),
        ("{reason: bug 7}", Xfail("bug 7")),
        ("{reason: bug 7, failure: did not come}", Xfail("bug 7", "did not come")),
        ("{reason: bug 7, failure: {step: plug}}", Xfail("bug 7", "", "plug")),
        ("{reason: bug 7, failure: {step: The cable, message: x}}", Xfail("bug 7", "x", "The cable")),
    ],
)
def test_xfail(xfail: str, made: Xfail) -> None:
    """A reason alone, or with the failure that it means."""
    assert scenario(steps(_STEP, f"xfail: {xfail}\n")).xfail == made


@pytest.mark.parametrize(
    ("xfail", "code", "hint"),
    [
        ("{failure: x}", "missing-key", ""),
        ("{reason: bug 7, failure: ' '}", "value-not-allowed", ""),
        ("{reason: bug 7, failure: {message: '  '}}", "value-not-allowed", ""),
        ("{reason: bug 7, failure: {}}", "", ""),
        ("{reason: bug 7, failure: {stp: plug}}", "unknown-key", "'step'"),
        ("{reason: bug 7, failure: {step: plugg}}", "unknown-step-id", "did you mean 'plug'?"),
        ("{reason: bug 7, failure: {step: unheard}}", "unknown-step-id", "give that step an `id`"),
    ],
)
def test_an_xfail_that_names_nothing(xfail: str, code: str, hint: str) -> None:
    """It would make every failure an unexpected one."""
    found = load_text(steps(_STEP, f"xfail: {xfail}\n"), language()).diagnostics
    assert len(found) == 1 and found[0].severity == "error"
    assert code in found[0].code and hint in found[0].hint


def test_steps_of_other_files_have_names_that_are_not_known(tmp_path: Path) -> None:
    """An include of another file brings them."""
    text = steps(f"{_STEP}\n- include: other.yaml", "xfail: {reason: r, failure: {step: theirs}}\n")
    found = load_text(text, language(), path=tmp_path / "a.yaml").diagnostics
    assert [one.code for one in found] == ["unknown-include"]
