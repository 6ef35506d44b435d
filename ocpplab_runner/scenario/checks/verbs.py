"""Checks of a verb's value beyond the schema, by what its spec says of it and of its fields."""

from __future__ import annotations

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
from ocpplab_runner.scenario.checks.slips import warn_of_card
from ocpplab_runner.scenario.checks.tokens import check_cards, check_number, check_status, check_token, check_type
from ocpplab_runner.scenario.registry import Meaning, VerbSpec
from ocpplab_runner.scenario.suggest import did_you_mean

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
            warn_of_card(scope, step, step, verb)
    elif spec.shorthand == "evse_id" and spec.actor == "charger":
        _shorthand_evse(scope, step, verb, raw)
    elif means := next((field.means for field in spec.fields if field.name == spec.shorthand), None):
        _check_meaning(scope, step, verb, means, spec, raw=raw)
    elif spec.calls == "csms":
        versions = check_action(scope, step, verb) if not raw else ()
        if versions:
            check_payload(scope, step, verb, REQUEST, value, versions, payload={})
    elif value is None:
        _special(scope, step, spec, {}, raw)


def _special(scope: Scope, step: dict[str, Any], spec: VerbSpec, fields: dict[str, Any], raw: bool) -> None:
    """What goes beyond single fields that all verbs may have."""
    _check_presence(scope, step, spec, fields)
    _check_file_chosen(scope, step, spec, fields)
    if spec.calls == "csms":
        _csms_call(scope, step, spec.name, fields, raw)
    elif spec.calls == "charger":
        _proxy_message(scope, step, spec.name, fields, raw)
    if spec.programs is not None:
        check_reply(scope, fields, scope.document.key_span(step, spec.name), raw=raw)
    if spec.value_means is not None:
        _check_meaning(scope, step, spec.name, spec.value_means, spec, raw=raw)
    for field in spec.fields:
        if field.means is not None and field.name in fields:
            _check_meaning(scope, fields, field.name, field.means, spec, raw=raw)


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
            warn_of_card(scope, step, fields, "id_tag")
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


def _check_presence(scope: Scope, step: dict[str, Any], spec: VerbSpec, fields: dict[str, Any]) -> None:
    misspelt = fields.keys() - {field.name for field in spec.fields}  # which is told by itself
    for wanted in (spec.one_of, spec.any_of):
        if wanted and not misspelt and not fields.keys() & set(wanted):
            message = f"'{spec.name}' needs {' or '.join(repr(name) for name in wanted)}"
            scope.at_key(step, spec.name, "missing-key", message)
    first, *more = [name for name in spec.one_of if name in fields] or [""]
    if more:
        message = f"'{first}' and '{more[0]}' cannot both stand here"
        scope.at_key(fields, more[0], "conflicting-keys", message)


def _check_meaning(
    scope: Scope, container: dict[str, Any], key: str, means: Meaning, spec: VerbSpec, *, raw: bool
) -> None:
    """Check a value by what it is about; on purpose wrong it may be where the step says ``raw``."""
    value = container[key]
    # With `raw`, too: what has no name in a version cannot even be asked for wrongly.
    if means == "setting_names":
        _setting_names(scope, container, key)
    elif raw:
        pass
    elif means in ("cards", "listed_cards"):
        check_cards(scope, value, listed=means == "listed_cards")
    elif means == "local_list":
        _local_list(scope, value)
    elif means == "settings":
        check_settings(scope, value, on_the_wire=spec.actor == "csms")
    elif means == "configuration":
        check_configuration(scope, value)
    elif means == "trigger":
        check_trigger(scope, container, key)
    elif means == "stop_reason":
        check_reason(scope, container, key)
    elif means == "file":
        _file(scope, container, key)
    else:
        check_verdict(scope, value)
    if means == "cards" and spec.value_means == means:
        scope.world.card_types.update(card_types(value))


def _file(scope: Scope, container: dict[str, Any], key: str) -> None:
    """Check that ``given.files`` has the file."""
    name, files = container[key], scope.world.files
    if files is not None and isinstance(name, str) and not is_computed(name) and name not in files:
        there = f"it has {', '.join(sorted(files))}" if files else "there is none"
        message = f"given.files has no '{name}'; {there}"
        scope.at_value(container, key, "unknown-file", message, did_you_mean(name, files))


def _check_file_chosen(scope: Scope, step: dict[str, Any], spec: VerbSpec, fields: dict[str, Any]) -> None:
    """Check that it is clear which of ``given.files`` is meant."""
    chosen = next((field.name for field in spec.fields if field.means == "file"), None)
    files = scope.world.files
    if chosen is None or files is None or len(files) == 1 or chosen in fields or "location" in fields:
        return
    message = f"which of {', '.join(sorted(files))} is meant?" if files else "given.files has none that could be meant"
    scope.at_key(step, spec.name, "unknown-file", message, f"name it with `{chosen}`, or give a `location`")


def _setting_names(scope: Scope, container: dict[str, Any], key: str) -> None:
    value = container[key]
    if isinstance(value, list):
        for index in range(len(value)):
            check_setting_name(scope, value, index)
    else:
        check_setting_name(scope, container, key)


def _local_list(scope: Scope, entries: Any) -> None:
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            for name in ("id_tag", "parent_id_tag"):
                if name in entry:
                    check_token(scope, entry, name)
            if "status" in entry:
                check_status(scope, entry, "status")
