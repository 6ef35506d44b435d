"""The named states of ``given.state``: what they take and what is the case in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """A state that a case may start from; ``docs/language.md`` has the recipes.

    Attributes:
        description: one sentence.
        fields: what a scenario may say of it.
        needs_card: whether it must say with which card.
        plugged: whether an EV is plugged into the first charger.
        by_csms: whether only a CSMS of ours can bring it about.
    """

    description: str
    fields: tuple[str, ...] = ()
    needs_card: bool = False
    plugged: bool = False
    by_csms: bool = False


STATES: Mapping[str, State] = {
    "disconnected": State("The charger is not yet switched on."),
    "booted": State("Boot accepted, every connector Available."),
    "ev_connected": State("Booted, then plugged.", ("evse_id", "ev"), plugged=True),
    "authorized": State("Booted, the card accepted, nothing plugged.", ("id_tag", "evse_id"), needs_card=True),
    "charging": State(
        "Plugged, the card accepted, the connector Charging.",
        ("id_tag", "evse_id", "ev"),
        needs_card=True,
        plugged=True,
    ),
    "suspended_ev": State(
        "Charging, then the EV stops demanding.", ("id_tag", "evse_id"), needs_card=True, plugged=True
    ),
    "finishing": State(
        "Charging, then stopped by the same card, still plugged.", ("id_tag", "evse_id"), needs_card=True, plugged=True
    ),
    "unavailable": State("Booted, then taken out of service by the CSMS.", ("evse_id",), by_csms=True),
    "faulted": State("Booted, then the fault.", ("evse_id", "fault_type")),
    "offline": State("Booted, then the network is cut."),
    "reserved": State(
        "Booted, then reserved by the CSMS.", ("id_tag", "evse_id", "expires_in"), needs_card=True, by_csms=True
    ),
}
