"""Slips that `check` finds where they are written: a question or a name that nothing answers to."""

from __future__ import annotations

import pytest

from tests.scenario.kit import load

_HEAD = "name: x\nocpp: ['1.6']\nsmoke: true\n"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("vars: {pin: '12345'}\nsecrets: [pni]\nsteps: [{log: '${{ pin }}'}]", "undefined-variable", "'pin'"),
        (
            "steps: [{wait: 1s, expect: {meter: {}}, save: {x: meter.timestmp}}, {log: '${{ x }}'}]",
            "bad-save-path",
            "timestamp",
        ),
        (
            "steps: [{clear_cache: {}, expect: {response: none, call_error: NotSupported}}]",
            "conflicting-keys",
            "response",
        ),
        (
            "steps: [{clear_cache: {}, expect: {response: none}, save: {x: response.status}}, {log: '${{ x }}'}]",
            "expectation-without-call",
            "response: none",
        ),
        ("steps: [{log: '${{ env }}'}]", "expression-error", "env.NAME"),
        ("steps: [{log: '${{ len(str(env)) }}'}]", "expression-error", "env.NAME"),
    ],
)
def test_a_slip_is_found(text: str, code: str, words: str) -> None:
    """With what was probably meant."""
    found = load(_HEAD + text).diagnostics
    assert [one.code for one in found if one.severity == "error"] == [code]
    assert words in found[0].message + found[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "vars: {pin: '12345'}\nsecrets: [pin]\nsteps: [{log: '${{ pin }}'}]",
        "steps: [{wait: 1s, expect: {meter: {}}, save: {x: meter.timestamp}}, {log: '${{ x }}'}]",
        "steps: [{clear_cache: {}, expect: {response: none}}]",
        "steps: [{log: '${{ env.HOME }}'}]",
    ],
)
def test_its_twin_is_fine(text: str) -> None:
    """Nothing is said of it."""
    assert [one for one in load(_HEAD + text).diagnostics if one.severity == "error"] == []
