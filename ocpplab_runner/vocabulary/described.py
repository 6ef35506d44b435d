"""Enumerations whose members say what they mean, and which of EVerest's vocabularies they belong to."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Vocabulary(StrEnum):
    """An EVerest authorization vocabulary; the later one holds the earlier."""

    PAGE = "1"  # what the documentation page of the authorization types names
    LATER = "2"  # what the page lacks: added since, or from the neighbouring page about reservations


class DescribedEnum(StrEnum):
    """Strings with a meaning each: ``MEMBER = value, meaning[, vocabulary]``.

    Attributes:
        meaning: one sentence for people.
        vocabulary: the first vocabulary that has the value.
    """

    meaning: str
    vocabulary: Vocabulary

    def __new__(cls, value: str, meaning: str = "", vocabulary: Vocabulary = Vocabulary.PAGE) -> Self:
        member = str.__new__(cls, value)
        # Otherwise the whole tuple would be its value.
        member._value_ = value
        member.meaning = meaning
        member.vocabulary = vocabulary
        return member
