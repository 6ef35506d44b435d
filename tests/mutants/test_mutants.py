"""Each rule broken in turn: the scenarios that name it must fail, and pass while it is whole."""

from __future__ import annotations

import pytest

from ocpplab_runner.plugin.results import Verdict
from ocpplab_runner.vocabulary.rules import RULES
from tests.mutants import before_validation, by_group, reservations, selection, starting, the_world
from tests.mutants.kit import ENOUGH, Mutant, naming, shipped, verdicts, who_notices
from tests.thoroughness import one_of_each, sample

MUTANTS: list[Mutant] = [
    *before_validation.MUTANTS,
    *by_group.MUTANTS,
    *starting.MUTANTS,
    *selection.MUTANTS,
    *the_world.MUTANTS,
    *reservations.MUTANTS,
]


def test_scenarios_pass_without_a_mutant() -> None:
    """What the mutants are held against is whole; the acceptance tests run all of it."""
    bad = {
        scenario.path.stem: sorted(set(found))
        for scenario in sample(shipped(), 0, 10)
        if set(found := verdicts(scenario.path)) != {Verdict.PASSED}
    }
    assert not bad


@pytest.mark.parametrize(
    "mutant", one_of_each(MUTANTS, lambda mutant: (mutant.rule, mutant.enough)), ids=lambda mutant: mutant.name
)
def test_a_broken_rule_is_noticed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """By enough scenarios that name it: they fail, they are not in error."""
    mutant.apply(monkeypatch)
    found = who_notices(mutant.rule, mutant.enough)
    assert len(found) >= mutant.enough, f"only {found} of {[s.path.stem for s in naming(mutant.rule)]}"


def test_every_rule_has_a_mutant() -> None:
    """No rule is called covered without proof, and each is proved by two scenarios at least."""
    assert set(RULES) == {mutant.rule for mutant in MUTANTS if mutant.enough >= ENOUGH}
