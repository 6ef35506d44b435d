"""YAML text to plain data with positions, by the rules of YAML 1.2 and with limits.

PyYAML's C parser reads the events (the pure Python one where libyaml is missing); everything after that is ours:
scalars are resolved by the YAML 1.2 core rules, with the exceptions that ``docs/language.md`` lists, keys are always
text, duplicate keys are errors, and depth, size and the expansion of aliases are limited.

Positions cost nothing until somebody asks: each container remembers its events, and an event its marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import ReaderError

from ocpplab_runner.scenario.diagnostics import WHOLE_FILE, Diagnostic, Span

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 10_000

_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")
_LONGEST_NUMBER = 40
_NUMBER_STARTS = frozenset("-+.0123456789")
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_STR_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_PLAIN_TAGS = {
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": bool,
    "tag:yaml.org,2002:null": type(None),
}
_MAP_TAGS = frozenset({None, "tag:yaml.org,2002:map"})
_SEQ_TAGS = frozenset({None, "tag:yaml.org,2002:seq"})


class _Unreadable(Exception):
    """Reading cannot go on: what comes after has no meaning."""

    def __init__(self, code: str, message: str, hint: str = "", event: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.event = code, message, hint, event


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
    _events: dict[int, list[Any]] = field(default_factory=dict)
    _ends: dict[int, Any] = field(default_factory=dict)
    _root_event: Any = None
    _lines: list[str] | None = None

    def key_span(self, container: Any, key: str) -> Span:
        """Where that key of that mapping stands."""
        events = self._events.get(id(container))
        if events is None or not isinstance(container, dict) or key not in container:
            return self.span(container)
        return _span(events[2 * list(container).index(key)])

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

    def line(self, number: int) -> str:
        """The text of a line, counted from 1, without its line break; empty behind the end."""
        if self._lines is None:
            self._lines = _LINE_BREAK.split(self.text)
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


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    if end.line != start.line:
        return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 2)
    return Span(start.line + 1, start.column + 1, end.line + 1, max(end.column, start.column + 1) + 1)


def read_file(path: Path) -> Document:
    """Read and parse one file. Nothing is raised: what is wrong stands in the document's diagnostics."""
    document = Document(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return _give_up(document, "file-not-found", "there is no such file")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _give_up(document, "unreadable-file", f"the file cannot be read: {reason}")
    return parse(content, path)


def parse(content: bytes | str, path: Path) -> Document:
    """Parse a file's content; see :func:`read_file`."""
    document = Document(path)
    size = len(content)
    if size > MAX_BYTES or (
        isinstance(content, str) and size * 4 > MAX_BYTES < len(content.encode("utf-8", "replace"))
    ):
        return _give_up(
            document, "too-large", "the file is larger than 1 MiB", "split it; `include` brings the parts together"
        )
    if isinstance(content, bytes):
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            before = content[: error.start].decode("utf-8", "replace")
            line = len(_LINE_BREAK.findall(before)) + 1
            column = len(_LINE_BREAK.split(before)[-1]) + 1
            document.text = content.decode("utf-8", "replace")
            hint = "save the file as UTF-8"
            if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
                hint = "this looks like UTF-16; save the file as UTF-8"
            span = Span(line, column, line, column + 1)
            return _give_up(document, "not-utf-8", "the file is not UTF-8 text", hint, span)
    else:
        text = content
    document.text = text.removeprefix("\ufeff")
    try:
        _Reader(document).read()
    except _Unreadable as error:
        span = _span(error.event) if error.event is not None else WHOLE_FILE
        _give_up(document, error.code, error.message, error.hint, span)
    except ReaderError as error:
        _unprintable(document, error)
    except MarkedYAMLError as error:
        _syntax(document, error)
    except (YAMLError, ValueError, OverflowError, RecursionError) as error:
        _give_up(document, "yaml-syntax", f"this is not YAML: {error}")
    return document


def _give_up(document: Document, code: str, message: str, hint: str = "", span: Span = WHOLE_FILE) -> Document:
    document.diagnostics.append(Diagnostic(document.path, span, code, message, hint))
    document.root = None
    document.broken = True
    return document


def _unprintable(document: Document, error: ReaderError) -> None:
    character = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "?")
    position = document.text.find(chr(character)) if character <= 0x10FFFF else -1
    before = _LINE_BREAK.split(document.text[: max(position, 0)])
    span = Span(len(before), len(before[-1]) + 1, len(before), len(before[-1]) + 2)
    message = f"the character U+{character:04X} may not stand in YAML"
    _give_up(document, "yaml-syntax", message, f'write "\\x{character:02x}" in double quotes', span)


