"""The files that a page of the documentation lets its reader write: YAML blocks that begin with their path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_BLOCK = re.compile(r"^```yaml\n# (?P<file>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def written(page: Path, place: Path) -> Iterator[dict[str, Any]]:
    """Write the page's scenarios; yields what its `ocpplab.yaml` says each time."""
    for match in _BLOCK.finditer(page.read_text("utf-8")):
        if match["file"] == "ocpplab.yaml":
            yield yaml.safe_load(match["text"])
            continue
        path = place / match["file"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(match["text"], "utf-8")
