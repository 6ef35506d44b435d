"""What the firmware of a simulated charger looks like: a line that says its version, and as many bytes as wanted."""

from __future__ import annotations

import re

#: Not more than firmwareVersion of BootNotification has room for.
_HEAD = re.compile(rb"ocpplab-runner firmware (?P<version>[ -~]{1,50})\n")
_FILLING = bytes(range(256))


def firmware_image(version: str, size: int = 0) -> bytes:
    """The image of a version.

    Args:
        version: of printable ASCII characters, at most 50.
        size: in bytes; never less than its first line.
    """
    head = f"ocpplab-runner firmware {version}\n".encode()
    missing = max(0, size - len(head))
    return head + (_FILLING * (missing // len(_FILLING) + 1))[:missing]


def version_of(image: bytes) -> str | None:
    """The version that an image says; None for one of another make."""
    found = _HEAD.match(image)
    return None if found is None else found["version"].decode()
