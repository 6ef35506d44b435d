"""Values that a newer peer knows and we do not."""

from __future__ import annotations


class UnknownValue(str):
    """A value of one of EVerest's enumerations that is not in our list, kept as it came.

    It has a ``value`` as the members of an enumeration have, and is equal to its text.
    """

    __slots__ = ()

    @property
    def value(self) -> str:
        """The text."""
        return str(self)

    def __repr__(self) -> str:
        return f"UnknownValue({str(self)!r})"
