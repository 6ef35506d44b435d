"""What of a station must be put back, on disk before it is changed: a kill leaves it there for the next run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

_PREFIX, _SUFFIX = "restore-", ".json"


class RestoreJournal:
    """The original values of one station's settings, as far as they have been changed.

    Args:
        directory: where it is kept.
        station: identity.
    """

    def __init__(self, directory: Path, station: str) -> None:
        self._directory, self._station = directory, station
        self.path = directory / f"{_PREFIX}{quote(station, safe='')}{_SUFFIX}"

    def read(self) -> dict[str, str]:
        """Key → original value; empty when there is nothing to put back.

        Raises:
            ValueError: the file is no such journal.
        """
        try:
            data = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ValueError(f"{self.path}: {error}") from error
        settings = data.get("settings") if isinstance(data, Mapping) else None
        if not isinstance(settings, Mapping) or data.get("station") != self._station:
            raise ValueError(f"{self.path} is no restore journal of {self._station}")
        return {str(key): str(value) for key, value in settings.items()}

    def write(self, settings: Mapping[str, str]) -> None:
        """Have just this on disk when it returns: whole, or as it was before.

        Raises:
            OSError: it cannot be written.
        """
        if not settings:
            self.path.unlink(missing_ok=True)
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"station": self._station, "settings": dict(settings)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        # The new name must be on disk, too: a power cut may come next.
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
