"""Chargers over HTTP: creation, provisioning, changes, runtimes, logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.settings import Limits, Pessimism
from tests.gateway.server.kit import Site, eventually, run, site, until


async def provisioned(here: Site, charger_id: str) -> dict[str, Any]:
    """The status of a charger once it has been provisioned."""

    async def done() -> dict[str, Any] | None:
        status = await here.get(f"/ocpp/chargers/{charger_id}/status")
        return status if status["status"] in ("READY", "FAILED") else None

    return dict(await eventually(done, "provisioned"))


def test_a_charger_is_created_becomes_ready_and_boots() -> None:
    """PENDING, PROVISIONING, READY; then BootNotification is the first line of its log."""

    async def main() -> None:
        async with site(pessimism=Pessimism(provisioning_delay=4.0)) as here:
            answer = await here.post(
                "/ocpp/chargers",
                here.new_charger(
                    brand_slug="abb", model_slug="terra-184", connector_type="CCS2", charge_point_name="A"
                ),
            )
            assert answer.status_code == 202
            created = answer.json()
            charger = created["charger_id"]
            assert set(created) == {"charger_id", "identity", "status", "workflow_run_id", "status_url"}
            assert created["status"] == "PENDING" and created["status_url"] == f"/ocpp/chargers/{charger}/status"
            seen = [created["status"]]

            async def ready() -> bool:
                status = (await here.get(created["status_url"]))["status"]
                if status != seen[-1]:
                    seen.append(status)
                return bool(status == "READY")

            await eventually(ready, "ready")
            assert seen == ["PENDING", "PROVISIONING", "READY"]
            await here.online()
            first = (await here.logs(charger))[0]
            assert (first["direction"], first["action"]) == ("cp_to_csms", "BootNotification")
            assert json.loads(first["message"])[3]["chargePointModel"] == "Terra 184"
            found = await here.get(f"/ocpp/chargers/{charger}")
            assert found | {"created_at": 0, "updated_at": 0} == {
                "id": charger,
                "identity": "CP-1",
                "name": "A",
                "vendor_name": "ABB",
                "model": "Terra 184",
                "image_url": None,
                "ocpp_version": "OCPP1.6",
                "number_of_connectors": 2,
                "max_charging_power": 180000,
                "connector_type": "CCS2",
                "location_id": None,
                "created_at": 0,
                "updated_at": 0,
            }

    run(main())


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"brand_slug": "nobody"}, 400, "no brand 'nobody'"),
        ({"identity": ".."}, 400, "cannot be the end of a URL"),
        ({"identity": "CP\u00001"}, 400, "cannot be the end of a URL"),
        ({"identity": "CP\n1"}, 400, "cannot be the end of a URL"),
        ({"model_slug": "nothing"}, 400, "no model 'nothing'"),
        ({"connector_type": "Plug"}, 400, "no connector type 'Plug'"),
        ({"location_id": "none"}, 400, "no location 'none'"),
        ({"location_name": "none"}, 400, "no location 'none'"),
        ({"ws_url": "ws://["}, 400, "ws_url"),
        ({"ws_url": "http://example.org"}, 422, "ws_url"),
        ({"ocpp_version": "OCPP1.5"}, 422, "ocpp_version"),
        ({"identity": None}, 422, "identity"),
        ({"identity": ""}, 422, "identity"),
    ],
)
def test_a_charger_that_cannot_be(change: dict[str, Any], status: int, reason: str) -> None:
    """400 with the reason for what makes no sense, 422 for what has the wrong form."""

    async def main() -> None:
        async with site() as here:
            answer = await here.post("/ocpp/chargers", here.new_charger() | change)
            assert answer.status_code == status, answer.text
            assert reason in json.dumps(answer.json()).replace('\\"', '"')

    run(main())


def test_an_identity_is_used_once_and_the_gateway_has_an_end() -> None:
    """A second charger of that identity is a bad request; one too many is 503."""

    async def main() -> None:
        async with site(limits=Limits(chargers=2)) as here:
            await here.charger("CP-1")
            assert (await here.post("/ocpp/chargers", here.new_charger("CP-1"))).status_code == 400
            await here.charger("CP-2")
            full = await here.post("/ocpp/chargers", here.new_charger("CP-3"))
            assert full.status_code == 503 and "at most 2" in full.json()["detail"]

    run(main())


def test_a_csms_that_is_not_there_leaves_the_charger_ready() -> None:
    """READY is not connected: the charger dials on, and takes commands meanwhile."""

    async def main() -> None:
        async with site() as here:
            answer = await here.post("/ocpp/chargers", here.new_charger(ws_url="ws://127.0.0.1:9"))
            charger = answer.json()["charger_id"]
            assert (await provisioned(here, charger))["status"] == "READY"
            plug = await here.command("plug-connector", charger, {"evse_id": 1})
            assert plug.json()["queued_count"] == 1
            assert await here.logs(charger) == []
            changed = await here.client.put(f"/ocpp/chargers/{charger}", json={"ws_url": here.ws_url})
            assert changed.status_code == 200
            await here.online()
            assert [call["connectorId"] for call in here.log.calls("StatusNotification")] == [0, 1, 2]
            assert here.log.calls("StatusNotification")[1]["status"] == "Preparing"

    run(main())


def test_a_charger_is_changed_in_part() -> None:
    """What is left out stays; another version starts it anew, unless a transaction runs."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger(charge_point_name="Bay 1")
            path = f"/ocpp/chargers/{charger}"
            named = await here.client.put(path, json={"connector_type": "CCS2"})
            assert (named.json()["name"], named.json()["connector_type"]) == ("Bay 1", "CCS2")
            assert (await here.client.put(path, json={"name": "Bay 2"})).json()["name"] == "Bay 2"
            assert (await here.client.put(path, json={"connector_type": "Plug"})).status_code == 400
            assert (await here.client.put("/ocpp/chargers/none", json={})).status_code == 404
            await here.command("start-session", charger, {"id_tag": "CARD-1"})
            refused = await here.client.put(path, json={"ocpp_version": "OCPP2.0.1", "name": "Bay 3"})
            assert refused.status_code == 400
            assert (await here.get(path))["name"] == "Bay 2"
            await here.command("stop-session", charger, {})
            changed = await here.client.put(path, json={"ocpp_version": "OCPP2.0.1"})
            assert changed.json()["ocpp_version"] == "OCPP2.0.1"
            await until(lambda: len(here.log.calls("BootNotification")) == 2, "boots again")
            assert here.log.calls("BootNotification")[1]["chargingStation"]["model"] == "Simulated"

    run(main())


