"""One-time codes of a code that is paid: "TOTP algorithm, version 1" of OCPP 2.1 C25. Pure."""

from __future__ import annotations

import hmac
from string import ascii_lowercase, ascii_uppercase, digits

_LETTERS = digits + ascii_lowercase + ascii_uppercase


def totp(secret: str, seconds: float, validity: int, length: int) -> str:
    """The one-time code at a moment.

    Args:
        secret: what station and CSMS share.
        seconds: the moment, since 1970.
        validity: for how many seconds a code is the same.
        length: characters of it.
    """
    interval = int(seconds // validity)
    digest = hmac.digest(secret.encode(), interval.to_bytes(8, "big"), "sha256")
    # The last four bits say where to begin, as in HOTP (RFC 4226 section 5.3).
    offset = digest[-1] & 0x0F
    picked = (digest[(offset + number) % len(digest)] for number in range(length))
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in picked)
