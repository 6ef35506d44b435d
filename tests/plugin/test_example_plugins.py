"""Every example plugin passes its own tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.thoroughness import sample

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "plugins").glob("*/pyproject.toml"))


def test_there_is_an_example() -> None:
    """An author finds something to copy."""
    assert EXAMPLES


@pytest.mark.parametrize("project", sample(EXAMPLES, 0, 3), ids=lambda path: path.parent.name)
def test_example_plugin(project: Path) -> None:
    """As its author would run them; `make test` runs those of the others, too, but from here."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(project.parent), "tests"],
        cwd=project.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
