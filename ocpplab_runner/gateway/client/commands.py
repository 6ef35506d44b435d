"""The 18 commands as the two generations of the API know them: their paths and their fields. Plain tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PLACE = frozenset({"evse_id", "connector_id"})


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """One command.

    Attributes:
        path: below ``…/commands/``.
        fields: that it takes.
        fleet: whether it may go to a location.
        queued: whether the answer comes before the effect.
        answers: what the API promises to say of a command that is carried out at once.
    """

    path: str
    fields: frozenset[str] = frozenset()
    fleet: bool = True
    queued: bool = True
    answers: frozenset[str] = frozenset()


def _mutation(path: str, *fields: str, answers: tuple[str, ...] = ()) -> CommandSpec:
    return CommandSpec(path, frozenset(fields), fleet=False, queued=False, answers=frozenset(answers))


G2_COMMANDS: Mapping[str, CommandSpec] = {
    "proxy_message": CommandSpec(
        "proxy-message", frozenset({"action", "payload", "ocpp_version"}), fleet=False, queued=True
    ),
    "set_configuration": _mutation("configuration", "configuration", answers=("status", "configured", "msg")),
    "reset_auth_cache": _mutation("cache/reset", answers=("msg", "cleared_entries")),
    "send_local_auth_list": _mutation(
        "local-auth-list", "list_version", "entries", answers=("status", "list_version", "entries_received")
    ),
    "clear_local_auth_list": _mutation("clear-local-auth-list", answers=("msg", "entries_deleted")),
    "inject_fault": _mutation("inject-fault", "fault_type", "evse_id", "connector_id"),
    "clear_fault": _mutation("clear-fault", "evse_id", "connector_id"),
    "plug_connector": CommandSpec("plug-connector", _PLACE),
    "unplug_connector": CommandSpec("unplug-connector", _PLACE),
    "unlock_connector": CommandSpec("unlock-connector", _PLACE),
    "start_transaction": CommandSpec("start-transaction", _PLACE | {"id_tag"}),
    "stop_transaction": CommandSpec("stop-transaction", frozenset({"transaction_id"})),
    "start_session": CommandSpec(
        "start-session", frozenset({"id_tag", "connector_id", "duration_seconds", "target_energy_kwh"})
    ),
    "stop_session": CommandSpec("stop-session", frozenset({"connector_id"})),
    "authorize_id_tag": CommandSpec("authorize-id-tag", frozenset({"id_tag"})),
    "ev_requests_energy": CommandSpec("ev-requests-energy", _PLACE),
    "ev_stops_energy": CommandSpec("ev-stops-energy", _PLACE),
    "power_update": CommandSpec("power-update", _PLACE | {"power_w"}),
}

_G4_NEW_FIELDS: Mapping[str, frozenset[str]] = {
    "send_local_auth_list": frozenset({"list_version", "entries", "update_type"}),
    "authorize_id_tag": frozenset({"id_tag", "evse_id", "connector_id"}),
}
#: Dropped from the API between the two generations.
_G4_GONE = frozenset({"unlock_connector", "start_transaction", "stop_transaction"})

G4_COMMANDS: Mapping[str, CommandSpec] = {
    verb: CommandSpec(spec.path, _G4_NEW_FIELDS.get(verb, spec.fields))
    for verb, spec in G2_COMMANDS.items()
    if verb not in _G4_GONE
}
