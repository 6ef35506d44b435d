"""One file's content as plain data, with the place of each part.

Positions cost nothing until somebody asks: each container remembers its events, and an event its marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yaml.events import MappingStartEvent, ScalarEvent, SequenceStartEvent

from ocpplab_runner.scenario.diagnostics import WHOLE_FILE, Diagnostic, Span

# What PyYAML counts as the end of a line, so that its marks and our lines agree.
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(slots=True, eq=False)
class Document:
    """One file's content with its positions.

    Attributes:
        path: as the user named it.
        text: the file's text.
        root: its content as plain data; None for an empty file.
        diagnostics: what was wrong with it as YAML.
        broken: the content cannot be used at all.
    """

    path: Path
    text: str = ""
    root: Any = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    broken: bool = False
    # By identity: two containers that are equal stand in different places.
    _events: dict[int, list[Any]] = field(default_factory=dict)
    _ends: dict[int, Any] = field(default_factory=dict)
    _lines: list[str] | None = None

    def remember(self, container: Any, events: list[Any], start: Any, end: Any) -> None:
        """Keep the events of a container: key and value by turns, or one for each item."""
        self._events[id(container)] = events
        self._ends[id(container)] = (start.start_mark, end.end_mark)

    def key_span(self, container: Any, key: str) -> Span:
        """Where that key of that mapping stands."""
        events = self._events.get(id(container))
        if events is None or not isinstance(container, dict) or key not in container:
            return self.span(container)
        return span_of(events[2 * list(container).index(key)])

    def value_span(self, container: Any, key: str | int) -> Span:
        """Where the value of that key, or the item of that index, stands: its first line for a long one."""
        events = self._events.get(id(container))
        if events is None:
            return WHOLE_FILE
        if isinstance(container, dict):
            if key not in container:
                return self.span(container)
            event, value = events[2 * list(container).index(str(key)) + 1], container[str(key)]
        elif isinstance(key, int) and 0 <= key < len(events):
            event, value = events[key], container[key]
        else:
            return self.span(container)
        return self._value_span(event, value)

    def span(self, container: Any) -> Span:
        """Where a mapping or list begins, to the end of it or of its first line."""
        end = self._ends.get(id(container))
        return self._clip(end[0], end[1]) if end else WHOLE_FILE

    def span_at(self, path: list[str | int], *, key: bool = False) -> Span:
        """The span of what stands under that path from the root; of its key when ``key`` is set."""
        container: Any = self.root
        for step in path[:-1]:
            container = container[step]
        if not path:
            return self.span(container) if isinstance(container, dict | list) else WHOLE_FILE
        if key and isinstance(container, dict):
            return self.key_span(container, str(path[-1]))
        return self.value_span(container, path[-1])

    def source_of(self, container: Any, key: str | int) -> str:
        """The text of a scalar as written, without its quotes; empty for anything else."""
        events = self._events.get(id(container))
        if events is None:
            return ""
        event = events[2 * list(container).index(key) + 1] if isinstance(container, dict) else events[int(key)]
        return event.value if isinstance(event, ScalarEvent) else ""

    def rewrite(self, container: Any, key: str | int, value: Any) -> None:
        """Put something else in the place of a scalar; all of it stands where that stands in the text."""
        events = self._events.get(id(container))
        container[key] = value
        if events is not None:
            event = events[2 * list(container).index(key) + 1] if isinstance(container, dict) else events[int(key)]
            self._stand_at(value, event)

    def _stand_at(self, value: Any, event: Any) -> None:
        if isinstance(value, dict | list):
            self.remember(value, [event] * (2 * len(value) if isinstance(value, dict) else len(value)), event, event)
            for inner in value.values() if isinstance(value, dict) else value:
                self._stand_at(inner, event)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its line break; empty behind the end."""
        if self._lines is None:
            self._lines = LINE_BREAK.split(self.text)
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def _value_span(self, event: Any, value: Any) -> Span:
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            return self.span(value)
        return self._clip(event.start_mark, event.end_mark)

    def _clip(self, start: Any, end: Any) -> Span:
        line, column = start.line + 1, start.column + 1
        if end.line == start.line:
            return Span(line, column, line, max(end.column + 1, column + 1))
        return Span(line, column, line, max(len(self.line(line).rstrip()) + 1, column + 1))


def span_of(event: Any) -> Span:
    """The place of a scalar, or of the beginning of anything longer than a line."""
    start, end = event.start_mark, event.end_mark
    if end.line != start.line:
        return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 2)
    return Span(start.line + 1, start.column + 1, end.line + 1, max(end.column, start.column + 1) + 1)
