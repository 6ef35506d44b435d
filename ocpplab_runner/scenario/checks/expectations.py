"""Checks of ``expect``, ``never`` and ``throughout``: facets, their versions, matchers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocpplab_runner.ocppj.schemas import send_actions
from ocpplab_runner.ocppj.validation import is_known_action
from ocpplab_runner.scenario.checks.asked import check_event, check_question, check_whole
from ocpplab_runner.scenario.checks.contiguous import warn_of_gaps, warn_of_no_sequence
from ocpplab_runner.scenario.checks.expected import check_expected, known_payload_of, known_send
from ocpplab_runner.scenario.checks.payloads import RESPONSE, check_action, pascal
from ocpplab_runner.scenario.checks.reasons import check_expected_reason
from ocpplab_runner.scenario.checks.scope import Scope, Versions, is_computed, spelled
from ocpplab_runner.scenario.checks.settings import check_setting_name
from ocpplab_runner.scenario.checks.tokens import check_status, check_token
from ocpplab_runner.scenario.checks.unlikely import (
    is_sent_raw,
    warn_of_error_code,
    warn_of_evse,
    warn_of_file,
    warn_of_key,
    warn_of_message,
    warn_of_validator,
)
from ocpplab_runner.scenario.registry import FacetSpec, VerbSpec
from ocpplab_runner.vocabulary.certificates import PLUG_AND_CHARGE
from ocpplab_runner.vocabulary.versions import OcppVersion

_TOKEN_FIELDS = ("id_tag", "parent_id_token")


def check_expect(scope: Scope, step: dict[str, Any], verb: str | None) -> set[str]:
    """Check a step's ``expect``; returns the names of its facets."""
    value = step.get("expect")
    names: set[str] = set()
    if step.get("in_order") is True and step.get("in_any_order") is True:
        message = "'in_order' and 'in_any_order' exclude each other"
        scope.at_key(step, "in_order", "conflicting-keys", message, "in_order keeps the order and lets others between")
    warn_of_gaps(scope, step)
    warn_of_no_sequence(scope, step)
    if isinstance(value, str):
        check_status(scope, step, "expect")
        names.add("auth_status")
    elif isinstance(value, dict):
        names.update(_facets(scope, value, step, verb))
        if value.get("response") == "none" and "call_error" in value:
            message = "'response: none' says that no answer comes, and a 'call_error' is one"
            scope.at_key(value, "call_error", "conflicting-keys", message)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                names.update(_facets(scope, item, step, verb))
    return names


def check_never(scope: Scope, container: dict[str, Any]) -> None:
    """Check a ``never``, of a step or of ``throughout``."""
    value = container.get("never")
    if isinstance(value, dict):
        for name in value:
            facet = scope.language.facets.get(name)
            if facet is None:
                continue
            if facet.bound:
                message = f"'{name}' looks at one answer or outcome; it can be expected, not forbidden"
                scope.at_key(value, name, "expectation-without-call", message, f"expect: {{{name}: {{$not: …}}}}")
            _facet(scope, value, name, facet, forbidden=True)


def check_still(scope: Scope, container: dict[str, Any]) -> None:
    """Check a step's ``still``."""
    value = container.get("still")
    if isinstance(value, dict):
        for name in value:
            facet = scope.language.facets.get(name)
            if facet is not None and facet.state is not None:
                _facet(scope, value, name, facet.present)


def _facets(scope: Scope, facets: dict[str, Any], step: dict[str, Any], verb: str | None) -> list[str]:
    known = scope.language.facets
    names = []
    for name in facets:
        facet = known.get(name)
        if facet is None:
            continue
        names.append(name)
        if facet.bound:
            _check_bound(scope, facets, facet, verb)
            _check_answer(scope, facets, name, step, verb)
        _facet(scope, facets, name, facet)
        if name == "connector_status" and verb == "authorize_id_tag":
            _check_card_first(scope, facets, step)
    return names


def gives_command(spec: VerbSpec | None) -> bool:
    """Whether a step of that verb has an ``outcome``; of a plugin's verb only the plugin knows."""
    return spec is not None and ("." in spec.name or (spec.actor in ("charger", "world") and spec.opens_window))


def makes_call(spec: VerbSpec | None) -> bool:
    """Whether a step of that verb has a ``response``; of a plugin's verb only the plugin knows."""
    if spec is None:
        return False
    return "." in spec.name or (spec.actor == "csms" and spec.opens_window) or spec.calls is not None


