"""Which chargers and locations a run has made and not yet unmade, known to all of its processes.

A worker that is killed cannot clean up; the parent does then. Lines in an unnamed file that every process of the run
has open for appending.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from ocpplab_runner.gateway.client import Charger


class CreatedResources:
    """Made before the workers are forked, so that all share it."""

    def __init__(self) -> None:
        descriptor, name = tempfile.mkstemp()
        os.close(descriptor)
        self._file = os.open(name, os.O_RDWR | os.O_APPEND)
        Path(name).unlink()

    def made_charger(self, charger: Charger) -> None:
        """A charger exists."""
        self._write({"made": "charger", "id": charger.id, "identity": charger.identity})

    def made_location(self, location_id: str) -> None:
        """A location exists."""
        self._write({"made": "location", "id": location_id})

    def unmade(self, thing: str) -> None:
        """A charger or location of that id is gone."""
        self._write({"unmade": thing})

    def left(self) -> tuple[list[Charger], list[str]]:
        """What still exists: chargers, and ids of locations."""
        chargers: dict[str, Charger] = {}
        locations: dict[str, None] = {}
        size = os.fstat(self._file).st_size
        for line in os.pread(self._file, size, 0).splitlines():
            note = json.loads(line)
            if note.get("made") == "charger":
                chargers[note["id"]] = Charger(note["id"], note["identity"])
            elif note.get("made") == "location":
                locations[note["id"]] = None
            else:
                chargers.pop(note["unmade"], None)
                locations.pop(note["unmade"], None)
        return list(chargers.values()), list(locations)

    def _write(self, note: dict[str, str]) -> None:
        # One write of less than a page to a file that is open for appending is not interleaved with others.
        os.write(self._file, json.dumps(note).encode() + b"\n")
