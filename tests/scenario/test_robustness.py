"""Whatever a file holds, only diagnostics come of it. ``python -m benchmarks.fuzz_check 10000`` gives more."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import fuzz_check
from tests.thoroughness import examples

from .kit import ROOT, language

PATH = ROOT / "scenarios" / "fuzz.yaml"
WORDS = fuzz_check.words_of(language())
SCALARS = st.one_of(st.sampled_from(WORDS), st.sampled_from(fuzz_check.JUNK), st.text(max_size=12), st.integers())
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)),
    max_leaves=20,
)


@pytest.mark.parametrize("seed", range(6))
def test_mutated_files(seed: int) -> None:
    """Random bytes, mutated text and mutated data of the shipped scenarios."""
    random = Random(seed)
    source = fuzz_check.files(random, fuzz_check.seeds(), WORDS)
    for _ in range(examples(60)):
        fuzz_check.check(next(source), language(), PATH)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {"name": SCALARS, "steps": st.lists(DATA, max_size=4), "given": DATA, "vars": DATA, "cases": DATA}
    )
)
def test_any_data_in_the_frame_of_a_scenario(data: dict[str, Any]) -> None:
    """Words of the language in any shape, below the keys of a scenario."""
    text = yaml.dump(data, allow_unicode=True, Dumper=fuzz_check._NoAliases)
    fuzz_check.check(text.encode("utf-8", "surrogatepass"), language(), PATH)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(WORDS), DATA, max_size=4))
def test_any_step(step: dict[str, Any]) -> None:
    """One step of any shape."""
    text = yaml.dump({"name": "x", "steps": [step]}, allow_unicode=True, Dumper=fuzz_check._NoAliases)
    fuzz_check.check(text.encode("utf-8", "surrogatepass"), language(), PATH)
