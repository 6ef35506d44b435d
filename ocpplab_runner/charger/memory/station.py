"""Everything that a station knows, as JSON data, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ocpplab_runner import clock
from ocpplab_runner.authorization.cache import CacheEntry
from ocpplab_runner.authorization.local_list import ListEntry, LocalAuthorizationList
from ocpplab_runner.charger.config import EvData
from ocpplab_runner.charger.energy import EnergyMeter
from ocpplab_runner.charger.evse import Evse
from ocpplab_runner.charger.memory.transactions import TransactionsOut, messages_in, transactions_in
from ocpplab_runner.charger.memory.values import (
    faults_in,
    faults_out,
    known_token,
    reservation_in,
    reservation_out,
    token_out,
    verdict_in,
    verdict_out,
)
from ocpplab_runner.charger.model import Registration, Transaction
from ocpplab_runner.vocabulary.settings import SETTINGS

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger

#: Of the data; what another format has written cannot be read.
FORMAT = 2
#: A list may be long, and changes rarely: its revision and its JSON.
_lists: WeakKeyDictionary[LocalAuthorizationList, tuple[int, dict[str, Any]]] = WeakKeyDictionary()


def remember(station: SimulatedCharger) -> dict[str, Any]:
    """What a station knows now."""
    now = clock.now()
    transactions = TransactionsOut(station)
    settings = station.settings
    status = station.registrar.status
    return {
        "format": FORMAT,
        "at": clock.utcnow().isoformat(),
        "clock_ahead": station.time.ahead / timedelta(seconds=1),
        "version": station.version.value,
        "powered": station.powered,
        "registration": None if status is None else status.value,
        "settings": {name: text for name in SETTINGS if (text := settings.text(name)) != SETTINGS[name].default},
        "dialect": dict(station.dialect.remember()),
        "operative": station.operative,
        "faults": faults_out(station.faults),
        "local_list": _list_out(station.local_list),
        "cache": [
            [token_out(entry.token), verdict_out(entry.result), entry.updated.isoformat()]
            for entry in station.cache.snapshot()
        ],
        "reservations": [reservation_out(one) for one in station.reservations.book.everything],
        "evses": [_evse_out(station, evse, transactions, now) for evse in station.evses],
        "interrupted": [transactions.number(one) for one in station.transactions.interrupted_ones],
        "messages": transactions.messages(),
        "transactions": transactions.data,
    }


def recall(station: SimulatedCharger, memory: Mapping[str, Any]) -> None:
    """Put a memory into a station that has never been started.

    A transaction that ran has drawn energy meanwhile, as it would have behind a broken network; its meter says so.

    Args:
        station: of the same make and version.
        memory: what :func:`remember` gave, JSON in between or not.

    Raises:
        ValueError: it is the memory of another version, or in another format.
    """
    if memory.get("format") != FORMAT or memory.get("version") != station.version.value:
        raise ValueError("this memory belongs to another kind of station")
    if len(memory["evses"]) != len(station.evses):
        raise ValueError("this memory belongs to a station with another number of EVSEs")
    for name, setting in SETTINGS.items():
        station.settings.set(name, memory["settings"].get(name, setting.default))
    station.dialect.recall(memory["dialect"])
    station.time.ahead = timedelta(seconds=memory.get("clock_ahead", 0.0))
    station.operative = memory["operative"]
    station.faults = faults_in(memory["faults"])
    listed = memory["local_list"]
    entries = [ListEntry(known_token(token), verdict_in(result)) for token, result in listed["entries"]]
    station.local_list.restore(listed["version"], entries)
    station.cache.restore(
        tuple(
            CacheEntry(known_token(token), verdict_in(result), datetime.fromisoformat(updated))
            for token, result, updated in memory["cache"]
        )
    )
    transactions = transactions_in(station, memory["transactions"])
    absence = max(0.0, (clock.utcnow() - datetime.fromisoformat(memory["at"])) / timedelta(seconds=1))
    for evse, data in zip(station.evses, memory["evses"], strict=True):
        _evse_in(station, evse, data)
        if data["transaction"] is not None:
            _transaction_in(station, evse, transactions[data["transaction"]], data, absence)
    station.transactions.restore_interrupted([transactions[number] for number in memory["interrupted"]])
    station.outbox.put(messages_in(station, memory["messages"], transactions))
    for data in memory["reservations"]:
        station.reservations.restore(reservation_in(data))


async def resume(station: SimulatedCharger, memory: Mapping[str, Any]) -> None:
    """Let a station go on from the memory that it has recalled.

    One that was registered stays so and only connects again; one that was off, restarting or not yet registered powers
    up and boots.
    """
    registered = memory["registration"] == Registration.ACCEPTED.value
    if memory["powered"] and registered:
        station.registrar.status = Registration.ACCEPTED
        station.power.resume()
    else:
        await station.start()


def _list_out(local_list: LocalAuthorizationList) -> dict[str, Any]:
    known = _lists.get(local_list)
    if known is None or known[0] != local_list.revision:
        entries = [[token_out(entry.token), verdict_out(entry.result)] for entry in local_list]
        known = _lists[local_list] = local_list.revision, {"version": local_list.version, "entries": entries}
    return known[1]


def _evse_out(station: SimulatedCharger, evse: Evse, transactions: TransactionsOut, now: float) -> dict[str, Any]:
    running = evse.transaction
    return {
        "connectors": [
            {
                "plugged": connector.plugged,
                "cable_left": connector.cable_left,
                "finished": connector.finished,
                "plugged_reserved": connector.plugged_reserved,
                "operative": connector.operative,
                "faults": faults_out(connector.faults),
            }
            for connector in evse.connectors
        ],
        "meter_wh": evse.meter.energy_wh(now),
        "power_w": evse.meter.power_w,
        "ev": None if evse.ev is None else asdict(evse.ev),
        "plugged_wh": evse.plugged_wh,
        "offer_w": evse.offer_w,
        "operative": evse.operative,
        "transaction": None if running is None else transactions.number(running),
        "duration_left": station.transactions.duration_left(evse),
    }


def _evse_in(station: SimulatedCharger, evse: Evse, data: Mapping[str, Any]) -> None:
    for connector, known in zip(evse.connectors, data["connectors"], strict=True):
        connector.plugged, connector.cable_left = known["plugged"], known["cable_left"]
        connector.finished, connector.operative = known["finished"], known["operative"]
        connector.plugged_reserved = known.get("plugged_reserved", False)
        connector.faults = faults_in(known["faults"])
    evse.ev = None if data["ev"] is None else EvData(**data["ev"])
    evse.plugged_wh, evse.offer_w = data["plugged_wh"], data["offer_w"]
    evse.operative = data.get("operative", True)
    _set_meter(evse, data["meter_wh"])


def _transaction_in(
    station: SimulatedCharger, evse: Evse, transaction: Transaction, data: Mapping[str, Any], absence: float
) -> None:
    left = data["duration_left"]
    evse.transaction = transaction
    charged = absence if left is None else min(absence, left)
    energy = data["meter_wh"] + data["power_w"] * charged / 3600
    if data["power_w"] > 0:
        energy = min([energy, *station.transactions.energy_marks(evse)])
    _set_meter(evse, max(energy, data["meter_wh"]))
    station.transactions.resume(evse, None if left is None else max(0.0, left - absence))


def _set_meter(evse: Evse, energy_wh: float) -> None:
    evse.meter = EnergyMeter(start_wh=energy_wh, now=clock.now())
