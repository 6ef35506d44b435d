"""How the named states of ``given.state`` are reached: one table of recipes for every charger and every CSMS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ocpplab_runner.plugin.stage import InfrastructureError, Outcome
from ocpplab_runner.targets.sides import ChargerSide, CsmsSide, Fields


@dataclass(frozen=True, slots=True)
class _Way:
    """A charger on its way into a state."""

    charger: ChargerSide
    csms: CsmsSide
    fields: Fields
    limit: float

    @property
    def evse(self) -> int:
        return int(self.fields.get("evse_id", 1))

    @property
    def place(self) -> Fields:
        """Only what the scenario says."""
        return {"evse_id": self.fields["evse_id"]} if "evse_id" in self.fields else {}

    @property
    def card(self) -> str:
        if "id_tag" not in self.fields:
            raise ValueError("the state needs an id_tag")
        return str(self.fields["id_tag"])

    async def demand(self, command: str, fields: Fields) -> None:
        """Let the charger do a command that it must not refuse."""
        self._done(command, await self.charger.perform(command, fields))

    async def present(self) -> None:
        """Present the card at the EVSE."""
        self._done("authorize_id_tag", await self.charger.present(self.card, self.evse))

    def _done(self, command: str, outcome: Outcome) -> None:
        if outcome.status != "done":
            raise InfrastructureError(f"the given state was not reached: {command}: {outcome.reason}", reached=True)


_Act = Callable[[_Way], Awaitable[None]]


async def reach(charger: ChargerSide, csms: CsmsSide, state: str, fields: Fields, *, limit: float) -> None:
    """Bring a charger that has just been made into a named state.

    Args:
        charger: the charger.
        csms: that it dials.
        state: a name of :data:`RECIPES`.
        fields: the state's own.
        limit: seconds that each act of the recipe may take.

    Raises:
        BlockedError: it takes a CSMS of ours.
        InfrastructureError: the state was not reached.
        ValueError: there is no such state, or a field that it needs is missing.
    """
    if state not in RECIPES:
        raise ValueError(f"there is no state {state!r}")
    way = _Way(charger, csms, fields, limit)
    for act in RECIPES[state]:
        await act(way)
        # What leads to the state must not fall into the window of the first step.
        await charger.settle()


async def _boot(way: _Way) -> None:
    await way.charger.boot(way.limit)


async def _plug(way: _Way) -> None:
    ev = {"ev": way.fields["ev"]} if "ev" in way.fields else {}
    await way.demand("plug_connector", {"evse_id": way.evse, **ev})


async def _authorize(way: _Way) -> None:
    await way.demand("authorize_id_tag", {"id_tag": way.card, **way.place})
    await way.charger.until(lambda: way.charger.accepted(way.card), "authorized", way.limit, card=way.card)


def _present_until(status: str) -> _Act:
    """Present the card at the EVSE until its connector has a status."""

    async def act(way: _Way) -> None:
        await way.present()
        await _until_status(way, status, way.card)

    return act


async def _stop_energy(way: _Way) -> None:
    await way.demand("ev_stops_energy", {"evse_id": way.evse})


async def _break(way: _Way) -> None:
    await way.demand("inject_fault", {"fault_type": way.fields.get("fault_type", "GroundFailure"), "evse_id": way.evse})


async def _cut(way: _Way) -> None:
    await way.demand("network", {"state": "down"})
    await way.charger.until(lambda: not way.charger.online(), "offline", way.limit)


async def _take_out_of_service(way: _Way) -> None:
    fields = {"status": "Inoperative", **way.place}
    await way.csms.demand(way.charger.identity, "change_availability", fields)


async def _reserve(way: _Way) -> None:
    expires_in = way.fields.get("expires_in", "1h")
    fields = {"id_tag": way.card, "evse_id": way.evse, "expires_in": expires_in}
    await way.csms.demand(way.charger.identity, "reserve_now", fields)


def _status(wanted: str) -> _Act:
    async def act(way: _Way) -> None:
        await _until_status(way, wanted)

    return act


async def _until_status(way: _Way, wanted: str, card: str | None = None) -> None:
    charger = way.charger
    await charger.until(
        lambda: charger.status(way.evse) == wanted, f"{wanted} on EVSE {way.evse}", way.limit, card=card
    )


_CHARGING = (_boot, _plug, _present_until("Charging"))
RECIPES: Mapping[str, tuple[_Act, ...]] = {
    "disconnected": (),
    "booted": (_boot,),
    "ev_connected": (_boot, _plug),
    "authorized": (_boot, _authorize),
    "charging": _CHARGING,
    "suspended_ev": (*_CHARGING, _stop_energy, _status("SuspendedEV")),
    "finishing": (*_CHARGING, _present_until("Finishing")),
    "unavailable": (_boot, _take_out_of_service, _status("Unavailable")),
    "faulted": (_boot, _break),
    "offline": (_boot, _cut),
    "reserved": (_boot, _reserve, _status("Reserved")),
}
