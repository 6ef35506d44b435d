"""What a driver and a car do at a station: cables, cards, demand, sessions, raw transactions, the lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ocpplab_runner.authorization.types import ProvidedIdToken
from ocpplab_runner.charger.command_fields import Command, Fields, card, hand_over, named_connector, pick
from ocpplab_runner.charger.evse import Evse, Goal
from ocpplab_runner.charger.model import Refused, StopReason
from ocpplab_runner.charger.operations import UnlockOutcome

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


def plug(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """A driver connects an EV: the free EVSE that is named, else the first one."""
    if fields.get("evse_id") is not None:
        evse = station.evse(fields["evse_id"])
    else:
        evse = next((e for e in station.evses if e.plugged_connector is None), station.evses[0])
    connector = named_connector(evse, fields) or evse.connectors[0]
    if evse.plugged_connector is not None:
        raise Refused(f"an EV is already plugged into EVSE {evse.evse_id}")
    evse.ev = station.config.ev.updated(fields.get("ev"))
    evse.plugged_wh = evse.meter.energy_wh(station.now())
    connector.plugged = True
    connector.plugged_reserved = evse.reserved
    connector.finished = connector.cable_left = False
    transaction = evse.transaction
    if transaction is not None:
        station.transactions.ev_connected(evse)
        return
    station.statuses.refresh(evse)
    if station.powered:
        station.cards.plugged(evse)
        station.statuses.refresh(evse)


def unplug(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """A driver takes the cable away at the EV's side."""
    _take_away(station, pick(station, fields, lambda e: e.plugged_connector is not None, "no EV is plugged in"))


def _take_away(station: SimulatedCharger, evse: Evse) -> None:
    connector = evse.plugged_connector
    if connector is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
    transaction = evse.transaction
    if transaction is not None and station.config.ev_side_unplug == "locked":
        raise Refused(f"the cable of EVSE {evse.evse_id} is locked while it charges")
    connector.plugged = connector.finished = False
    connector.cable_left = transaction is not None and not station.settings.boolean("unlock_on_ev_disconnect")
    evse.ev = None
    evse.offer_w = station.config.max_power_w
    if transaction is None:
        station.cards.unplugged(evse)
        station.statuses.refresh(evse)
    elif station.settings.boolean("stop_transaction_on_ev_disconnect"):
        station.transactions.end(evse, StopReason.EV_DISCONNECTED)
    else:
        station.transactions.ev_disconnected(evse)


