"""YAML events to data, in one pass: limits, duplicate keys, aliases and tags are watched on the way."""

from __future__ import annotations

from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from ocpplab_runner.scenario.diagnostics import Diagnostic
from ocpplab_runner.scenario.document import Document, span_of
from ocpplab_runner.scenario.scalars import CONSTANTS, NUMBER_STARTS, number, resolve
from ocpplab_runner.vocabulary.texts import shortened

MAX_DEPTH = 64
MAX_NODES = 10_000
TOO_DEEP = f"more than {MAX_DEPTH} levels deep"

_STR_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_PLAIN_TAGS = {
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": bool,
    "tag:yaml.org,2002:null": type(None),
}
_MAP_TAGS = frozenset({None, "tag:yaml.org,2002:map"})
_SEQ_TAGS = frozenset({None, "tag:yaml.org,2002:seq"})


class Unreadable(Exception):
    """Reading cannot go on: what comes after has no meaning."""

    def __init__(self, code: str, message: str, hint: str = "", event: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.event = code, message, hint, event


class Reader:
    """Fills a document with its content.

    Args:
        document: with its text; gets its root and diagnostics.
        events: gives the next event of that text.
    """

    def __init__(self, document: Document, events: Any) -> None:
        self.document = document
        self.next = events
        self.anchors: dict[str, tuple[Any, int, Any]] = {}  # value, nodes, event
        self.open_anchors: set[str] = set()
        self.count = 1
        self.has_aliases = False

    def read(self) -> None:
        """Read the one document of the text.

        Raises:
            Unreadable: a limit is passed, or an alias leads nowhere.
            yaml.YAMLError: the text is not YAML.
        """
        document = self.document
        self.next()
        event = self.next()
        if event.__class__ is StreamEndEvent:
            return
        document.root = self.node(self.next(), 1)
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
        document.diagnostics.append(Diagnostic(document.path, span_of(event), code, message, hint))

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
            raise Unreadable("too-deep", TOO_DEEP, event=event)
        anchor = event.anchor
        if anchor is None:
            return self.mapping(event, depth) if cls is MappingStartEvent else self.sequence(event, depth)
        before = self.count
        self.open_anchors.add(anchor)
        # An anchor may be set again: inside of it the old one does not count any more.
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
                # `resolve` written out: nearly all values of a file pass here.
                if event.implicit[0]:
                    if value in CONSTANTS:
                        value = CONSTANTS[value]
                    elif value[0] in NUMBER_STARTS:
                        value = number(value)
            else:
                value = self.node(event, depth + 1)
            if key in out:
                first = span_of(events[2 * list(out).index(str(key))])
                self.report(
                    key_event, "duplicate-key", f"'{key}' stands here twice", f"the first is in line {first.line}"
                )
            # In quotes, or by an alias, it is a key like any other.
            elif key == "<<" and key_event.__class__ is ScalarEvent and key_event.implicit[0]:
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
        self.document.remember(out, events, start, end)
        self.grow(len(events), start)

    def grow(self, nodes: int, event: Any) -> None:
        self.count += nodes
        if self.count > MAX_NODES:
            if self.has_aliases:
                message = f"with its aliases written out the file has more than {MAX_NODES:,} nodes"
                raise Unreadable("alias-bomb", message, event=event)
            message = f"the file has more than {MAX_NODES:,} nodes"
            raise Unreadable("too-large", message, "split it; `include` brings the parts together")

    def odd_key(self, event: Any, depth: int) -> str | None:
        """A key with an anchor or a tag, an alias as a key, or a key that is no scalar."""
        if event.__class__ is ScalarEvent:
            self.node(event, depth + 1)
            return str(event.value)
        value = self.node(event, depth + 1)
        if event.__class__ is AliasEvent and isinstance(value, str):
            return value
        hint = "a computed value is written ${{ … }}" if event.__class__ is MappingStartEvent else ""
        self.report(event, "bad-key", "a key must be a word, not a mapping or a list", hint)
        return None

    def alias(self, event: Any, depth: int) -> Any:
        name = event.anchor
        if name in self.open_anchors:
            raise Unreadable("recursive-alias", f"'*{name}' stands inside its own anchor", event=event)
        if name not in self.anchors:
            hint = "no anchor of this name stands before it; a text that begins with '*' needs quotes"
            raise Unreadable("yaml-syntax", f"unknown alias '*{name}'", hint, event)
        value, nodes, _ = self.anchors[name]
        self.has_aliases = True
        self.grow(nodes, event)
        if isinstance(value, dict | list) and depth + _height(value, {}) - 1 > MAX_DEPTH:
            raise Unreadable("too-deep", f"with its aliases written out more than {MAX_DEPTH} levels deep", event=event)
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
            self.report(event, "bad-tag", f"'{shortened(value)}' is not what its tag says")
        return resolved

    def unknown_tag(self, event: Any) -> None:
        tag = shortened(str(event.tag).replace("tag:yaml.org,2002:", "!!"))
        self.report(event, "bad-tag", f"the tag '{tag}' is not allowed", "scenarios are plain data; leave the tag out")


def _height(value: Any, known: dict[int, int]) -> int:
    if not isinstance(value, dict | list):
        return 0
    # Kept by identity: through aliases one part may be reached by more ways than could ever be gone.
    if id(value) not in known:
        children = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + max((_height(child, known) for child in children), default=0)
    return known[id(value)]
