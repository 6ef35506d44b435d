"""Checks of ``given``."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.checks.authorization import check_authorization
from ocpplab_runner.scenario.checks.expected import check_expected
from ocpplab_runner.scenario.checks.payloads import (
    REQUEST,
    RESPONSE,
    check_action,
    check_error_code,
    check_named_action,
    check_payload,
)
from ocpplab_runner.scenario.checks.scope import Scope, is_computed
from ocpplab_runner.scenario.checks.settings import check_configuration, check_settings
from ocpplab_runner.scenario.checks.tokens import check_cards, check_status, check_token
from ocpplab_runner.vocabulary.versions import OcppVersion

_ANSWERS = ("payload", "patch", "error", "silence", "garbage")


def check_given(scope: Scope, given: Any) -> None:
    """Check the world before the first step."""
    if not isinstance(given, dict):
        return
    if "charger" in given and "chargers" in given:
        message = "'charger' and 'chargers' cannot both stand here"
        scope.at_key(given, "chargers", "conflicting-keys", message, "put the one into `chargers` too")
    chargers = given.get("chargers")
    for charger in (given.get("charger"), *(chargers.values() if isinstance(chargers, dict) else ())):
        if isinstance(charger, dict):
            _charger(scope, charger)
    csms = given.get("csms")
    if isinstance(csms, dict):
        _csms(scope, csms)
    _state(scope, given)


def _charger(scope: Scope, charger: dict[str, Any]) -> None:
    if "settings" in charger:
        check_settings(scope, charger["settings"], on_the_wire=False)
    if "configuration" in charger:
        check_configuration(scope, charger["configuration"])
    check_authorization(scope, charger.get("authorization"), charger.get("settings"))
    local_list = charger.get("local_list")
    if isinstance(local_list, dict):
        check_cards(scope, local_list.get("entries"), lenient=True, listed=True)
    check_cards(scope, charger.get("cache"), lenient=True, listed=True)
    count = charger.get("connectors_per_evse")
    if isinstance(count, int) and count > 1 and scope.listed and OcppVersion.V16 in scope.versions:
        message = "OCPP 1.6 has no connectors below an EVSE: there the EVSE's number is the connectorId"
        hint = "leave 1.6 out of the file's `ocpp` list"
        scope.at_value(charger, "connectors_per_evse", "connector-in-1.6", message, hint)


def _csms(scope: Scope, csms: dict[str, Any]) -> None:
    check_cards(scope, csms.get("id_tokens"), lenient=True)
    if "unknown_id_token" in csms:
        check_status(scope, csms, "unknown_id_token")
    replies = csms.get("replies")
    if isinstance(replies, list):
        for index, reply in enumerate(replies):
            if isinstance(reply, dict):
                check_reply(scope, reply, scope.document.value_span(replies, index), raw=reply.get("raw") is True)
    delays = csms.get("answer_delay")
    if isinstance(delays, dict):
        for action in delays:
            check_named_action(scope, delays, action)


def _state(scope: Scope, given: dict[str, Any]) -> None:
    state = given.get("state")
    if not isinstance(state, dict):
        return
    for fields in state.values():
        if isinstance(fields, dict):
            if "id_tag" in fields:
                check_token(scope, fields, "id_tag")
            evse = fields.get("evse_id")
            count = scope.world.chargers.get(scope.world.first_charger)
            if isinstance(evse, int) and count is not None and evse > count:
                check_evse(scope, fields, scope.world.first_charger)


def check_evse(scope: Scope, fields: dict[str, Any], charger: str) -> None:
    """Check that the charger has the EVSE."""
    evse = fields.get("evse_id")
    count = scope.world.chargers.get(charger)
    if isinstance(evse, int) and count is not None and evse > count:
        has = "1 EVSE" if count == 1 else f"{count} EVSEs"
        message = f"the charger has {has}; there is no EVSE {evse}"
        scope.at_value(fields, "evse_id", "unknown-evse", message, "see `evses` in `given`")


def check_reply(scope: Scope, reply: dict[str, Any], span: Any, *, raw: bool) -> None:
    """Check a programmed answer of either side."""
    given = [name for name in _ANSWERS if name in reply]
    if len(given) > 1:
        message = f"'{given[0]}' and '{given[1]}' cannot both be the answer"
        scope.at_key(reply, given[1], "conflicting-keys", message)
    elif not given and "delay" not in reply:
        message = "this programmes no answer: payload, patch, error, silence, garbage or delay is missing"
        scope.report(span, "missing-key", message)
    if "description" in reply and "error" not in reply:
        scope.at_key(reply, "description", "missing-key", "'description' is for a CALLERROR: 'error' is missing")
    versions = check_action(scope, reply, "to")
    if raw or not versions or is_computed(reply.get("to")):
        return
    if "error" in reply:
        check_error_code(scope, reply, "error")
    if "payload" in reply:
        check_payload(scope, reply, "payload", RESPONSE, reply["to"], versions)
    if "patch" in reply:
        check_payload(scope, reply, "patch", RESPONSE, reply["to"], versions, partial=True)
    if "matching" in reply:
        _no_matchers(scope, reply["matching"])
        check_expected(scope, reply, "matching", REQUEST, dict.fromkeys(versions, reply["to"]))


def _no_matchers(scope: Scope, wanted: Any) -> None:
    if isinstance(wanted, dict):
        for name, value in wanted.items():
            if name.startswith("$"):
                message = f"'{name}': `matching` compares plain values and takes no matchers"
                scope.at_key(wanted, name, "bad-matcher", message, "write a reply for each value")
            _no_matchers(scope, value)
    elif isinstance(wanted, list):
        for item in wanted:
            _no_matchers(scope, item)


__all__ = ["check_evse", "check_given", "check_reply"]
