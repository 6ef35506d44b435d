"""Checks of OCPP actions and payloads against the schemas of the versions in which a step runs."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from ocpplab_runner.ocppj import validation
from ocpplab_runner.ocppj.schemas import send_actions
from ocpplab_runner.scenario.checks.scope import Scope, Versions, have, is_computed, spelled
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion

REQUEST, RESPONSE = "request", "response"
_VALIDATE = {REQUEST: validation.validate_request, RESPONSE: validation.validate_response}
_SCHEMA = {REQUEST: validation.request_schema, RESPONSE: validation.response_schema}


def check_action(
    scope: Scope, container: dict[str, Any], key: str, *, spellings: bool = False, unconfirmed: bool = False
) -> Versions:
    """Check that the action under a key exists; returns the versions that have it.

    Args:
        scope: of the step.
        container: the mapping that holds it.
        key: of the action.
        spellings: whether snake_case is allowed (``proxy_message``).
        unconfirmed: whether it may be that of a SEND.
    """
    action = container.get(key)
    if not isinstance(action, str) or not action or is_computed(action):
        return ()
    if spellings:
        action = pascal(action)

    def has(version: OcppVersion) -> bool:
        known = validation.is_known_action(version, action)
        return known or (unconfirmed and action in send_actions(version))

    having = tuple(version for version in scope.versions if has(version))
    missing = tuple(version for version in scope.versions if version not in having)
    if not having:
        elsewhere = tuple(version for version in OcppVersion if has(version))
        if elsewhere:
            there = f"{spelled(elsewhere)} {have(elsewhere)}"
            message = f"{spelled(scope.versions)} {have(scope.versions)} no action {action}; {there}"
            scope.at_value(container, key, "unknown-action", message)
        else:
            names: set[str] = set().union(*(validation.actions(version) for version in scope.versions))
            message = f"{spelled(scope.versions)} {have(scope.versions)} no action {shortened(action)}"
            scope.at_value(container, key, "unknown-action", message, did_you_mean(action, names))
    elif missing and scope.listed:
        only = ", ".join(f'"{version.value}"' for version in having)
        message = f"{spelled(missing)} {have(missing)} no action {action}"
        scope.at_value(container, key, "unknown-action", message, f"limit the step: only: [{only}]")
    return having


def check_named_action(scope: Scope, container: dict[str, Any], key: str) -> None:
    """Check that a key that is an action exists in some version that the file is for, whatever the target speaks."""
    if not any(validation.is_known_action(version, key) for version in {*scope.versions, *scope.world.elsewhere}):
        names: set[str] = set().union(*(validation.actions(version) for version in scope.versions))
        message = f"{spelled(scope.versions)} {have(scope.versions)} no action {shortened(key)}"
        scope.at_key(container, key, "unknown-action", message, did_you_mean(key, names))


def check_payload(
    scope: Scope,
    container: dict[str, Any],
    key: str,
    kind: str,
    action: str,
    versions: Iterable[OcppVersion],
    *,
    partial: bool = False,
    payload: Any = None,
) -> None:
    """Check a payload against the schema of its action in each version.

    Args:
        scope: of the step.
        container: the mapping that holds the payload.
        key: of the payload; when it is missing, an empty payload is meant.
        kind: ``request`` or ``response``.
        action: the OCPP action.
        versions: those that have the action.
        partial: whether parts may be missing (``patch``).
        payload: what to check in the place of what stands there (snake_case keys written as OCPP has them).
    """
    written = container.get(key, {})
    if payload is None:
        payload = written
    if not isinstance(payload, dict):
        return
    unsure = scope.computed and _has_computed(payload)
    wrong: list[tuple[OcppVersion, list[Any]]] = []
    candidates = tuple(versions)
    for version in candidates:
        if _VALIDATE[kind](version, action, payload) is None:
            continue
        breaches = _breaches(kind, version, action, payload, unsure, partial)
        if breaches:
            wrong.append((version, breaches))
    if not wrong or (not scope.listed and len(wrong) < len(candidates)):
        return
    seen: set[tuple[Any, ...]] = set()
    for version, breaches in wrong:
        for breach in breaches:
            if (breach.path, breach.message) in seen:
                continue
            seen.add((breach.path, breach.message))
            where = _path(breach.path)
            message = f"{where + ' ' if where else ''}{breach.message} (OCPP {version.value} {action} {kind})"
            hint = "`raw: true` lets it through"
            others = [other for other in candidates if other not in [bad for bad, _ in wrong]]
            if others:
                only = ", ".join(f'"{other.value}"' for other in others)
                hint = f"limit the step: only: [{only}]"
            scope.report(_span(scope.document, container, key, breach.path), "payload-breaks-schema", message, hint)


def check_error_code(scope: Scope, container: dict[str, Any], key: str) -> None:
    """Check a CALLERROR code."""
    code = container.get(key)
    if not isinstance(code, str) or not code or is_computed(code):
        return
    wrong = scope.wrong_in(lambda version: code not in validation.ERROR_CODES[version])
    if wrong:
        known = set().union(*(validation.ERROR_CODES[version] for version in wrong))
        message = f"{spelled(wrong)} {have(wrong)} no error code {shortened(code)}"
        scope.at_value(container, key, "value-not-allowed", message, did_you_mean(code, known))


def check_trigger(scope: Scope, container: Any, key: str) -> None:
    """Check what TriggerMessage is asked for."""
    wanted = container.get(key)
    if not isinstance(wanted, str) or is_computed(wanted):
        return
    wrong = scope.wrong_in(lambda version: wanted not in _triggers(version))
    if wrong:
        known = set().union(*(_triggers(version) for version in scope.versions))
        message = f"TriggerMessage of {spelled(wrong)} knows no {shortened(wanted)}"
        scope.at_value(container, key, "value-not-allowed", message, did_you_mean(wanted, known))


@functools.cache
def _triggers(version: OcppVersion) -> frozenset[str]:
    schema = validation.request_schema(version, "TriggerMessage")
    field = schema["properties"]["requestedMessage"]
    if "$ref" in field:
        field = schema["definitions"][field["$ref"].rpartition("/")[2]]
    return frozenset(field["enum"])


def pascal(action: str) -> str:
    """``boot_notification`` as OCPP writes it; anything else as it is."""
    if "_" in action or action.islower():
        wanted = action.replace("_", "").lower()
        for version in OcppVersion:
            for name in validation.actions(version):
                if name.lower() == wanted:
                    return name
    return action


def camel_keys(value: Any) -> Any:
    """The payload with snake_case keys written as OCPP writes them."""
    if isinstance(value, dict):
        return {_camel(key): camel_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [camel_keys(item) for item in value]
    return value


def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest) if rest and head else key


def _has_computed(value: Any) -> bool:
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, dict):
        return any(_has_computed(item) for item in value.values())
    return isinstance(value, list) and any(_has_computed(item) for item in value)


def _breaches(
    kind: str, version: OcppVersion, action: str, payload: dict[str, Any], unsure: bool, partial: bool
) -> list[Any]:
    if (unsure or partial) and not any(
        _counts(payload, tuple(error.instance_path), str(error.schema_path[-1]), partial)
        for error in _quick(kind, version, action).iter_errors(payload)
    ):
        return []
    from ocpplab_runner.ocppj.diagnosis import every_breach  # imports jsonschema, which most checks never need

    return [
        breach
        for breach in every_breach(_SCHEMA[kind](version, action), version, payload)
        if _counts(payload, breach.path, breach.keyword, partial)
    ]


@functools.cache
def _quick(kind: str, version: OcppVersion, action: str) -> Any:
    import jsonschema_rs

    # The drafts that OCPP's own schemas are written in.
    schema = _SCHEMA[kind](version, action)
    return (
        jsonschema_rs.Draft4Validator(schema) if version is OcppVersion.V16 else jsonschema_rs.Draft6Validator(schema)
    )


def _counts(payload: Any, path: tuple[Any, ...], keyword: str, partial: bool) -> bool:
    """Whether a breach is sure: not about a value that is computed later, nor about a part left out on purpose."""
    if partial and keyword == "required":
        return False
    value = payload
    for key in path:
        value = value[key]
    return not is_computed(value)


def _path(path: Iterable[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{shortened(part)}"
    return text.removeprefix(".")


def _span(document: Document, container: dict[str, Any], key: str, path: tuple[str | int, ...]) -> Any:
    if key not in container:
        return document.span(container)
    value = container[key]
    holder: Any = container
    last: str | int = key
    for part in path:
        if isinstance(value, dict):
            written = next((name for name in value if name == part or _camel(name) == part), None)
            if written is None:
                break
            holder, last, value = value, written, value[written]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            holder, last, value = value, part, value[part]
        else:
            break
    if isinstance(holder, dict) and isinstance(holder[last], dict | list):
        return document.key_span(holder, str(last))
    return document.value_span(holder, last)
