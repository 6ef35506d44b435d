"""What a driver and a car do at a station: cables, demand, sessions, raw transactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import ProvidedIdToken
from ocpplab_runner.charger.core.block import Command, Fields
from ocpplab_runner.charger.core.command_fields import card, hand_over, named_connector, pick
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Unplugged
from ocpplab_runner.charger.core.evse import Evse, Goal
from ocpplab_runner.charger.core.model import Refused, SessionEvent, StopReason
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.station import STATUS
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS


def parking_bay(context: Context, fields: Fields, raw: bool) -> None:
    """An EV comes to stand in the bay of an EVSE, or leaves it."""
    if fields["is"] == "taken":
        _occupy(context, pick(context, fields, lambda e: not e.occupied, "no bay is free"))
        return
    evse = pick(context, fields, lambda e: e.occupied and e.plugged_connector is None, "no EV can leave its bay")
    if not evse.occupied:
        raise Refused(f"no EV stands in the bay of EVSE {evse.evse_id}")
    if evse.plugged_connector is not None:
        raise Refused(f"an EV is plugged into EVSE {evse.evse_id}: unplug_connector first")
    evse.occupied = False
    _bay_changed(context, evse, SessionEvent.BAY_LEFT)


def _occupy(context: Context, evse: Evse) -> None:
    if evse.occupied:
        raise Refused(f"an EV stands in the bay of EVSE {evse.evse_id} already")
    evse.occupied = True
    _bay_changed(context, evse, SessionEvent.BAY_TAKEN)


def _bay_changed(context: Context, evse: Evse, event: SessionEvent) -> None:
    # A sensor without power sees nothing; with the power the station looks what stands there.
    if context.powered:
        context.ask(TRANSACTIONS).session(evse, event)


def plug(context: Context, fields: Fields, raw: bool) -> None:
    """A driver connects an EV: the free EVSE that is named, else the first one."""
    if fields.get("evse_id") is not None:
        evse = context.equipment.evse(fields["evse_id"])
    else:
        # With none free it is the first one, of which the refusal below speaks.
        evse = next((e for e in context.equipment.evses if e.plugged_connector is None), context.equipment.evses[0])
    connector = named_connector(evse, fields) or evse.connectors[0]
    if evse.plugged_connector is not None:
        raise Refused(f"an EV is already plugged into EVSE {evse.evse_id}")
    evse.ev = context.config.ev.updated(fields.get("ev"))
    evse.plugged_wh = evse.meter.energy_wh(clock.now())
    evse.plugged_exported_wh = evse.meter.exported_wh(clock.now())
    connector.plugged = True
    connector.plugged_reserved = evse.reserved
    connector.finished = connector.cable_left = False
    if not evse.occupied:
        _occupy(context, evse)
    transaction = evse.transaction
    if transaction is not None:
        context.ask(TRANSACTIONS).ev_connected(evse)
        return
    context.ask(STATUS).refresh(evse)
    if context.powered:
        context.ask(AUTHORIZATION).plugged(evse)
        context.ask(STATUS).refresh(evse)


def unplug(context: Context, fields: Fields, raw: bool) -> None:
    """A driver takes the cable away at the EV's side."""
    _take_away(context, pick(context, fields, lambda e: e.plugged_connector is not None, "no EV is plugged in"))


def _take_away(context: Context, evse: Evse) -> None:
    connector = evse.plugged_connector
    if connector is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
    transaction = evse.transaction
    if transaction is not None and context.config.ev_side_unplug == "locked":
        raise Refused(f"the cable of EVSE {evse.evse_id} is locked while it charges")
    connector.plugged = connector.finished = False
    evse.ev = None
    # What power_update has suspended was this EV's charging.
    evse.offer_w = context.config.max_power_w
    if transaction is None:
        context.ask(AUTHORIZATION).unplugged(evse)
        context.ask(STATUS).refresh(evse)
        context.events.tell(Unplugged(evse))
        return
    connector.cable_left = True
    if not context.variables.boolean("stop_transaction_on_ev_disconnect"):
        context.ask(TRANSACTIONS).ev_disconnected(evse)
        return
    context.ask(TRANSACTIONS).end(evse, StopReason.EV_DISCONNECTED)
    # Otherwise the station's end stays locked until somebody unlocks it (1.6 section 9.1.31).
    if context.variables.boolean("unlock_on_ev_disconnect"):
        connector.cable_left = False
        context.ask(STATUS).refresh(evse)


def ev_requests(context: Context, fields: Fields, raw: bool) -> None:
    """The EV asks for energy."""
    _set_demand(context, fields, True)


def ev_rests(context: Context, fields: Fields, raw: bool) -> None:
    """The EV asks for no more energy."""
    _set_demand(context, fields, False)


