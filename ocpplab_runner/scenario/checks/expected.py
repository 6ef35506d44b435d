"""Checks of expected payloads: a key or a value that no OCPP schema has can never be met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.ocppj import validation
from ocpplab_runner.scenario.checks.asked import check_question
from ocpplab_runner.scenario.checks.payloads import REQUEST, RESPONSE
from ocpplab_runner.scenario.checks.scope import Scope, spelled
from ocpplab_runner.scenario.known_values import Known
from ocpplab_runner.vocabulary.versions import OcppVersion

_SCHEMAS = {REQUEST: validation.request_schema, RESPONSE: validation.response_schema}


def check_expected(
    scope: Scope,
    container: dict[str, Any],
    key: str,
    kind: str,
    actions: Mapping[OcppVersion, str],
    *,
    frames: bool = False,
) -> None:
    """Check the keys and the values of an expected payload.

    What one version has is enough: the payload may be meant for that one.

    Args:
        scope: of the step.
        container: the mapping that holds the payload.
        key: of the payload in it.
        kind: ``request`` or ``response``.
        actions: the OCPP action, in each version that has it.
        frames: whether any frame is looked at: then what the scenario itself sends wrongly may come.
    """
    check_question(scope, container, key, known_payload(kind, actions), frames=frames)


def known_payload(kind: str, actions: Mapping[OcppVersion, str]) -> Known:
    """What is known of the payload of a message; ``kind`` and ``actions`` as for :func:`check_expected`."""
    schemas = [_SCHEMAS[kind](version, action) for version, action in actions.items()]
    nodes = tuple((schema, schema) for schema in schemas)
    names = " or ".join(dict.fromkeys(actions.values()))
    return Known(nodes, f"{names} {kind} of {spelled(actions)}" if actions else kind, inside=True)
