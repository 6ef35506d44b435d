"""What refused requests are answered with."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.gateway.server.models.base import Body


class Problem(Body):
    """Why the request was refused."""

    detail: str


class FieldProblem(Body):
    """One thing that is wrong with the request."""

    loc: list[str | int]
    msg: str
    type: str
    input: Any = None
    ctx: dict[str, Any] | None = None


class ValidationProblem(Body):
    """What is wrong with the request's form."""

    detail: list[FieldProblem] | None = None


_TEXTS = {
    400: "The request makes no sense",
    401: "No bearer token, or an unknown one",
    403: "The token does not reach that",
    404: "There is no such thing in the organization",
    409: "More than one thing is meant",
    500: "The Gateway itself has failed",
    501: "A part of the API that this Gateway does not have",
    503: "The Gateway is full",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI of refusals with those statuses; 401, 403, 422 and 500 are always among them."""
    answers: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": _TEXTS[status]} for status in sorted({401, 403, 500, *statuses})
    }
    answers[422] = {"model": ValidationProblem, "description": "The request has the wrong form"}
    return answers
