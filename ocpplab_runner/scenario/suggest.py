"""Did you mean …? The nearest of a set of names."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that the writer most likely meant, or None when nothing is close."""
    import difflib

    # To compare takes the square of the length.
    if not word or len(word) > 60:
        return None
    folded = {_fold(name): name for name in names}
    key = _fold(word)
    if key in folded:
        return folded[key]
    close = difflib.get_close_matches(key, list(folded), n=1, cutoff=0.7)
    # Of a short word two letters that have changed places are a third.
    swapped = (name for other, name in folded.items() if len(key) < 5 and sorted(other) == sorted(key))
    return folded[close[0]] if close else next(swapped, None)


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A hint for :class:`Diagnostic`, empty when nothing is close."""
    name = nearest(word, names)
    return f"did you mean '{name}'?" if name else ""


def _fold(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
