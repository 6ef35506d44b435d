"""Texts for the driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ocpplab_runner.authorization.types.property import Property
from ocpplab_runner.authorization.types.unknown import UnknownValue
from ocpplab_runner.vocabulary.described import DescribedEnum, Vocabulary


class MessageFormat(DescribedEnum):
    """How a text is to be read."""

    ASCII = "ASCII", "Plain text in printable ASCII."
    HTML = "HTML", "A piece of a web page."
    URI = "URI", "The address of what is to be shown."
    UTF8 = "UTF8", "Plain text."
    QRCODE = "QRCODE", "Text that is to be shown as a QR code.", Vocabulary.LATER


@dataclass(frozen=True, slots=True)
class MessageContent:
    """A text that a display can show."""

    content: Annotated[str, Property("The text.", required=True)]
    format: Annotated[MessageFormat | UnknownValue | None, Property("How it is to be read.")] = None
    language: Annotated[str | None, Property("The language it is in, after RFC 5646.")] = None
