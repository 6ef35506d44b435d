"""Checks of expected payloads: a key or a value that no OCPP schema has can never be met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ocpplab_runner.ocppj import validation
from ocpplab_runner.ocppj.schemas import send_schema
from ocpplab_runner.scenario.checks.asked import check_question
from ocpplab_runner.scenario.checks.payloads import REQUEST, RESPONSE
from ocpplab_runner.scenario.checks.scope import Scope, Versions, spelled
from ocpplab_runner.scenario.known_values import ANYTHING, Known
from ocpplab_runner.vocabulary.versions import OcppVersion

_KINDS = {"call": REQUEST, "result": RESPONSE}
_SCHEMAS = {REQUEST: validation.request_schema, RESPONSE: validation.response_schema}


def check_expected(
    scope: Scope, container: dict[str, Any], key: str, kind: str, actions: Mapping[OcppVersion, str]
) -> None:
    """Check the keys and the values of an expected payload.

    What one version has is enough: the payload may be meant for that one.

    Args:
        scope: of the step.
        container: the mapping that holds the payload.
        key: of the payload in it.
        kind: ``request`` or ``response``.
        actions: the OCPP action, in each version that has it.
    """
    check_question(scope, container, key, known_payload(kind, actions))


def known_payload_of(fields: Mapping[str, Any], versions: Versions) -> Known:
    """What is known of the payload of the frames that the fields of a ``message`` are about."""
    action, kind = fields.get("action"), _KINDS.get(str(fields.get("type", "call")))
    if kind is None:
        return ANYTHING
    if isinstance(action, str):
        having = [version for version in versions if validation.is_known_action(version, action)]
        return known_payload(kind, dict.fromkeys(having, action))
    every = [(version, one) for version in versions for one in sorted(validation.actions(version))]
    schemas = [_SCHEMAS[kind](version, one) for version, one in every]
    return Known(tuple((schema, schema) for schema in schemas), f"{kind} of {spelled(versions)}", inside=True)


def known_send(versions: Sequence[OcppVersion], action: str) -> Known:
    """What is known of the payload of a SEND, in the versions that have it."""
    nodes = tuple((schema, schema) for schema in (send_schema(version, action) for version in versions))
    return Known(nodes, f"{action} of {spelled(tuple(versions))}", inside=True)


def known_payload(kind: str, actions: Mapping[OcppVersion, str]) -> Known:
    """What is known of the payload of a message; ``kind`` and ``actions`` as for :func:`check_expected`."""
    schemas = [_SCHEMAS[kind](version, action) for version, action in actions.items()]
    nodes = tuple((schema, schema) for schema in schemas)
    names = " or ".join(dict.fromkeys(actions.values()))
    return Known(nodes, f"{names} {kind} of {spelled(actions)}" if actions else kind, inside=True)
