"""What the Gateway's process says of its own troubles."""

from __future__ import annotations

import logging
import sys
from random import Random

from ocpplab_runner.cli.gateway import _Lines
from ocpplab_runner.gateway.server.serving import LocalGateway
from ocpplab_runner.gateway.server.settings import GatewaySettings, with_token


def _line(lines: _Lines, text: str, *, broken: bool) -> str:
    try:
        raise RuntimeError(text)
    except RuntimeError:
        info = sys.exc_info() if broken else None
    return lines.format(logging.LogRecord("gateway", logging.ERROR, __file__, 1, text, None, info))


def test_no_token_and_no_command_of_the_ci_stands_in_a_line() -> None:
    """Neither where a request is refused nor in a traceback."""
    settings = with_token(GatewaySettings(), "the-token-of-acme")
    lines = _Lines(LocalGateway(settings, random=Random(1)), ["the-token-of-acme"])
    for broken in (False, True):
        said = _line(lines, "GET /the-token-of-acme?key=AAAABBBB\n::error::x", broken=broken)
        assert "the-token-of-acme" not in said
        assert "AAAABBBB" not in said
        assert not any(line.startswith("::") for line in said.splitlines())
