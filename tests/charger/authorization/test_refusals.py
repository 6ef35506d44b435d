"""A card that the station refuses by itself: the verdict says why."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.core.events import UsabilityChanged
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, rig


async def _charge(it: Rig, evse_id: int) -> None:
    await it.do("plug_connector", evse_id=evse_id)
    await it.do("authorize_id_tag", id_tag=f"CARD-{evse_id}", evse_id=evse_id)


async def _busy(it: Rig) -> None:
    await _charge(it, 1)


async def _finished(it: Rig) -> None:
    await _charge(it, 1)
    await it.do("authorize_id_tag", id_tag="CARD-1")


async def _faulted(it: Rig) -> None:
    await it.do("inject_fault", fault_type="GroundFailure", evse_id=1)


async def _inoperative(it: Rig) -> None:
    it.charger.evses[0].connectors[0].operative = False
    it.charger.context.events.tell(UsabilityChanged(it.charger.evses[0]))


async def _granted(it: Rig) -> None:
    await it.do("authorize_id_tag", id_tag="CARD-1", evse_id=1)


async def _waited(it: Rig) -> None:
    await it.do("plug_connector", evse_id=1)
    await it.wait(100)


@pytest.mark.parametrize("version", [OcppVersion.V16, OcppVersion.V201])
@pytest.mark.parametrize(
    ("evses", "prepare", "fields", "reason"),
    [
        (1, _busy, {}, "EVSE 1 is charging for another card"),
        (1, _finished, {}, "EVSE 1 has a car that has finished"),
        (1, _faulted, {}, "EVSE 1 is faulted"),
        (1, _inoperative, {}, "EVSE 1 is out of service"),
        (1, _granted, {}, "EVSE 1 is granted to another card"),
        (2, _waited, {"evse_id": 1}, "EVSE 1 has a car that has waited for a card too long"),
        (2, _busy, {"evse_id": 1}, "EVSE 1 is charging for another card"),
    ],
)
def test_the_reason_names_what_is_in_the_way(
    evses: int, prepare: Any, fields: dict[str, Any], reason: str, version: OcppVersion
) -> None:
    """The same in both versions; only the status differs: Invalid in 1.6, Unknown in 2.0.1."""

    async def main() -> None:
        async with rig({"evses": evses, "authorization": {"plug_in_timeout": True}}, version=version) as it:
            await prepare(it)
            it.forget()
            await it.do("authorize_id_tag", id_tag="OTHER", **fields)
            status = "Invalid" if version is OcppVersion.V16 else "Unknown"
            (told,) = it.told("auth_status")
            assert (told["is"], told["via"], told["reason"]) == (status, "station", reason)

    clock.run(main())


def test_each_evse_has_its_own_reason() -> None:
    """With several EVSEs all of them are told, up to a few."""

    async def main() -> None:
        async with rig({"evses": 6}) as it:
            for evse_id in range(1, 7):
                await _charge(it, evse_id)
            it.forget()
            await it.do("authorize_id_tag", id_tag="OTHER")
            (told,) = it.told("auth_status")
            assert told["reason"].startswith("EVSE 1 is charging for another card, EVSE 2 is")
            assert told["reason"].endswith(", 3 more EVSEs are not free")

    clock.run(main())


def test_a_reserved_evse_is_a_reason() -> None:
    """A reservation keeps other cards away."""

    async def main() -> None:
        async with rig() as it:
            expiry = "2026-01-01T01:00:00Z"
            await it.call("ReserveNow", connectorId=1, expiryDate=expiry, idTag="A", reservationId=1)
            await it.do("authorize_id_tag", id_tag="B")
            assert it.told("auth_status")[0]["reason"] == "EVSE 1 is reserved"

    clock.run(main())
