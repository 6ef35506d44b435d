"""The scenario files that a report shows: as they are on disk when it is written, without their secrets."""

from __future__ import annotations

from pathlib import Path

from ocpplab_runner.scenario.source_secrets import masked, secrets_in

#: A scenario may not be longer; what is, is none.
_LONGEST = 512 * 1024


def source_of(file: str) -> str | None:
    """The text of a scenario file; None when it cannot be read any more.

    Args:
        file: as records name it.
    """
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > _LONGEST:
            return None
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        return None
    return masked(text, secrets_in(text))
