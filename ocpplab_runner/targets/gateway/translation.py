"""From a scenario's commands to the API's, and what the API cannot say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.gateway.client import Dialect, objection_to
from ocpplab_runner.plugin.stage import BlockedError
from ocpplab_runner.targets.raw_settings import raw_settings
from ocpplab_runner.vocabulary.versions import OcppVersion

_SESSIONS = frozenset({"start_session", "stop_session"})
_LIST_FIELDS = frozenset({"id_tag", "expiry_date", "parent_id_tag"})
#: What a scenario may say of a charger that the API arranges.
GIVEN_ARRANGED = frozenset({"configuration", "evses", "identity", "local_list", "settings"})
#: The rest of what it may say, and why the API cannot arrange it.
GIVEN_REASONS: Mapping[str, str] = {
    "cache": "the Gateway API can empty the authorization cache, not fill it",
    "ev": "the Gateway API says nothing of the EV that is plugged in",
    "authorization": "the Gateway API does not choose how a charger assigns cards to EVSEs",
    "basic_auth": "generation 2 of the Gateway API gives a charger no credentials",
    "unlock": "the Gateway API does not choose how a charger's lock behaves",
    "ev_side_unplug": "the Gateway API does not choose how a charger's lock behaves",
    "clock": "the Gateway API does not set a charger's clock",
    "local_reason": "the Gateway API does not choose what a charger leaves out",
    "failed_resets": "the Gateway API does not let a charger's resets fail",
    "features": "the Gateway API does not choose a charger's feature profiles",
    "security_profile": "the Gateway API does not choose a charger's security profile",
    "tls": "the Gateway API does not choose how a charger does TLS",
    "vendors": "the Gateway API does not choose whose data a charger knows",
    "firmware": "the Gateway API does not choose how a charger takes its firmware",
    "reconnect": "the Gateway API does not choose how a charger reconnects",
    "meter_start_wh": "the Gateway API does not set a charger's meter",
    **dict.fromkeys(
        (
            "vendor",
            "model",
            "serial_number",
            "firmware_version",
            "max_power_w",
            "phases",
            "voltage_v",
            "local_list_max",
            "connectors_per_evse",
        ),
        "it follows from the model in the Gateway's catalogue",
    ),
}


def event_of(dialect: Dialect, version: OcppVersion, verb: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A command's fields as generation 2 names them.

    Raises:
        BlockedError: the API cannot say that.
        StepError: a setting's value makes no sense.
    """
    event = {name: value for name, value in fields.items() if value is not None}
    if verb == "set_configuration":
        event = {
            "configuration": {
                **raw_settings(event.get("settings") or {}, version),
                **(event.get("configuration") or {}),
            }
        }
    elif verb == "send_local_auth_list":
        event = _local_list(dialect, event)
    elif verb == "proxy_message":
        event.pop("ocpp_version", None)
    place = _place(verb, version, event)
    event = {name: value for name, value in event.items() if name not in ("evse_id", "connector_id")} | place
    objection = objection_to(_generation(dialect), dialect.commands, verb, event)
    if objection is not None:
        raise BlockedError(objection)
    return event


def field_objection(dialect: Dialect, version: OcppVersion, verb: str, names: Iterable[str]) -> str | None:
    """Why the API has no command with these fields of a scenario; None when it has. Values are not looked at."""
    names = set(names)
    if verb == "set_configuration":
        names = {"configuration"}
    elif verb == "send_local_auth_list":
        names -= {"update_type"}
    elif verb == "proxy_message":
        names -= {"ocpp_version"}
    placed = set(_place(verb, version, dict.fromkeys(names & {"evse_id", "connector_id"}, 1)))
    return objection_to(_generation(dialect), dialect.commands, verb, names - {"evse_id", "connector_id"} | placed)


def _place(verb: str, version: OcppVersion, event: Mapping[str, Any]) -> dict[str, Any]:
    """Where: OCPP 1.6 and the session commands count connectors, where a scenario counts EVSEs."""
    evse, connector = event.get("evse_id"), event.get("connector_id")
    if evse is None:
        return {} if connector is None else {"connector_id": connector}
    if verb == "authorize_id_tag":
        return {"evse_id": evse} if version is not OcppVersion.V16 else {"connector_id": evse}
    if version is OcppVersion.V16 or verb in _SESSIONS:
        return {"connector_id": evse}
    return {"evse_id": evse} if connector is None else {"evse_id": evse, "connector_id": connector}


def _local_list(dialect: Dialect, event: Mapping[str, Any]) -> dict[str, Any]:
    entries = []
    for entry in event.get("entries", ()):
        known = {name: value for name, value in entry.items() if value is not None}
        if known.pop("status", "Accepted") != "Accepted":
            raise BlockedError("the cards of the Gateway API's local list have no status: each is accepted")
        entries.append(known)
    made = {"list_version": event["list_version"], "entries": entries}
    kind = event.get("update_type", "Full")
    if "update_type" in dialect.commands["send_local_auth_list"].fields:
        made["update_type"] = kind
    elif kind != "Full":
        raise BlockedError("generation 2 of the Gateway API replaces the whole local list, it does not add to it")
    return made


def _generation(dialect: Dialect) -> str:
    return f"generation {dialect.name.removeprefix('g')}"
