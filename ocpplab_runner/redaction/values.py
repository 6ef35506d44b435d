"""Known secrets in texts: in every form, in any letter case, and where a text was cut within one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

import orjson

from ocpplab_runner.redaction.shapes import SHORTEST_PART, Form, forms

#: Says that a text goes on.
_CUT: Final = ("…", "...")
#: What a text may end with, and be taken for a secret that a field was too short for.
_LEAST_END = 8
_SURE_END = 16
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


class SecretValues:
    """Secrets that are known by value."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self._words: list[str] = []
        self._by_start: dict[str, list[Form]] = {}
        self._starts: re.Pattern[str] | None = None
        self._words_pattern: re.Pattern[str] | None = None
        #: Bytes of a text in small letters, one of which is in every JSON text that holds a secret.
        self.marks: list[bytes] = []
        for value in values:
            self.add(value)

    def __contains__(self, value: str) -> bool:
        """Whether it is one of the secrets, as a whole."""
        return value in self._values

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._values)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._values)

    def add(self, secret: str) -> bool:
        """One more; whether it is a new one."""
        if not secret or secret in self._values:
            return False
        self._values.add(secret)
        self._starts = self._words_pattern = None
        if len(secret) < SHORTEST_PART:
            self._words.append(secret)
            self._mark(secret)
            return True
        for form in forms(secret):
            start = form.text[: form.start]
            held = self._by_start.setdefault(start, [])
            if not held:
                self._mark(start)
            held.append(form)
            # The longest first: a secret may be part of another.
            held.sort(key=lambda one: -len(one.text))
        return True

    def _mark(self, start: str) -> None:
        # Only ASCII letters of the text that is looked through have become small ones.
        spelled = (start,) if start.isascii() else {start, start.lower(), start.upper()}
        self.marks += [mark for mark in map(_as_json, spelled) if mark not in self.marks]

    def found_in(self, text: str) -> bool:
        """Whether any secret is in the text."""
        return bool(self._values) and self.replaced(text, lambda _: "") != text

    def replaced(self, text: str, stand_in: Callable[[str], str]) -> str:
        """The text with something else in place of every secret.

        Args:
            text: any.
            stand_in: what stands in place of a piece of it.
        """
        if not self._values:
            return text
        if self._by_start:
            text = self._without_long(text, stand_in)
        if self._words:
            text = self._word_pattern().sub(lambda match: stand_in(match[0]), text)
        return text

    def _without_long(self, text: str, stand_in: Callable[[str], str]) -> str:
        if self._starts is None:
            # Of alternatives the first that fits is taken.
            starts = sorted(self._by_start, key=lambda start: (-len(start), start))
            self._starts = re.compile("|".join(map(re.escape, starts)), re.IGNORECASE)
        place = 0
        pieces: list[str] = []
        match = self._starts.search(text)
        while match is not None:
            begin, end = self._extent(text, match.start())
            if end:
                begin = max(begin, place)
                pieces += (text[place:begin], stand_in(text[begin:end]))
                place = end
            match = self._starts.search(text, end or match.start() + 1)
        return "".join((*pieces, text[place:])) if pieces else text

    def _word_pattern(self) -> re.Pattern[str]:
        if self._words_pattern is None:
            words = [re.escape(word) for word in sorted(self._words, key=lambda word: (-len(word), word))]
            self._words_pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])", re.IGNORECASE)
        return self._words_pattern

    def _extent(self, text: str, begin: int) -> tuple[int, int]:
        """From where to where a secret stands that may begin there; an end of 0 where none does."""
        longest = 0
        chosen: Form | None = None
        for start, held in self._by_start.items():
            if not _same(start, text[begin : begin + len(start)]):
                continue
            for form in held:
                common = _common(form.text, text, begin)
                whole = common == len(form.text)
                if common > longest and (whole or _is_cut(form, text, begin + common, common)):
                    longest, chosen = common, form
        if chosen is None:
            return begin, 0
        end = begin + longest
        return _with_neighbours(text, begin, end) if chosen.base64 else (begin, end)


def _is_cut(form: Form, text: str, end: int, common: int) -> bool:
    if end == len(text):
        return common >= _LEAST_END and (2 * common >= len(form.text) or common >= _SURE_END)
    return common >= form.start and text.startswith(_CUT, end)


def _with_neighbours(text: str, begin: int, end: int) -> tuple[int, int]:
    for _ in range(2):
        if begin and text[begin - 1] in _BASE64:
            begin -= 1
        if end < len(text) and text[end] in _BASE64:
            end += 1
    for _ in range(2):
        if end < len(text) and text[end] == "=":
            end += 1
    return begin, end


def _common(form: str, text: str, begin: int) -> int:
    """How many characters of the form stand in the text from there on."""
    there = text[begin : begin + len(form)]
    if there == form:
        return len(form)
    count = 0
    for one, other in zip(form, there, strict=False):
        if one != other and not _same(one, other):
            break
        count += 1
    return count


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower() or one.upper() == other.upper()


def _as_json(text: str) -> bytes:
    try:
        return orjson.dumps(text)[1:-1].lower()
    except TypeError:
        # A lone surrogate: no JSON text can hold it, and what holds it is always walked.
        return b"\x00"