def test_a_deleted_charger_is_gone() -> None:
    """Its connection closes, its routes are 404, its identity is free."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger()
            answer = await here.client.delete(f"/ocpp/chargers/{charger}")
            assert (answer.status_code, answer.content) == (204, b"")
            await until(lambda: not here.csms.stations["CP-1"].connected, "disconnected")
            assert (await here.client.get(f"/ocpp/chargers/{charger}")).status_code == 404
            assert (await here.client.delete(f"/ocpp/chargers/{charger}")).status_code == 404
            assert (await here.get("/ocpp/chargers"))["total"] == 0
            await here.charger()

    run(main())


def test_stop_start_and_reset_are_losses_of_power() -> None:
    """What runs is interrupted and ends with PowerLoss after the next boot; the answers say what was asked."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger()
            await here.command("start-session", charger, {"id_tag": "CARD-1"})
            stopped = await here.post(f"/ocpp/chargers/{charger}/stop-charger")
            assert stopped.status_code == 200
            body = stopped.json()
            assert (body["id"], body["event_type"], body["ocpp_version"]) == (charger, "stop_charger", "OCPP1.6")
            assert (body["payload"]["desired_count"], body["payload"]["status"]) == (0, "INACTIVE")
            await until(lambda: not here.csms.stations["CP-1"].connected, "disconnected")
            refused = await here.command("plug-connector", charger, {"evse_id": 2})
            assert "stopped" in refused.json()["failed"][0]["error"]
            assert (await here.command("cache/reset", charger)).status_code == 400
            started = await here.post(f"/ocpp/chargers/{charger}/start-charger", {})
            assert started.json()["payload"]["desired_count"] == 1
            await here.online()
            assert here.log.calls("StopTransaction")[0]["reason"] == "PowerLoss"
            await here.command("unplug-connector", charger, {"evse_id": 1})
            await here.post(f"/ocpp/chargers/{charger}/reset-charger", {"why": "not"})
            await until(lambda: len(here.log.calls("BootNotification")) == 3, "boots again")
            for path in ("stop-charger", "start-charger", "reset-charger"):
                assert (await here.post(f"/ocpp/chargers/none/{path}")).status_code == 404

    run(main())


