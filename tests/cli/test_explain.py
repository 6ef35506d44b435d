"""``ocpplab-runner explain``: what a code means, in the terminal."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from ocpplab_runner.cli.explain import command
from ocpplab_runner.tools.explaining import explanations


def explain(*codes: str) -> Result:
    """Run it."""
    return CliRunner().invoke(command, codes)


@pytest.mark.parametrize("code", ["unknown-key", "UNKNOWN-KEY", "[unknown-key]", "`unknown-key`"])
def test_a_code_is_found_as_it_is_pasted(code: str) -> None:
    """With the brackets of check, and in any letter case."""
    done = explain(code)
    assert done.exit_code == 0
    assert done.output.startswith("unknown-key (diagnostic of check)\n\nThe key does not exist here.")


def test_examples_are_indented_and_links_are_plain() -> None:
    """A terminal has neither fences nor links."""
    codes = [one.code for one in explanations()]
    said = explain(*codes).output
    assert said.count("\n\n") > len(codes)
    assert [line for line in said.splitlines() if "```" in line or "](" in line] == []
    assert "    steps:\n      - plug_connector: {evse_id: 1}\n" in explain("unknown-key").output


def test_a_file_beside_the_example_has_its_name() -> None:
    """Else nobody knows where it goes."""
    assert "    # _shared.yaml\n    within: 5s" in explain("file-not-found").output


def test_several_at_once() -> None:
    """In the order in which they were asked for."""
    said = explain("5", "failed", "late-answer").output
    assert [line for line in said.splitlines() if line.endswith(")") and not line.startswith(" ")] == [
        "5 (exit code)",
        "failed (verdict)",
        "late-answer (violation of the protocol)",
    ]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("late-anser", "did you mean 'late-answer'?"),
        ("auth-8z", "did you mean 'AUTH-8"),
        ("zzzzzzzz", "`ocpplab-runner explain` lists all there are"),
    ],
)
def test_an_unknown_code_is_wrong_usage(code: str, hint: str) -> None:
    """With what may have been meant."""
    done = explain(code)
    assert done.exit_code == 2
    assert hint in done.output


def test_without_a_code_all_are_listed() -> None:
    """Unbroken, so that they can be searched for and copied."""
    said = explain().output
    words = set(said.replace(",", " ").split())
    assert {one.code for one in explanations()} <= words
    assert max(len(line) for line in said.splitlines()) <= 100
