"""Every example plugin passes its own tests."""

from pathlib import Path

import pytest

from tests.acceptance.suites import run_suite
from tests.thoroughness import sample

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "plugins").glob("*/pyproject.toml"))


def test_there_is_an_example() -> None:
    """An author finds something to copy."""
    assert EXAMPLES


@pytest.mark.parametrize("project", sample(EXAMPLES, 0, 3), ids=lambda path: path.parent.name)
def test_example_plugin(project: Path) -> None:
    """As its author would run them; `make test` runs those of the others, too, but from here."""
    done = run_suite(project.parent, "-q", "--rootdir", str(project.parent), "tests")
    assert done.ret == 0, "\n".join(done.outlines + done.errlines)
