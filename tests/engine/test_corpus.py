"""Every scenario of the corpus has the verdict that it must have, at the step that it must have it at."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ocpplab_runner.engine.running.suite import SuiteOptions, plan_suite
from ocpplab_runner.scenario.loader import load_text
from tests.engine.corpus import Entry, corpus
from tests.engine.suite_kit import language, run_plan

LANGUAGE = language()
TARGET = LANGUAGE.target("simulated", "simulated", {})


def judged(entry: Entry) -> tuple[str, str | None]:
    """Its verdict, and the first step that is not passed."""
    loaded = load_text(entry.text, LANGUAGE.registry, path=Path("it.yaml"), versions=None)
    assert loaded.ok, loaded.diagnostics
    options = SuiteOptions(jobs=0, strict=entry.strict)
    outcome = run_plan(plan_suite(loaded.scenarios, options, TARGET, LANGUAGE), options)
    not_passed = [index for index, status in outcome.steps() if status != "passed"]
    return outcome.end()["verdict"], not_passed[0] if not_passed else None


@pytest.mark.parametrize("tenth", range(10))
def test_the_corpus_is_judged_as_it_must_be(tenth: int) -> None:
    """A tenth at a time, so that what differs is listed together."""
    wrong = []
    for entry in corpus()[tenth::10]:
        got = judged(entry)
        if got != (entry.verdict, entry.step):
            wrong.append(f"{entry.name}: {got} in place of {(entry.verdict, entry.step)}\n{entry.text}")
    assert wrong == []


def test_most_of_the_corpus_must_not_pass() -> None:
    """At least two hundred scenarios; those that pass show that the others fail for what is wrong in them."""
    verdicts = Counter(entry.verdict for entry in corpus())
    assert verdicts["failed"] >= 200
    assert verdicts["passed"] >= 50
    assert len({entry.name for entry in corpus()}) == len(corpus())
