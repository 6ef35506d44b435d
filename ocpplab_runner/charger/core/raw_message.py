"""Messages past the station's own state: names in OCPP's spelling or in snake_case. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.ocppj.names import camel_case, payload_names
from ocpplab_runner.vocabulary.versions import OcppVersion


def spelled_out(version: OcppVersion, action: str, payload: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An action and its payload as OCPP spells them.

    Names that OCPP does not have stay as they are: a test may want just these.
    """
    name = camel_case(version, action)
    return name, dict(payload_names(version, name, payload, "request"))