def _check_bound(scope: Scope, facets: dict[str, Any], facet: FacetSpec, verb: str | None) -> None:
    spec = scope.language.verbs.get(verb) if verb else None
    if facet.kind == "command":
        if not gives_command(spec):
            message = f"'{facet.name}' looks at what became of this step's own command, but this step gives none"
            scope.at_key(facets, facet.name, "expectation-without-call", message)
    elif not makes_call(spec):
        message = f"'{facet.name}' looks at the answer to this step's own call, but this step makes none"
        hint = "to look at any frame use `message: {action: …, type: result, …}`"
        scope.at_key(facets, facet.name, "expectation-without-call", message, hint)


def _facet(scope: Scope, facets: dict[str, Any], name: str, facet: FacetSpec, *, forbidden: bool = False) -> None:
    value = facets[name]
    wrong = scope.wrong_in(lambda version: version not in facet.versions)
    if wrong:
        message = f"no frame of {spelled(wrong)} shows {name}"
        scope.at_key(facets, name, "fact-not-in-version", message, "limit the step with `only`")
        return
    if isinstance(value, list):
        for index in range(len(value)):
            _event(scope, value, index, facet, forbidden)
    else:
        _event(scope, facets, name, facet, forbidden)


def _event(scope: Scope, container: Any, key: str | int, facet: FacetSpec, forbidden: bool) -> None:
    value = container[key]
    if isinstance(value, dict):
        if facet.name in scope.language.payload_facets:
            return
        if any(name.startswith("$") for name in value):
            if facet.name == "auth_status":
                _matched_statuses(scope, value)
            _bare(scope, container, key, facet)
            return
        _fields(scope, value, facet, forbidden)
        check_event(scope, container, key, facet)
        return
    if facet.name == "auth_status":
        check_status(scope, container, key)
    if value is not None:
        _bare(scope, container, key, facet)


def _bare(scope: Scope, container: Any, key: str | int, facet: FacetSpec) -> None:
    check_whole(scope, container, key, facet)
    if facet.name == "call_error":
        warn_of_error_code(scope, container, key)


def _fields(scope: Scope, fields: dict[str, Any], facet: FacetSpec, forbidden: bool) -> None:
    specs = {spec.name: spec for spec in facet.fields}
    for name, value in fields.items():
        spec = specs.get(name)
        if spec is not None and spec.versions is not None:
            wrong = scope.wrong_in(frozenset(OcppVersion).difference(spec.versions).__contains__)
            if wrong:
                message = f"no frame of {spelled(wrong)} shows '{name}' of {facet.name}"
                scope.at_key(fields, name, "fact-not-in-version", message, "limit the step with `only`")
        if name in _TOKEN_FIELDS and not isinstance(value, dict | list):
            check_token(scope, fields, name)
    if facet.name == "auth_status" and "is" in fields:
        if isinstance(fields["is"], dict):
            _matched_statuses(scope, fields["is"])
        else:
            check_status(scope, fields, "is")
    elif facet.name == "connector_status":
        check_connector(scope, fields)
    elif facet.name == "transaction" and "reason" in fields:
        check_expected_reason(scope, fields)
    elif facet.name == "configuration":
        if "setting" in fields:
            check_setting_name(scope, fields, "setting")
        warn_of_key(scope, fields)
    elif facet.name == "message":
        _message(scope, fields, forbidden)
    elif facet.name == "validation_result":
        warn_of_validator(scope, fields)
    elif facet.name == "download":
        warn_of_file(scope, fields)
    if facet.name == "call_error" and "code" in fields:
        warn_of_error_code(scope, fields, "code")
    if "evse_id" in fields:
        warn_of_evse(scope, fields, "evse_id", facet.name)
    if "count" in fields and "at_least" in fields:
        scope.at_key(fields, "at_least", "conflicting-keys", "'count' and 'at_least' cannot both hold")


def _message(scope: Scope, fields: dict[str, Any], forbidden: bool) -> None:
    if "error_code" in fields:
        warn_of_error_code(scope, fields, "error_code")
    warn_of_message(scope, fields)
    action = fields.get("action")
    if is_computed(action):
        return
    if isinstance(action, str):
        unconfirmed = [version for version in scope.versions if action in send_actions(version)]
        having = unconfirmed or [version for version in scope.versions if is_known_action(version, action)]
        if not forbidden if having else not scope.raw and not is_sent_raw(scope, action):
            check_action(scope, fields, "action", unconfirmed=True)
        if unconfirmed:
            _unconfirmed(scope, fields, unconfirmed)
            return
    if isinstance(fields.get("payload"), dict):
        check_question(scope, fields, "payload", known_payload_of(fields, scope.versions), frames=True)


