"""Why a file has not come across."""

from __future__ import annotations

from typing import Literal

#: The words of UploadLogStatusEnumType (2.x N01), which a charger has to choose from: PermissionDenied,
#: BadMessage, NotSupportedOperation, UploadFailure.
#: ``denied``: the server lets nobody, or not this one; ``bad``: it does not understand the request; ``unsupported``: it
#: does not do such a thing; ``failed``: anything else.
Why = Literal["denied", "bad", "unsupported", "failed"]


class TransferError(Exception):
    """A file has not come across; the text says why.

    Attributes:
        why: the kind of the reason.
    """

    def __init__(self, text: str, why: Why = "failed") -> None:
        super().__init__(text)
        self.why: Why = why
