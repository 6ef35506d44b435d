"""What EVerest's schema says of a property: stands beside the property's Python type in an ``Annotated``."""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.vocabulary.described import Vocabulary


@dataclass(frozen=True, slots=True)
class Property:
    """The JSON side of an attribute.

    Attributes:
        description: one sentence for people.
        required: it must be there.
        vocabulary: the first vocabulary that has it.
        always_written: later peers insist on it, even empty, while earlier ones do not know it: written always, and
            not missed where it is absent.
        until: the last vocabulary that has it, where a later one has replaced it.
        name: its JSON name where that is not the attribute's.
        min_length: least number of characters.
        max_length: greatest number of characters.
        minimum: least value of each whole number.
        min_items: least number of items where it is there.
        max_items: greatest number of items.
    """

    description: str
    required: bool = False
    vocabulary: Vocabulary = Vocabulary.PAGE
    until: Vocabulary | None = None
    always_written: bool = False
    name: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | None = None
    min_items: int | None = None
    max_items: int | None = None