def _unconfirmed(scope: Scope, fields: dict[str, Any], versions: Sequence[OcppVersion]) -> None:
    """Check what is asked of a SEND, which nobody answers."""
    action, kind = fields["action"], fields.get("type", "error" if "error_code" in fields else "call")
    if kind in ("result", "error"):
        where = "type" if "type" in fields else "error_code"
        message = f"{action} is a SEND, which nobody answers"
        scope.at_key(fields, where, "never-met", message, f"without '{where}' it is the SEND itself")
    elif isinstance(fields.get("payload"), dict):
        check_question(scope, fields, "payload", known_send(versions, action), frames=True)


def _check_answer(scope: Scope, facets: dict[str, Any], name: str, step: dict[str, Any], verb: str | None) -> None:
    if name != "response" or verb is None or not isinstance(facets[name], dict):
        return
    if scope.raw:
        check_question(scope, facets, name)
    else:
        check_expected(scope, facets, name, RESPONSE, _answered(scope, step, verb))


def _answered(scope: Scope, step: dict[str, Any], verb: str) -> dict[OcppVersion, str]:
    """The call that a step makes, in each version that has it; empty where it cannot be known."""
    spec = scope.language.verbs[verb]
    actions = {version: spec.actions[version] for version in scope.versions if version in spec.actions}
    value = step[verb]
    # 1.6 has no such messages: its note on ISO 15118 wraps those of 2.0.1 into a DataTransfer.
    if OcppVersion.V16 in actions and _kinds(value) & PLUG_AND_CHARGE:
        actions[OcppVersion.V16] = "DataTransfer"
    if spec.calls is not None:
        action = value.get("action") if isinstance(value, dict) else value
        if not isinstance(action, str) or is_computed(action):
            return {}
        action = pascal(action) if spec.calls == "charger" else action
        actions = dict.fromkeys(scope.versions, action)
    return {version: action for version, action in actions.items() if is_known_action(version, action)}


def _kinds(value: Any) -> set[Any]:
    """Of which kinds the certificates are that a step is about."""
    kinds = value.get("type") if isinstance(value, dict) else value
    return {one for one in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(one, str)}


def _matched_statuses(scope: Scope, matcher: dict[str, Any]) -> None:
    wanted = matcher.get("$any_of")
    # One status that the version can carry is enough to be met.
    if isinstance(wanted, list) and wanted:
        for index in range(len(wanted)):
            check_status(scope, wanted, index)


def _check_card_first(scope: Scope, facets: dict[str, Any], step: dict[str, Any]) -> None:
    charger = step.get("charger") or scope.world.first_charger
    if charger in scope.world.plugged or not _wants_preparing(facets["connector_status"]):
        return
    # 2.x tells Preparing by Occupied, and a card alone makes no connector that.
    wrong = scope.wrong_in(lambda version: version is not OcppVersion.V16)
    if wrong:
        message = f"no frame of {spelled(wrong)} shows a Preparing that only a card causes"
        hint = 'plug the connector first, expect auth_status, or limit the step: only: ["1.6"]'
        scope.at_value(facets, "connector_status", "fact-not-in-version", message, hint)


def _wants_preparing(value: Any) -> bool:
    if isinstance(value, dict):
        value = value.get("is")
    return value == "Preparing" or (isinstance(value, list) and any(_wants_preparing(item) for item in value))


def check_connector(scope: Scope, fields: dict[str, Any]) -> None:
    """Check that a ``connector_id`` above 1 is only used where it means something."""
    number = fields.get("connector_id")
    if isinstance(number, int) and number > 1:
        wrong: Versions = tuple(version for version in scope.versions if version is OcppVersion.V16)
        if wrong and (scope.listed or len(scope.versions) == 1):
            message = "OCPP 1.6 has no connectors below an EVSE: there the EVSE's number is the connectorId"
            scope.at_value(
                fields, "connector_id", "connector-in-1.6", message, "use `evse_id`, or `only` with OCPP 2.x"
            )
