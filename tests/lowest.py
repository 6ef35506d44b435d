"""Prints constraints for pip: of each dependency the lowest version that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

_FLOOR = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)>=(?P<version>[0-9.]+)")


def lowest() -> list[str]:
    """One line per dependency that names a lowest version."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [project["dependencies"], *project["optional-dependencies"].values()]
    found = [_FLOOR.match(one) for several in wanted for one in several]
    return sorted({f"{one['name']}=={one['version']}" for one in found if one})


if __name__ == "__main__":
    print("\n".join(lowest()))
