"""What the Gateway refuses, as exceptions that know their HTTP status."""

from __future__ import annotations

from typing import ClassVar


class GatewayError(Exception):
    """A request that is refused; the text becomes the answer's ``detail``."""

    status: ClassVar[int] = 500


class BadRequest(GatewayError):
    """The request is well formed and makes no sense."""

    status = 400


class Unauthorized(GatewayError):
    """No bearer token, or an unknown one."""

    status = 401


class Forbidden(GatewayError):
    """The token does not reach that."""

    status = 403


class NotFound(GatewayError):
    """There is no such thing in the caller's organization."""

    status = 404


class Conflict(GatewayError):
    """More than one thing is meant."""

    status = 409


class NotBuilt(GatewayError):
    """A part of the API that this Gateway does not have."""

    status = 501


class NotKept(GatewayError):
    """It has been done, and the file could not be written: a restart would lose it."""

    status = 500


class Unavailable(GatewayError):
    """Not now: the Gateway is full."""

    status = 503