def _set_demand(context: Context, fields: Fields, demand: bool) -> None:
    evse = pick(context, fields, lambda e: e.ev is not None, "no EV is plugged in")
    if evse.ev is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
    evse.ev = replace(evse.ev, demand=demand)
    context.ask(TRANSACTIONS).refresh(evse)


def power_update(context: Context, fields: Fields, raw: bool) -> None:
    """Set what the EV draws; 0 W suspends it at the EVSE."""
    evse = pick(context, fields, lambda e: e.ev is not None, "no EV is plugged in")
    if evse.ev is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}")
    power = float(fields["power_w"])
    if power > 0:
        evse.ev = replace(evse.ev, power_w=power)
        if evse.transaction is not None:
            evse.transaction.held_back = False
    evse.offer_w = context.config.max_power_w if power > 0 else 0.0
    context.ask(TRANSACTIONS).refresh(evse)


def start_session(context: Context, fields: Fields, raw: bool) -> dict[str, Any]:
    """Plug unless that is done, set what ends the session, present the card."""
    token = card(context, fields, raw)
    if fields.get("evse_id") is not None:
        evse = context.equipment.evse(fields["evse_id"])
    else:
        cards, evses = context.ask(AUTHORIZATION), context.equipment.evses
        # With none to be had it is the first one, of which the refusals below speak.
        evse = next((e for e in evses if e.transaction is None and cards.can_start(e)), evses[0])
    if evse.transaction is not None:
        raise Refused(f"a transaction runs on EVSE {evse.evse_id} already")
    if evse.plugged_connector is None:
        plug(context, {**fields, "evse_id": evse.evse_id}, raw)
    duration, energy = fields.get("duration_seconds"), fields.get("target_energy_kwh")
    if duration is not None or energy is not None:
        evse.goal = Goal(
            token,
            None if duration is None else float(duration),
            None if energy is None else float(energy) * 1000,
        )
    return hand_over(context, ProvidedIdToken(token, connectors=(evse.evse_id,)))


def stop_session(context: Context, fields: Fields, raw: bool) -> None:
    """End the transaction, then take the cable away."""
    evse = pick(
        context,
        fields,
        lambda e: e.transaction is not None or e.plugged_connector is not None,
        "no session runs and no EV is plugged in",
    )
    if evse.transaction is None and evse.plugged_connector is None:
        raise Refused(f"no session runs on EVSE {evse.evse_id} and no EV is plugged in")
    if evse.transaction is not None:
        context.ask(TRANSACTIONS).end(evse, StopReason.LOCAL)
    if evse.plugged_connector is not None:
        _take_away(context, evse)


def start_transaction(context: Context, fields: Fields, raw: bool) -> None:
    """Begin a transaction without authorizing its card."""
    token = card(context, fields, raw)
    evse = pick(
        context,
        fields,
        lambda e: e.transaction is None and e.plugged_connector is not None,
        "no EV is plugged in that does not charge already",
    )
    if evse.transaction is not None:
        raise Refused(f"a transaction runs on EVSE {evse.evse_id} already")
    if evse.plugged_connector is None:
        raise Refused(f"no EV is plugged into EVSE {evse.evse_id}: plug_connector first")
    if not context.equipment.usable(evse):
        raise Refused(f"EVSE {evse.evse_id} is faulted or out of service")
    context.ask(AUTHORIZATION).start_raw(evse, token)


def stop_transaction(context: Context, fields: Fields, raw: bool) -> None:
    """End a transaction without asking for a card."""
    wanted = fields.get("transaction_id")
    if wanted is not None:
        transaction = context.ask(TRANSACTIONS).find(wanted)
        if transaction is None:
            raise Refused(f"no running transaction has the id {wanted}")
        evse = context.equipment.evses[transaction.evse_id - 1]
    else:
        evse = pick(context, fields, lambda e: e.transaction is not None, "no transaction runs")
        if evse.transaction is None:
            raise Refused(f"no transaction runs on EVSE {evse.evse_id}")
    token = card(context, fields, raw) if fields.get("id_tag") is not None else None
    context.ask(TRANSACTIONS).end(evse, fields.get("reason") or StopReason.LOCAL, token)


COMMANDS: Mapping[str, Command] = {
    "parking_bay": Command(parking_bay, without_power=True),
    "plug_connector": Command(plug, without_power=True),
    "unplug_connector": Command(unplug, without_power=True),
    "start_transaction": Command(start_transaction),
    "stop_transaction": Command(stop_transaction),
    "start_session": Command(start_session),
    "stop_session": Command(stop_session),
    "ev_requests_energy": Command(ev_requests, without_power=True),
    "ev_stops_energy": Command(ev_rests, without_power=True),
    "power_update": Command(power_update, without_power=True),
}
