"""JSON Lines: every record on a line of its own, on disk as soon as it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import orjson

from ocpplab_runner.plugin.lines import line_of
from ocpplab_runner.plugin.results import Record
from ocpplab_runner.reports.files import ReportFile
from ocpplab_runner.reports.text import clean

#: Records after which nothing must be lost to a kill; frames in between ride along.
_TYPES = frozenset({"run", "case", "event", "step", "invalid", "log"})


class DamagedFileError(ValueError):
    """A line in the middle of the file is no record. A truncated last line is not an error."""


def encode(record: Record) -> bytes:
    """One line, compact, keys sorted; what JSON cannot carry (lone surrogates) is made visible."""
    try:
        return line_of(record)
    except TypeError:
        return line_of(_encodable(record))


def _encodable(value: Any) -> Any:
    match value:
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                return clean(value)
            return value
        case dict():
            return {str(_encodable(key)): _encodable(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_encodable(item) for item in value]
        case int() if not -(2**63) <= value < 2**64:
            return str(value)
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)


class JsonLinesReport:
    """Writes records as they come; after each the file is complete up to there, even if the process is killed."""

    def __init__(self, path: Path) -> None:
        """Open the file anew.

        Raises:
            OSError: it cannot be written, or another run is writing it.
        """
        self._file = ReportFile(path)
        self._file.empty()

    def handle(self, record: Record) -> None:
        """Write the record."""
        self._file.append(encode(record))

    def handle_lines(self, lines: bytes) -> None:
        """Write records that are lines already."""
        self._file.append(lines)

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._file.close()


def decode_lines(lines: Iterable[bytes]) -> Iterator[Record]:
    """Records from lines; a last line without an end is taken as cut off and left out.

    Raises:
        DamagedFileError: any other line is not a record.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if not line.endswith(b"\n"):
                return
            raise DamagedFileError(f"line {number} is not JSON: {error}") from None
        if not isinstance(record, dict) or record.get("type") not in _TYPES:
            raise DamagedFileError(f"line {number} is not a record of ocpplab-runner")
        yield cast(Record, record)


def read(path: Path) -> Iterator[Record]:
    """The records of a file, as :func:`decode_lines`; raises OSError too."""
    with path.open("rb") as file:
        yield from decode_lines(file)
