"""A record as a line of JSON Lines: the form in which a run's events go from their worker to the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from ocpplab_runner.plugin.results import Record

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE


def line_of(record: Mapping[str, Any]) -> bytes:
    """The record on one line, compact, keys sorted.

    Raises:
        TypeError: JSON cannot carry it: it holds a lone surrogate, an integer beyond 64 bits, or no plain data.
    """
    return orjson.dumps(record, option=_OPTIONS)


def records_of(lines: bytes) -> Iterator[Record]:
    """The records that whole lines hold."""
    for line in lines.splitlines():
        record: Record = orjson.loads(line)
        yield record
