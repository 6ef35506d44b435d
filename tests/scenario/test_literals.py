"""Text that looks computed and is not, keys that cannot be, and defaults that are joined."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.scenario.loader import load_files

from .kit import language, load, steps

KEYS = [
    ("", "- update_id_tokens: {'${{ case_name }}': Blocked}", (4, 24)),
    ("given: {csms: {id_tokens: {'${{ case_name }}': Blocked}}}\n", "- wait: 1s", (2, 28)),
    ("", "- csms_call: {action: Reset, payload: {'a ${{ x }}': 1}}\n  raw: true", (4, 42)),
    ("", "- clear_cache:\n  save: {'${{ x }}': response.status}", (5, 12)),
    ("fragments: {f: [{update_id_tokens: {'${{ x }}': Blocked}}]}\n", "- wait: 1s", (2, 37)),
]


@pytest.mark.parametrize(("head", "body", "place"), KEYS)
def test_a_key_is_not_computed(head: str, body: str, place: tuple[int, int]) -> None:
    """An expression in a key is an error, wherever it stands, because it would be taken as it is written."""
    (found,) = load(steps(body, head or "description: x\n")).diagnostics
    assert (found.code, found.severity) == ("expression-in-key", "error")
    assert (found.span.line, found.span.column) == place


LOOKING_COMPUTED = [
    "{{ card }}",
    "{{card}}",
    "$ {{ card }}",
    "pre {{ card.name }} post",
    "{{ case_name }}",
    "${ card }",
]


@pytest.mark.parametrize("text", LOOKING_COMPUTED)
def test_text_that_looks_computed_is_a_warning(text: str) -> None:
    """The scenario still runs: it may be meant."""
    result = load(steps(f"- log: '{text}'\n- log: ${{{{ card }}}}", "vars: {card: A}\n"))
    (found,) = result.diagnostics
    assert (found.code, found.severity) == ("not-computed", "warning")
    assert "${{ ca" in found.hint
    assert result.ok


NOT_LOOKING_COMPUTED = [
    "${{ card }}",
    "{ card }",
    "{a: {b: 1}}",
    "{{}}",
    "{{1}}",
    "a }} b {{ c",
    '{"a": {"b": 1}}',
    "${HOME}",
]


@pytest.mark.parametrize("text", NOT_LOOKING_COMPUTED)
def test_other_braces_are_no_warning(text: str) -> None:
    """Real expressions, JSON and the shell's own words."""
    assert load(steps(f"- log: '{text}'\n- log: ${{{{ card }}}}", "vars: {card: A}\n")).diagnostics == []


def test_braces_without_quotes_get_the_hint_too() -> None:
    """YAML reads them as a mapping in the place of a key."""
    (found,) = [found for found in load(steps("- log: {{ card }}")).diagnostics if found.code == "bad-key"]
    assert found.hint == "a computed value is written ${{ … }}"


@pytest.mark.parametrize("path", ["response.x", "outcome.detail.x"])
def test_what_a_step_cannot_have_is_not_saved(path: str) -> None:
    """A save of an answer needs a call, one of an outcome a command."""
    verb = "plug_connector: 1" if path.startswith("response") else "wait: 1s"
    (found,) = load(steps(f"- {verb}\n  save: {{b: {path}}}")).diagnostics
    assert found.code == "expectation-without-call"
    assert found.span.line == 4


def test_tags_and_secrets_of_defaults_are_joined(tmp_path: Path) -> None:
    """Those of the defaults first, each once; other lists are replaced."""
    (tmp_path / "_defaults.yaml").write_text(
        "tags: [nightly, auth]\nsecrets: [pin]\nvars: {pin: '1'}\ngiven: {charger: {features: [Core]}}\n"
    )
    (tmp_path / "a.yaml").write_text(
        "name: x\ndefaults: _defaults.yaml\ntags: [auth, smoke]\nsecrets: [code]\nvars: {code: '2'}\n"
        "given: {charger: {features: [Reservation]}}\nsmoke: true\nsteps:\n  - wait: 1s\n"
    )
    result = load_files([tmp_path / "a.yaml"], language())
    assert result.diagnostics == []
    (scenario,) = result.scenarios
    assert scenario.tags == ("nightly", "auth", "smoke")
    assert scenario.secrets == ("pin", "code")
    assert scenario.chargers["charger"]["features"] == ["Reservation"]
