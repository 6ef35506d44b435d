"""Checks of single verbs' values, by verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ocpplab_runner.scenario.checks.authorization import check_verdict
from ocpplab_runner.scenario.checks.card_types import card_types, check_card_type
from ocpplab_runner.scenario.checks.expectations import check_connector
from ocpplab_runner.scenario.checks.given import check_evse, check_reply
from ocpplab_runner.scenario.checks.payloads import (
    REQUEST,
    camel_keys,
    check_action,
    check_payload,
    check_trigger,
    pascal,
)
from ocpplab_runner.scenario.checks.reasons import check_reason
from ocpplab_runner.scenario.checks.scope import Scope, is_computed
from ocpplab_runner.scenario.checks.settings import check_configuration, check_setting_name, check_settings
from ocpplab_runner.scenario.checks.tokens import check_cards, check_number, check_status, check_token, check_type
from ocpplab_runner.scenario.registry import VerbSpec

#: Verbs after which an EV may be plugged in.
PLUGGING = frozenset({"plug_connector", "start_session"})
_TOKENS = ("id_tag", "parent_id_token", "group_id_token", "id_token")


def check_verb(scope: Scope, step: dict[str, Any], verb: str) -> None:
    """Check the value of a step's verb beyond the schema."""
    value = step[verb]
    raw = step.get("raw") is True
    spec = scope.language.verbs[verb]
    check_card_type(scope, step, verb)
    if isinstance(value, dict):
        if spec.value is None:
            _common(scope, step, verb, value, raw)
        _special(scope, step, spec, value, raw)
    elif spec.shorthand in _TOKENS:
        if not raw:
            check_token(scope, step, verb)
    elif spec.shorthand == "evse_id" and spec.actor == "charger":
        _shorthand_evse(scope, step, verb, raw)
    elif verb == "trigger_message" and not raw:
        check_trigger(scope, step, verb)
    elif verb == "get_configuration":
        _setting_names(scope, step, verb)
    elif spec.calls == "csms":
        versions = check_action(scope, step, verb) if not raw else ()
        if versions:
            check_payload(scope, step, verb, REQUEST, value, versions, payload={})
    elif value is None:
        _special(scope, step, spec, {}, raw)


def _special(scope: Scope, step: dict[str, Any], spec: VerbSpec, fields: dict[str, Any], raw: bool) -> None:
    """What goes beyond single fields that all verbs may have."""
    if spec.one_of:
        _one_of(scope, step, spec, fields)
    if spec.calls == "csms":
        _csms_call(scope, step, spec.name, fields, raw)
    elif spec.calls == "charger":
        _proxy_message(scope, step, spec.name, fields, raw)
    if spec.programs is not None:
        check_reply(scope, fields, scope.document.key_span(step, spec.name), raw=raw)
    special = _SPECIAL.get(spec.name)
    if special is not None:
        special(scope, step, spec.name, fields, raw)


