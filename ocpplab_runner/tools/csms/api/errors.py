"""What the API refuses."""

from __future__ import annotations


class Refusal(Exception):
    """A request that is refused; the text becomes the answer's ``detail``.

    Attributes:
        status: 400 for what makes no sense, 401, 404 for an unknown station, 409 for what cannot be now, 501 for what
            the station's OCPP version does not have.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
