"""The table of what the CSMS minds."""

from __future__ import annotations

import re
from pathlib import Path

import ocpplab_runner.csms
from ocpplab_runner.csms.breaches import BREACHES


def test_the_table_names_exactly_what_is_reported() -> None:
    """Every code in the room's source stands in the table, and the other way round."""
    folder = Path(ocpplab_runner.csms.__file__).parent
    source = "".join(path.read_text() for path in folder.glob("*.py") if path.name != "breaches.py")
    assert set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', source)) == set(BREACHES)
