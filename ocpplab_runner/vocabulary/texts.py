"""Texts in messages."""

from __future__ import annotations


def unbroken(text: str) -> str:
    """A text on one line, however many it had: who can write a line break into a log can write a line of it."""
    return "\\n".join(text.splitlines())


def shortened(text: str, most: int = 40) -> str:
    """A text of at most so many characters; one that was cut ends with an ellipsis, so that a reader can tell."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
