"""What the Gateway's file holds is sealed: passwords of chargers, keys in their memory, frames that carried either.

The key lies beside the file, for its owner only. Who gets the file alone, a backup say, cannot read it.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


class SealError(Exception):
    """There is no such key, or it is another one; the text says which."""


class Seal:
    """Seals and opens bytes with one key (AES-256-GCM).

    Args:
        key: 32 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def beside(cls, path: Path, *, may_be_made: bool) -> Seal:
        """The seal of a file, with the key in ``PATH.key``.

        Args:
            path: of the file.
            may_be_made: whether the file is new, and so may get a new key.

        Raises:
            SealError: the key is missing or no key.
            OSError: it cannot be read or written.
        """
        place = path.with_name(f"{path.name}.key")
        try:
            key = place.read_bytes()
        except FileNotFoundError:
            if not may_be_made:
                raise SealError(f"{place}, the key to {path}, is missing") from None
            key = os.urandom(_KEY_BYTES)
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(key)
        if len(key) != _KEY_BYTES:
            raise SealError(f"{place} holds no key")
        return cls(key)

    def close(self, data: bytes) -> bytes:
        """The data, sealed."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, None)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            SealError: it was sealed with another key, or has been changed.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise SealError("it was sealed with another key, or has been changed") from error
