"""The directory of what the program keeps for itself."""

from __future__ import annotations

import contextlib
from pathlib import Path

#: In the current directory: the record of the last run, and the schema for editors.
STATE = Path(".ocpplab")


def keep_out_of_version_control(directory: Path = STATE) -> None:
    """Have git ignore that directory, when it is there."""
    ignore = directory / ".gitignore"
    if directory.is_dir() and not ignore.exists():
        with contextlib.suppress(OSError):
            ignore.write_text("*\n", "utf-8")
