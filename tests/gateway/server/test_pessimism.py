"""A Gateway that is worse than it could be, on request: still right, only late and disorderly."""

from __future__ import annotations

import json

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.settings import Pessimism
from tests.gateway.server.kit import Site, eventually, run, site
from tests.gateway.server.test_locations import PLACE


async def whole_log(here: Site, charger: str, rows: int) -> list[dict[str, str]]:
    """The log once it has so many entries."""

    async def look() -> list[dict[str, str]] | None:
        found = await here.logs(charger)
        return found if len(found) >= rows else None

    return list(await eventually(look, f"{rows} entries"))


def test_log_entries_come_late_and_not_in_order() -> None:
    """Nothing is lost: after the delay everything is there, with the times at which it happened."""

    async def main() -> None:
        async with site(pessimism=Pessimism(log_delay=5.0, shuffle_logs=True, seed=3)) as here:
            charger = await here.charger()
            began = clock.now()
            assert len(await here.logs(charger)) < 8
            rows = await whole_log(here, charger, 8)
            assert 0 < clock.now() - began <= 5.1
            times = [row["timestamp"] for row in rows]
            assert times != sorted(times) and len(set(times)) == 8
            again = await here.logs(charger)
            assert sorted(map(str, again)) == sorted(map(str, rows))

    run(main())


def test_a_log_of_calls_only_with_whole_seconds() -> None:
    """No answer has an entry; timestamps are cut."""

    async def main() -> None:
        async with site(pessimism=Pessimism(calls_only=True, whole_seconds=True)) as here:
            charger = await here.charger()
            rows = await here.logs(charger)
            assert {json.loads(row["message"])[0] for row in rows} == {2} and len(rows) == 4
            assert all(len(row["timestamp"]) == len("2026-01-01T00:00:00Z") for row in rows)

    run(main())


def test_a_part_of_a_fan_out_fails_and_never_a_single_charger() -> None:
    """The chargers that are left out have done nothing."""

    async def main() -> None:
        async with site(pessimism=Pessimism(partial_fanout=0.5)) as here:
            place = (await here.post("/ocpp/locations", PLACE)).json()["id"]
            ids = [await here.charger(f"CP-{number}", location_id=place) for number in range(1, 5)]
            body = {"target": {"location_id": place}, "event": {"evse_id": 1}}
            told = (await here.post("/ocpp/commands/plug-connector", body)).json()
            assert (told["targeted_count"], told["queued_count"], told["failed_count"]) == (4, 2, 2)
            await clock.settled()
            left_out = {failure["identity"] for failure in told["failed"]}
            for number, charger in enumerate(ids, 1):
                identity = f"CP-{number}"
                plugged = here.log.calls("StatusNotification", identity=identity)[-1]["status"] == "Preparing"
                assert plugged == (identity not in left_out)
                if identity in left_out:
                    one = await here.command("plug-connector", charger, {"evse_id": 1})
                    assert one.json()["failed_count"] == 0
            also = await here.post("/evcharger/commands/unplug-connector", {"target": {"location_id": place}})
            assert also.json()["failed_count"] == 2

    run(main())