def ev_requests(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """The EV asks for energy."""
    _set_demand(station, fields, True)


def ev_rests(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """The EV asks for no more energy."""
    _set_demand(station, fields, False)


def _set_demand(station: SimulatedCharger, fields: Fields, demand: bool) -> None:
    evse = pick(station, fields, lambda e: e.ev is not None, "no EV is plugged in")
    if evse.ev is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
    evse.ev = replace(evse.ev, demand=demand)
    station.transactions.refresh(evse)


def power_update(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """Set what the EV draws; 0 W suspends it at the EVSE."""
    evse = pick(station, fields, lambda e: e.ev is not None, "no EV is plugged in")
    if evse.ev is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
    power = float(fields["power_w"])
    if power > 0:
        evse.ev = replace(evse.ev, power_w=power)
    evse.offer_w = station.config.max_power_w if power > 0 else 0.0
    station.transactions.refresh(evse)


def present(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """A driver presents a card at the reader, or at the reader of one EVSE."""
    if "ReaderFailure" in station.faults:
        raise Refused("the card reader is broken")
    token = card(station, fields, raw)
    evse = None if fields.get("evse_id") is None else station.evse(fields["evse_id"])
    if evse is not None and any("ReaderFailure" in connector.faults for connector in evse.connectors):
        raise Refused(f"the card reader of EVSE {evse.evse_id} is broken")
    provided = ProvidedIdToken(token, connectors=() if evse is None else (evse.evse_id,))
    return hand_over(station, provided)


def start_session(station: SimulatedCharger, fields: Fields, raw: bool) -> dict[str, Any]:
    """Plug unless that is done, set what ends the session, present the card."""
    token = card(station, fields, raw)
    if fields.get("evse_id") is not None:
        evse = station.evse(fields["evse_id"])
    else:
        evse = (
            next((e for e in station.evses if e.transaction is None and station.cards.can_start(e)), None)
            or (station.evses[0])
        )
    if evse.transaction is not None:
        raise Refused(f"a transaction runs on EVSE {evse.evse_id} already")
    if evse.plugged_connector is None:
        plug(station, {**fields, "evse_id": evse.evse_id}, raw)
    duration, energy = fields.get("duration_seconds"), fields.get("target_energy_kwh")
    if duration is not None or energy is not None:
        evse.goal = Goal(
            token,
            None if duration is None else float(duration),
            None if energy is None else float(energy) * 1000,
        )
    return hand_over(station, ProvidedIdToken(token, connectors=(evse.evse_id,)))


def stop_session(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """End the transaction, then take the cable away."""
    evse = pick(
        station,
        fields,
        lambda e: e.transaction is not None or e.plugged_connector is not None,
        "no session runs and no EV is plugged in",
    )
    if evse.transaction is None and evse.plugged_connector is None:
        raise Refused(f"no session runs on EVSE {evse.evse_id} and no EV is plugged in")
    if evse.transaction is not None:
        station.transactions.end(evse, StopReason.LOCAL)
    if evse.plugged_connector is not None:
        _take_away(station, evse)


def start_transaction(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """Begin a transaction without authorizing its card."""
    token = card(station, fields, raw)
    evse = pick(
        station,
        fields,
        lambda e: e.transaction is None and e.plugged_connector is not None,
        "no EV is plugged in that does not charge already",
    )
    if evse.transaction is not None:
        raise Refused(f"a transaction runs on EVSE {evse.evse_id} already")
    if evse.plugged_connector is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}: plug_connector first")
    if not station.usable(evse):
        raise Refused(f"EVSE {evse.evse_id} is faulted or out of service")
    station.cards.start_raw(evse, token)


def stop_transaction(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """End a transaction without asking for a card."""
    wanted = fields.get("transaction_id")
    if wanted is not None:
        transaction = station.dialect.find_transaction(wanted)
        if transaction is None:
            raise Refused(f"no running transaction has the id {wanted}")
        evse = station.evses[transaction.evse_id - 1]
    else:
        evse = pick(station, fields, lambda e: e.transaction is not None, "no transaction runs")
        if evse.transaction is None:
            raise Refused(f"no transaction runs on EVSE {evse.evse_id}")
    token = card(station, fields, raw) if fields.get("id_tag") is not None else None
    station.transactions.end(evse, fields.get("reason") or StopReason.LOCAL, token)


def unlock(station: SimulatedCharger, fields: Fields, raw: bool) -> None:
    """Release the lock at the charger; a transaction there ends."""
    evse = pick(station, fields, lambda e: True, "")
    connector = named_connector(evse, fields) or evse.plugged_connector or evse.connectors[0]
    outcome, effect = station.operations.unlock(evse, connector)
    if outcome is not UnlockOutcome.UNLOCKED:
        why = "the lock is stuck" if outcome is UnlockOutcome.FAILED else "the charger has no lock"
        raise Refused(f"EVSE {evse.evse_id}: {why}")
    if effect is not None:
        effect()


DRIVER_COMMANDS: Mapping[str, Command] = {
    "plug_connector": plug,
    "unplug_connector": unplug,
    "unlock_connector": unlock,
    "start_transaction": start_transaction,
    "stop_transaction": stop_transaction,
    "start_session": start_session,
    "stop_session": stop_session,
    "authorize_id_tag": present,
    "ev_requests_energy": ev_requests,
    "ev_stops_energy": ev_rests,
    "power_update": power_update,
}