def test_the_log_holds_every_frame_and_can_be_searched() -> None:
    """Both directions, answers under the name of their call, by time, by action, in pages."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger()
            rows = await here.logs(charger)
            frames = [json.loads(row["message"]) for row in rows]
            assert [(row["direction"], row["action"], frame[0]) for row, frame in zip(rows, frames, strict=True)][
                :2
            ] == [
                ("cp_to_csms", "BootNotification", 2),
                ("csms_to_cp", "BootNotification", 3),
            ]
            assert len(rows) == 8
            times = [row["timestamp"] for row in rows]
            assert times == sorted(set(times)) and all(time.endswith("Z") for time in times)
            assert len(await here.logs(charger, event="BootNotification")) == 2
            assert await here.logs(charger, event="Heartbeat") == []
            assert await here.logs(charger, start_date=times[2]) == rows[2:]
            assert await here.logs(charger, end_date=times[2]) == rows[:3]
            assert await here.logs(charger, start_date=times[2], end_date=times[3]) == rows[2:4]
            page = await here.get(f"/ocpp/chargers/{charger}/logs", limit=3, offset=6)
            assert page == {"data": rows[6:], "total": 8, "limit": 3, "offset": 6}
            for wrong in ({"limit": 0}, {"limit": 1001}, {"offset": -1}, {"start_date": "soon"}):
                answer = await here.client.get(f"/ocpp/chargers/{charger}/logs", params=wrong)
                assert answer.status_code == 422

    run(main())


def test_the_log_is_bounded() -> None:
    """The oldest entries go first."""

    async def main() -> None:
        async with site(limits=Limits(log_entries=5)) as here:
            charger = await here.charger()
            rows = await here.logs(charger)
            assert len(rows) == 5 and "BootNotification" not in {row["action"] for row in rows}

    run(main())


def test_chargers_are_listed_in_pages_and_by_location() -> None:
    """The oldest first; 50 to a page unless said, 100 at most."""

    async def main() -> None:
        async with site() as here:
            ids = [await here.charger(f"CP-{number}") for number in range(1, 4)]
            listed = await here.get("/ocpp/chargers", page=2, limit=2)
            assert [one["id"] for one in listed["data"]] == ids[2:]
            assert (listed["total"], listed["page"], listed["limit"]) == (3, 2, 2)
            assert (await here.get("/ocpp/chargers"))["limit"] == 50
            assert (await here.get("/ocpp/chargers", location_id="none"))["total"] == 0
            for wrong in ({"limit": 101}, {"limit": 0}, {"page": 0}, {"page": "one"}):
                assert (await here.client.get("/ocpp/chargers", params=wrong)).status_code == 422

    run(main())


def test_a_frame_that_is_no_message_is_logged_as_it_is() -> None:
    """Under the action Unknown, with its text."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger()
            here.csms.program("CP-1", {"to": "Heartbeat", "garbage": "{not json"})
            event = {"action": "heartbeat", "ocpp_version": "ocpp1.6", "payload": {}}
            await here.command("proxy-message", charger, event)
            await clock.settled()
            assert (await here.logs(charger))[-1]["message"] == "{not json"

    run(main())