def _syntax(document: Document, error: MarkedYAMLError) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    span = Span(line, column, line, column + 1)
    source = document.line(line)
    problem = error.problem or str(error)
    hint = ""
    if "\t" in source[: len(source) - len(source.lstrip())] or "that cannot start any token" in problem:
        if "\t" in source:
            hint = "YAML is indented with spaces, not with tabs"
        elif source.lstrip()[:1] in "@`%" or source[column - 1 : column] in ("@", "`", "%"):
            hint = "put the text in quotes"
    elif "mapping values are not allowed" in problem:
        hint = "a text that holds ': ' needs quotes; otherwise look at the indentation of this line"
    elif "undefined alias" in problem:
        hint = "no anchor of this name stands before it; a text that begins with '*' needs quotes"
    elif "did not find expected" in problem:
        hint = "look at the indentation and the brackets of this line and the one before it"
    context = f" {error.context}" if error.context else ""
    _give_up(document, "yaml-syntax", f"{problem}{context}", hint, span)


class _Reader:
    """Events to data, one pass."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.next = _events(document.text)
        self.anchors: dict[str, tuple[Any, int, Any]] = {}  # value, nodes, event
        self.open_anchors: set[str] = set()
        self.count = 1
        self.has_aliases = False

    def read(self) -> None:
        document = self.document
        self.next()
        event = self.next()
        if event.__class__ is StreamEndEvent:
            return
        document._root_event = event = self.next()
        document.root = self.node(event, 1)
        self.next()
        event = self.next()
        if event.__class__ is DocumentStartEvent:
            self.report(
                event,
                "several-documents",
                "a second YAML document begins here",
                "one file holds one scenario; split it",
            )

    def report(self, event: Any, code: str, message: str, hint: str = "") -> None:
        document = self.document
        document.diagnostics.append(Diagnostic(document.path, _span(event), code, message, hint))

    def node(self, event: Any, depth: int) -> Any:
        cls = event.__class__
        if cls is ScalarEvent:
            value = self.scalar(event)
            if event.anchor is not None:
                self.anchors[event.anchor] = (value, 1, event)
            return value
        if cls is AliasEvent:
            return self.alias(event, depth)
        if depth > MAX_DEPTH:
            raise _Unreadable("too-deep", f"more than {MAX_DEPTH} levels deep", event=event)
        anchor = event.anchor
        if anchor is None:
            return self.mapping(event, depth) if cls is MappingStartEvent else self.sequence(event, depth)
        before = self.count
        self.open_anchors.add(anchor)
        self.anchors.pop(anchor, None)
        value = self.mapping(event, depth) if cls is MappingStartEvent else self.sequence(event, depth)
        self.open_anchors.discard(anchor)
        self.anchors[anchor] = (value, self.count - before + 1, event)
        return value

    def mapping(self, start: Any, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        events: list[Any] = []
        get = self.next
        if start.tag not in _MAP_TAGS:
            self.unknown_tag(start)
        while (key_event := get()).__class__ is not MappingEndEvent:
            if key_event.__class__ is ScalarEvent and key_event.anchor is None and key_event.tag is None:
                key: str | None = key_event.value
            else:
                key = self.odd_key(key_event, depth)
            event = get()
            if event.__class__ is ScalarEvent and event.anchor is None and event.tag is None:
                value: Any = event.value
                if event.implicit[0]:
                    if value in _CONSTANTS:
                        value = _CONSTANTS[value]
                    elif value[0] in _NUMBER_STARTS:
                        value = _number(value)
            else:
                value = self.node(event, depth + 1)
            if key in out:
                first = _span(events[2 * list(out).index(str(key))])
                self.report(
                    key_event, "duplicate-key", f"'{key}' stands here twice", f"the first is in line {first.line}"
                )
            elif key == "<<" and key_event.implicit[0]:
                self.report(
                    key_event,
                    "merge-key",
                    "YAML 1.2 has no merge keys",
                    "use `defaults` or `include`, or an alias for the whole value",
                )
            elif key is not None:
                out[key] = value
                events.append(key_event)
                events.append(event)
        self.close(out, events, start, key_event)
        return out

    def sequence(self, start: Any, depth: int) -> list[Any]:
        out: list[Any] = []
        events: list[Any] = []
        get = self.next
        if start.tag not in _SEQ_TAGS:
            self.unknown_tag(start)
        while (event := get()).__class__ is not SequenceEndEvent:
            out.append(self.node(event, depth + 1))
            events.append(event)
        self.close(out, events, start, event)
        return out

    def close(self, out: Any, events: list[Any], start: Any, end: Any) -> None:
        document = self.document
        key = id(out)
        document._events[key] = events
        document._ends[key] = (start.start_mark, end.end_mark)
        self.grow(len(events), start)

    def grow(self, nodes: int, event: Any) -> None:
        self.count += nodes
        if self.count > MAX_NODES:
            if self.has_aliases:
                message = f"with its aliases written out the file has more than {MAX_NODES:,} nodes"
                raise _Unreadable("alias-bomb", message, event=event)
            message = f"the file has more than {MAX_NODES:,} nodes"
            raise _Unreadable("too-large", message, "split it; `include` brings the parts together")

    def odd_key(self, event: Any, depth: int) -> str | None:
        """A key with an anchor or a tag, an alias as a key, or a key that is no scalar."""
        if event.__class__ is ScalarEvent:
            self.node(event, depth + 1)
            return str(event.value)
        value = self.node(event, depth + 1)
        if event.__class__ is AliasEvent and isinstance(value, str):
            return value
        self.report(event, "bad-key", "a key must be a word, not a mapping or a list")
        return None

    def alias(self, event: Any, depth: int) -> Any:
        name = event.anchor
        if name in self.open_anchors:
            raise _Unreadable("recursive-alias", f"'*{name}' stands inside its own anchor", event=event)
        if name not in self.anchors:
            hint = "no anchor of this name stands before it; a text that begins with '*' needs quotes"
            raise _Unreadable("yaml-syntax", f"unknown alias '*{name}'", hint, event)
        value, nodes, _ = self.anchors[name]
        self.has_aliases = True
        self.grow(nodes, event)
        if isinstance(value, dict | list) and depth + _height(value, {}) - 1 > MAX_DEPTH:
            raise _Unreadable(
                "too-deep", f"with its aliases written out more than {MAX_DEPTH} levels deep", event=event
            )
        return value

    def scalar(self, event: Any) -> Any:
        tag = event.tag
        value = event.value
        if tag is None:
            return resolve(value) if event.implicit[0] else value
        if tag in _STR_TAGS:
            return value
        wanted = _PLAIN_TAGS.get(tag)
        if wanted is None:
            self.unknown_tag(event)
            return resolve(value)
        resolved = resolve(value)
        if wanted is float and type(resolved) is int:
            return float(resolved)
        if type(resolved) is not wanted:
            self.report(event, "bad-tag", f"'{_shown(value)}' is not what its tag says")
        return resolved

    def unknown_tag(self, event: Any) -> None:
        tag = _shown(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
        self.report(event, "bad-tag", f"the tag '{tag}' is not allowed", "scenarios are plain data; leave the tag out")


def resolve(text: str) -> Any:
    """The value of an unquoted scalar: null, a boolean, a number that JSON can carry, or the text itself."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return _number(text) if text[0] in _NUMBER_STARTS else text


def _number(text: str) -> Any:
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.match(text):
        number = int(text)
        return number if -(2**63) <= number < 2**63 else text
    if _FLOAT.match(text) and not text.lstrip("+-").isdecimal():
        value = float(text)
        return value if value - value == 0 else text
    return text


def _height(value: Any, known: dict[int, int]) -> int:
    if not isinstance(value, dict | list):
        return 0
    if id(value) not in known:
        children = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + max((_height(child, known) for child in children), default=0)
    return known[id(value)]


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _events(text: str) -> Any:
    try:
        from yaml._yaml import CParser
    except ImportError:
        return pure_python_events(text)
    return CParser(text).get_event


def pure_python_events(text: str) -> Any:
    """The same events without libyaml."""
    from yaml.parser import Parser
    from yaml.reader import Reader
    from yaml.scanner import Scanner

    class PurePython(Reader, Scanner, Parser):
        def __init__(self) -> None:
            Reader.__init__(self, text)
            Scanner.__init__(self)
            Parser.__init__(self)

    reader: Any = PurePython
    get_event = reader().get_event

    def checked() -> Any:
        event = get_event()
        if event.__class__ is ScalarEvent:
            event.value.encode()  # an escaped lone surrogate, which libyaml refuses
        return event

    return checked