def _common(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if not raw:
        for name in _TOKENS:
            if isinstance(fields.get(name), dict):
                if "value" in fields[name]:
                    check_token(scope, fields[name], "value")
                    check_number(scope, fields[name], "value", fields[name].get("type"))
            elif name in fields:
                check_token(scope, fields, name)
        if "id_tag" in fields:
            check_number(scope, fields, "id_tag", fields.get("id_token_type"))
        if "id_token_type" in fields:
            check_type(scope, fields, "id_token_type")
    if "connector_id" in fields:
        check_connector(scope, fields)
    if "evse_id" in fields and not raw and scope.language.verbs[verb].actor == "charger" and not _expects_refusal(step):
        check_evse(scope, fields, _charger(scope, step))


def _shorthand_evse(scope: Scope, step: dict[str, Any], verb: str, raw: bool) -> None:
    evse = step[verb]
    count = scope.world.chargers.get(_charger(scope, step))
    if isinstance(evse, int) and count is not None and evse > count and not raw and not _expects_refusal(step):
        has = "1 EVSE" if count == 1 else f"{count} EVSEs"
        message = f"the charger has {has}; there is no EVSE {evse}"
        scope.at_value(step, verb, "unknown-evse", message, "see `evses` in `given`")


def _expects_refusal(step: dict[str, Any]) -> bool:
    expect = step.get("expect")
    return isinstance(expect, dict) and ("outcome" in expect or "withdrawal" in expect)


def _charger(scope: Scope, step: dict[str, Any]) -> str:
    charger = step.get("charger")
    return charger if isinstance(charger, str) else scope.world.first_charger


def _csms_call(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if raw:
        return
    versions = check_action(scope, fields, "action")
    if versions:
        check_payload(scope, fields, "payload", REQUEST, fields["action"], versions)


def _proxy_message(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    version = fields.get("ocpp_version")
    if isinstance(version, str) and not is_computed(version):
        wrong = scope.wrong_in(lambda other: other.subprotocol != version)
        if wrong:
            message = f"the step also runs in OCPP {wrong[0].value}"
            scope.at_value(fields, "ocpp_version", "value-not-allowed", message, "leave `ocpp_version` out")
    if "text" in fields:
        for name in ("action", "payload"):
            if name in fields:
                scope.at_key(fields, name, "conflicting-keys", f"'text' and '{name}' cannot both stand here")
        return
    missing = [f"'{name}'" for name in ("action", "payload") if name not in fields]
    if missing:
        scope.at_key(step, verb, "missing-key", f"'{verb}' needs {' and '.join(missing)}, or else a 'text'")
    if "binary" in fields:
        scope.at_key(fields, "binary", "conflicting-keys", "'binary' belongs to a 'text'")
    if raw or "action" not in fields:
        return
    versions = check_action(scope, fields, "action", spellings=True)
    payload = fields.get("payload")
    if versions and isinstance(payload, dict):
        action = pascal(fields["action"])
        check_payload(scope, fields, "payload", REQUEST, action, versions, payload=camel_keys(payload))


def _one_of(scope: Scope, step: dict[str, Any], spec: VerbSpec, fields: dict[str, Any]) -> None:
    given = [name for name in spec.one_of if name in fields]
    if not given:
        message = f"'{spec.name}' needs {' or '.join(repr(name) for name in spec.one_of)}"
        scope.at_key(step, spec.name, "missing-key", message)
    elif len(given) > 1:
        message = f"'{given[0]}' and '{given[1]}' cannot both stand here"
        scope.at_key(fields, given[1], "conflicting-keys", message)


def _set_configuration(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if not fields:
        scope.at_key(step, verb, "missing-key", "'set_configuration' needs 'settings' or 'configuration'")
    if not raw:
        check_settings(scope, fields.get("settings"), on_the_wire=False)
        check_configuration(scope, fields.get("configuration"))


def _change_configuration(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if not raw:
        check_settings(scope, fields, on_the_wire=True)


def _get_configuration(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if "settings" in fields:
        _setting_names(scope, fields, "settings")


def _setting_names(scope: Scope, container: dict[str, Any], key: str) -> None:
    value = container[key]
    if isinstance(value, list):
        for index in range(len(value)):
            check_setting_name(scope, value, index)
    else:
        check_setting_name(scope, container, key)


def _send_local_list(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if not raw:
        check_cards(scope, fields.get("entries"))


def _send_local_auth_list(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    entries = fields.get("entries")
    if raw or not isinstance(entries, list):
        return
    for entry in entries:
        if isinstance(entry, dict):
            for name in ("id_tag", "parent_id_tag"):
                if name in entry:
                    check_token(scope, entry, name)
            if "status" in entry:
                check_status(scope, entry, "status")


def _update_id_tokens(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if not raw:
        check_cards(scope, fields)
    scope.world.card_types.update(card_types(fields))


def _trigger_message(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if not raw:
        check_trigger(scope, fields, "message")


def _stop_transaction(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if "reason" in fields and not raw:
        check_reason(scope, fields, "reason")


def _result_update(scope: Scope, step: dict[str, Any], verb: str, fields: dict[str, Any], raw: bool) -> None:
    if not raw:
        check_verdict(scope, fields.get("validation_result"))


_SPECIAL: dict[str, Callable[[Scope, dict[str, Any], str, dict[str, Any], bool], None]] = {
    "set_configuration": _set_configuration,
    "change_configuration": _change_configuration,
    "get_configuration": _get_configuration,
    "send_local_list": _send_local_list,
    "send_local_auth_list": _send_local_auth_list,
    "update_id_tokens": _update_id_tokens,
    "trigger_message": _trigger_message,
    "stop_transaction": _stop_transaction,
    "validation_result_update": _result_update,
}
