"""Each rule has a sentence, a place that carries it out, and a table that tests it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from ocpplab_runner.vocabulary.rules import RULES

ROOT = Path(__file__).resolve().parents[2]
#: What a line has that names a rule.
_NAMING = re.compile(r"auth-|rule|\bid=|\bR\d|\b\d+[a-z]\b", re.IGNORECASE)


@cache
def lines(place: str, files: str) -> str:
    """Those that may name a rule: nobody looks through the whole house for each of them."""
    paths = sorted(path for path in (ROOT / place).rglob(files) if path.name != "rules.py")
    return "\n".join(line for path in paths for line in path.read_text("utf-8").splitlines() if _NAMING.search(line))


def named(text: str, number: str) -> bool:
    """Whether a text names a rule: ``rule 8``, ``rules 8 and 12``, ``8a``, ``AUTH-R4``, ``rules 1 to 7``."""
    if number.startswith("R"):
        return re.search(rf"(AUTH-|\b){number}\b", text) is not None
    if re.search(rf"\b(AUTH-|rules? |id=\"){number}\b", text, re.IGNORECASE):
        return True
    if number[-1].isalpha():
        return re.search(rf"\b{number}\b", text) is not None
    return re.search(rf"\brules \d+(, \d+)* (and|to) {number}\b|\brules {number}\b", text, re.IGNORECASE) is not None


@pytest.mark.parametrize("rule", RULES)
def test_it_is_named_where_it_is_carried_out_and_tested(rule: str) -> None:
    """AUTH-1 to AUTH-19 with their letters, AUTH-R1 to AUTH-R10."""
    number = rule.removeprefix("AUTH-")
    assert named(lines("ocpplab_runner", "*.py"), number), f"no code names {rule}"
    assert named(lines("tests/authorization", "test_*.py"), number), f"no test names {rule}"


def test_the_list_is_complete() -> None:
    """Nineteen rules, ten about reservations, each one sentence."""
    plain = {rule for rule in RULES if rule[-1].isdigit() and "R" not in rule.removeprefix("AUTH-")}
    assert plain == {f"AUTH-{number}" for number in range(1, 20)}
    assert {rule for rule in RULES if rule.startswith("AUTH-R")} == {f"AUTH-R{number}" for number in range(1, 11)}
    for sentence in RULES.values():
        assert re.fullmatch(r"[A-Z].*[^.]\.", sentence), sentence
