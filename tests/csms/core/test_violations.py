"""The table of what the CSMS minds, and that nobody does another's work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ocpplab_runner.csms
from ocpplab_runner.csms import VIOLATIONS
from ocpplab_runner.csms.blocks import BLOCKS
from ocpplab_runner.vocabulary.versions import OcppVersion

_CODE = r'"([a-z]+(?:-[a-z]+)+)"'


def test_each_rule_stands_once_and_is_reported() -> None:
    """Every code in the room's source is declared in one place, and reported in another of its lines."""
    folder = Path(ocpplab_runner.csms.__file__).parent
    source = "".join(path.read_text() for path in folder.rglob("*.py"))
    declared = re.findall(_CODE + ": ViolationRule", source)
    assert sorted(declared) == sorted(VIOLATIONS)
    assert set(re.findall(_CODE + "(?!: ViolationRule)", source)) == set(VIOLATIONS)


@pytest.mark.parametrize("version", OcppVersion)
@pytest.mark.parametrize("kind", ["answers", "operations"])
def test_one_block_answers(version: OcppVersion, kind: str) -> None:
    """No two blocks answer one call or make one operation, and one class at most is there for a version."""
    serving = [[one for one in block if version in one.versions] for block in BLOCKS]
    assert all(len(classes) <= 1 for classes in serving)
    names = [name for classes in serving for one in classes for name in one.marks(kind, version)]
    assert len(names) == len(set(names))
