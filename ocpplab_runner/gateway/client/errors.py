"""What can go wrong between us and a Gateway. Each message names the request and what to do, and never a token."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.vocabulary.texts import shortened


class GatewayError(Exception):
    """A request did not get what it asked for.

    Args:
        request: method and path, such as ``POST /ocpp/commands/plug-connector``.
        message: what happened, in one clause.
        status: the HTTP status, or None without an answer.
        retry_after: seconds of patience that the answer asks for, or None.

    Attributes:
        reached: whether somebody answered who understood the request; False is a matter of infrastructure.
    """

    reached = False

    def __init__(
        self, request: str, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{request}: {message}")
        self.request = request
        self.message = message
        self.status = status
        self.retry_after = retry_after


class UnreachableError(GatewayError):
    """No connection."""


class NoAnswerError(GatewayError):
    """The connection was there, the answer was not: nobody knows whether the request was carried out."""


class UnauthorizedError(GatewayError):
    """401: the token is missing, invalid or over."""


class ForbiddenError(GatewayError):
    """403: the wrong role, or no tenant."""


class NotFoundError(GatewayError):
    """404: there is no such object for this tenant."""

    reached = True


class RefusedError(GatewayError):
    """400 or 409: the Gateway understood and would not."""

    reached = True


class InvalidRequestError(GatewayError):
    """422: the request does not fit the Gateway's schema."""

    reached = True


class RateLimitedError(GatewayError):
    """429: too many requests."""


class ServerTroubleError(GatewayError):
    """5xx: the Gateway is in trouble."""


class NotTheApiError(GatewayError):
    """The answer is not what the API says: no JSON, or of another shape."""


_MOST_SHOWN = 300
_KINDS: dict[int, type[GatewayError]] = {
    400: RefusedError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: RefusedError,
    422: InvalidRequestError,
    429: RateLimitedError,
}
_HINTS = {
    401: "the token is missing, invalid or has expired",
    403: "the token's role or tenant may not do that",
    404: "there is no such object for this tenant",
    429: "too many requests",
}


def error_of(request: str, status: int, body: Any, retry_after: float | None = None) -> GatewayError:
    """The error behind an HTTP status that is no success.

    Args:
        request: method and path.
        status: the HTTP status.
        body: the answer's JSON, or what it says.
        retry_after: seconds of patience that the answer asks for.
    """
    kind = _KINDS.get(status, ServerTroubleError if status >= 500 else NotTheApiError)
    parts = [f"HTTP {status}"]
    if status in _HINTS:
        parts.append(_HINTS[status])
    told = detail_of(body)
    if told:
        parts.append(told)
    return kind(request, ": ".join(parts), status=status, retry_after=retry_after)


def detail_of(body: Any) -> str:
    """What an error's body says: ``{"detail": "text"}``, or the places and messages of a 422."""
    detail = body.get("detail") if isinstance(body, dict) else body
    if isinstance(detail, list):
        detail = "; ".join(_place(item) for item in detail)
    text = " ".join(str(detail).split()) if detail else ""
    return shortened(text, _MOST_SHOWN)


def _place(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    where = ".".join(str(part) for part in item.get("loc", ()))
    return f"{where}: {item.get('msg', item.get('type', 'wrong'))}" if where else str(item.get("msg", item))
