"""YAML text to a document, by the rules of YAML 1.2 and with limits; what is wrong becomes diagnostics.

PyYAML's C parser reads the events; everything after that is ours: see :mod:`.yaml_reader` and :mod:`.scalars`.
"""

from __future__ import annotations

from pathlib import Path

from yaml.error import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from ocpplab_runner.scenario.diagnostics import WHOLE_FILE, Diagnostic, Span
from ocpplab_runner.scenario.document import LINE_BREAK, Document, span_of
from ocpplab_runner.scenario.regular_files import read_regular
from ocpplab_runner.scenario.yaml_events import events
from ocpplab_runner.scenario.yaml_reader import TOO_DEEP, Reader, Unreadable

MAX_BYTES = 1024 * 1024


def read_file(path: Path) -> Document:
    """Read and parse one file. Nothing is raised: what is wrong stands in the document's diagnostics."""
    document = Document(path)
    try:
        # One byte more tells that there is more.
        content = read_regular(path, MAX_BYTES + 1)
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
    # A character has four bytes at most: only a text that may be too long is encoded to know.
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
            line = len(LINE_BREAK.findall(before)) + 1
            column = len(LINE_BREAK.split(before)[-1]) + 1
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
        Reader(document, events(document.text)).read()
    except Unreadable as error:
        span = span_of(error.event) if error.event is not None else WHOLE_FILE
        _give_up(document, error.code, error.message, error.hint, span)
    except ReaderError as error:
        _unprintable(document, error)
    except MarkedYAMLError as error:
        if "nesting depth" in (error.problem or ""):  # libyaml has a limit of its own, above ours
            mark = error.problem_mark
            span = Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2) if mark else WHOLE_FILE
            return _give_up(document, "too-deep", TOO_DEEP, "", span)
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
    # Looked for, since the error's own position counts bytes where libyaml has read the text, and characters elsewhere.
    position = document.text.find(chr(character)) if character <= 0x10FFFF else -1
    before = LINE_BREAK.split(document.text[: max(position, 0)])
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
    elif "did not find expected" in problem and source[column - 2 : column + 1] == "${{":
        hint = 'between { } or [ ] an expression needs quotes: "${{ … }}"'
    elif "did not find expected" in problem:
        hint = "look at the indentation and the brackets of this line and the one before it"
    context = f" {error.context}" if error.context else ""
    _give_up(document, "yaml-syntax", f"{problem}{context}", hint, span)
