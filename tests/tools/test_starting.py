"""Everything that ``new`` can write is sound, passes, and says something."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocpplab_runner.api import InvalidScenario, run_scenario
from ocpplab_runner.tools.starting.happenings import Follow, Happening, happenings
from ocpplab_runner.tools.starting.plugin import plugin_files
from ocpplab_runner.tools.starting.scenario import scenario_about
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.acceptance.suites import run_suite

HAPPENINGS = list(happenings().values())
VERSIONS = tuple(OcppVersion)


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda one: one.name)
def test_each_choice_passes_in_every_version(happening: Happening) -> None:
    """All that may follow together, and each by itself."""
    choices = [happening.follows, *([one] for one in happening.follows if len(happening.follows) > 1)]
    for follows in choices:
        run = run_scenario(scenario_about(happening, follows, VERSIONS))
        assert run.verdicts == ["passed"] * 3, run.report


@pytest.mark.parametrize(
    ("happening", "follow"),
    [(one, follow) for one in HAPPENINGS for follow in one.follows if follow.expect],
    ids=lambda one: one.name,
)
def test_what_must_follow_does_not_come_by_itself(happening: Happening, follow: Follow) -> None:
    """Without what happens the expectation fails, or cannot even be asked."""
    text = scenario_about(happening, [follow], VERSIONS[:1])
    assert happening.step in text
    try:
        run = run_scenario(text.replace(happening.step, 'log: "nothing happens"'))
    except InvalidScenario:
        return
    assert run.verdicts != ["passed"]


def test_a_title_and_versions_are_taken() -> None:
    """On one line, quoted where YAML wants it."""
    happening = happenings()["restart"]
    text = scenario_about(happening, happening.follows, VERSIONS[:1], "Reset: it\ncomes back")
    assert 'name: "Reset: it comes back"\n' in text
    assert 'ocpp: ["1.6"]\n' in text


def test_a_new_plugin_passes_its_own_tests(tmp_path: Path) -> None:
    """At once, not installed, as its author would call them."""
    for name, text in plugin_files("acme-light").items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    done = run_suite(tmp_path, "-q")
    assert done.ret == 0, "\n".join(done.outlines + done.errlines)
    done.assert_outcomes(passed=3)


@pytest.mark.parametrize("name", ["Acme", "2nd", "acme light", "json", "class", "ocpplab-runner", "../x", ""])
def test_a_plugin_has_a_name_that_python_can_import(name: str) -> None:
    """And none that would hide a module of somebody else's."""
    with pytest.raises(ValueError, match="no plugin can be called"):
        plugin_files(name)
