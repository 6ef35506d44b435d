"""JSON Lines: every record on a line of its own, on disk as soon as it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import orjson

from ocpplab_runner.plugin.lines import line_of
from ocpplab_runner.plugin.results import SCHEMA, Record
from ocpplab_runner.reports.files import ReportFile
from ocpplab_runner.reports.text import clean

#: Records after which nothing must be lost to a kill; frames in between ride along.
_TYPES = frozenset({"run", "case", "event", "step", "invalid", "log"})


class UnreadableFileError(ValueError):
    """A line in the middle is no record, or the records are of a form that is not known here.

    A truncated last line is not an error.
    """


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
        UnreadableFileError: any other line is not a record, or a newer ocpplab-runner has written them.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            if not line.endswith(b"\n"):
                return
            raise UnreadableFileError(f"line {number} is not JSON: {error}") from None
        if not isinstance(record, dict) or record.get("type") not in _TYPES:
            raise UnreadableFileError(f"line {number} is not a record of ocpplab-runner")
        if record["type"] == "run" and (objection := _form_objection(record)):
            raise UnreadableFileError(f"line {number} {objection}")
        yield cast(Record, record)


def _form_objection(record: Mapping[str, Any]) -> str:
    """Why the records that follow cannot be read; empty when they can. Files from before forms were counted can."""
    schema = record.get("schema", SCHEMA)
    if type(schema) is not int or schema < 1:
        return f"says that the records have the schema {schema!r}; it is a number from 1 on"
    if schema > SCHEMA:
        version = clean(str(record.get("version", "a newer version")))
        return (
            f"says that the records have the schema {schema}, and this ocpplab-runner reads up to {SCHEMA}; "
            f"{version} has written them: read them with that version or a later one"
        )
    return ""


def read(path: Path) -> Iterator[Record]:
    """The records of a file, as :func:`decode_lines`; raises OSError too."""
    with path.open("rb") as file:
        yield from decode_lines(file)
