"""Messages between the parent and its workers: a tag, a length and JSON on a pipe."""

from __future__ import annotations

import json
import os
import struct
import threading
from enum import IntEnum
from typing import Any

import orjson

from ocpplab_runner.plugin.straying import end_astray

_HEADER = struct.Struct("!BI")


class Tag(IntEnum):
    """What a message is."""

    RECORD = 1  # worker → parent: one result record
    DONE = 2  # worker → parent: [index, verdict, unreached]
    QUESTION = 3  # worker → parent: text for the operator
    CASE = 4  # parent → worker: [index, first attempt]
    ANSWER = 5  # parent → worker: the operator's text
    LINES = 6  # worker → parent: event records as JSON Lines, which nobody reads on the way


def pack(tag: Tag, value: Any) -> bytes:
    """One message as bytes."""
    try:
        body = orjson.dumps(value, default=str)
    except TypeError:  # a lone surrogate, an integer beyond 64 bits
        body = json.dumps(value, default=str).encode()
    return framed(tag, body)


def framed(tag: Tag, body: bytes) -> bytes:
    """One message whose content is bytes already."""
    return _HEADER.pack(tag, len(body)) + body


def write_all(descriptor: int, data: bytes | bytearray) -> None:
    """Write to a blocking pipe to the last byte.

    Raises:
        BrokenPipeError: nobody reads any more.
    """
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class RecordPipe:
    """A worker's way to its parent, for several threads: a question is put in one while records come from another.

    Args:
        descriptor: of a blocking pipe, from now on its own.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting = bytearray()
        self._one_at_a_time = threading.Lock()

    def send(self, message: bytes, *, batch: int = 0) -> None:
        """Put a whole message on its way, behind all that wait.

        Args:
            message: as :func:`pack` or :func:`framed` gives it.
            batch: bytes that may wait for more to come.

        Raises:
            BrokenPipeError: nobody reads any more.
        """
        # Before the lock, which another thread may have held when a plugin forked.
        end_astray()
        with self._one_at_a_time:
            self._waiting += message
            if len(self._waiting) > batch:
                write_all(self._descriptor, self._waiting)
                self._waiting = bytearray()

    def disown(self) -> None:
        """In a child that a plugin forked."""
        os.close(self._descriptor)
        self._descriptor = -1


class Unpacker:
    """Bytes in, whole messages out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[Tag, Any]]:
        """Take what was read; returns every message that is complete by now."""
        self._buffer += data
        messages: list[tuple[Tag, Any]] = []
        position = 0
        while len(self._buffer) - position >= _HEADER.size:
            tag, length = _HEADER.unpack_from(self._buffer, position)
            end = position + _HEADER.size + length
            if len(self._buffer) < end:
                break
            body = bytes(self._buffer[position + _HEADER.size : end])
            position = end
            messages.append((Tag(tag), body if tag == Tag.LINES else _loaded(body)))
        del self._buffer[:position]
        return messages


def _loaded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return json.loads(body)
