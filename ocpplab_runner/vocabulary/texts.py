"""Texts in messages."""

from __future__ import annotations


def shortened(text: str, most: int = 40) -> str:
    """A text of at most so many characters; one that was cut ends with an ellipsis, so that a reader can tell."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
