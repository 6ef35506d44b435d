"""The scenario that `new` writes."""

from __future__ import annotations

import pytest

from ocpplab_runner.scenario.template import example, preamble

from .kit import scenario


def test_it_is_sound() -> None:
    """It has no diagnostic, both modelines, and runs on both versions."""
    text = preamble("scenario.yaml", "scenario.schema.json") + example("My first scenario")
    made = scenario(text)
    assert made.name == "My first scenario"
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n# $schema: scenario.schema.json\n")
    assert len(made.ocpp) == 2


@pytest.mark.parametrize(
    "name", ["Two: words", "1.6", "yes # no", "true", "- x", "'quoted'", "${{ x }}", "  two\nlines ", "ü"]
)
def test_any_name_is_kept(name: str) -> None:
    """A name that YAML would read otherwise is quoted."""
    assert scenario(example(name)).name == " ".join(name.split())
