"""The evcharger routes: commands whose outcome can be read, deployments, runtimes, logs."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.settings import Limits, Pessimism
from tests.gateway.server.kit import VERSIONS, Site, eventually, run, site

FINAL = ("applied", "rejected", "expired", "failed")


async def send(here: Site, path: str, payload: Any = None, **target: Any) -> str:
    """Send a command to one charger; returns the command's id."""
    body = {"target": target or {"identity": "CP-1"}} | ({} if payload is None else {"payload": payload})
    answer = await here.post(f"/evcharger/commands/{path}", body)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert (told["targeted_count"], told["queued_count"], told["failed_count"]) == (1, 1, 0)
    return str(told["results"][0]["command"]["id"])


async def outcome(here: Site, command: str) -> dict[str, Any]:
    """A command's result once it is final."""

    async def final() -> dict[str, Any] | None:
        answer = await here.client.get(f"/evcharger/commands/{command}")
        if answer.status_code == 404:
            return None
        found: dict[str, Any] = answer.json()
        return found if found["status"] in FINAL else None

    return dict(await eventually(final, "final"))


COMMANDS: list[tuple[str, Any, str]] = [
    ("configuration", {"key": "AuthorizeRemoteTxRequests", "value": "false"}, "applied"),
    ("configuration", {"key": "NoSuchKey", "value": "x"}, "rejected"),
    ("cache/reset", None, "applied"),
    ("local-auth-list", {"list_version": 1, "update_type": "Full", "entries": [{"id_tag": "CARD-1"}]}, "applied"),
    ("local-auth-list", {"list_version": 1, "update_type": "Differential", "entries": []}, "rejected"),
    ("clear-local-auth-list", {}, "applied"),
    ("inject-fault", {"fault_type": "OverCurrent", "evse_id": 2}, "applied"),
    ("inject-fault", {"fault_type": "Gremlins"}, "rejected"),
    ("clear-fault", {"evse_id": 2}, "applied"),
    ("clear-fault", None, "rejected"),
    ("plug-connector", {"evse_id": 1}, "applied"),
    ("authorize-id-tag", {"id_tag": "CARD-1", "connector_id": 1}, "applied"),
    ("ev-stops-energy", {"connector_id": 1}, "applied"),
    ("ev-requests-energy", None, "applied"),
    ("power-update", {"power_w": 4000}, "applied"),
    ("stop-session", None, "applied"),
    ("start-session", {"id_tag": "CARD-2", "connector_id": 2}, "applied"),
    ("start-session", {"id_tag": "CARD-BLOCKED", "connector_id": 1}, "rejected"),
    ("unplug-connector", {"evse_id": 1}, "applied"),
    ("proxy-message", {"action": "Heartbeat"}, "applied"),
    ("proxy-message", {"action": "Authorize", "payload": {}}, "rejected"),
]


def test_every_command_has_an_outcome_that_can_be_read() -> None:
    """All 15 in one life of a charger: applied with evidence, or rejected with the reason."""

    async def main() -> None:
        async with site() as here:
            await here.charger()
            for path, payload, expected in COMMANDS:
                result = await outcome(here, await send(here, path, payload))
                assert result["status"] == expected, (path, result)
                assert (result["detail"] is None) == (expected == "applied"), result
                assert result["identity"] == "CP-1" and result["received_at"] <= result["updated_at"]
            assert len({path for path, _, _ in COMMANDS}) == 15
            listed = (await here.get("/evcharger/commands", identity="CP-1"))["data"]
            assert len(listed) == len(COMMANDS)
            assert listed[0]["result"] is None and listed[0]["event_type"] == "proxy_message"
            assert [one["received_at"] for one in listed] == sorted((o["received_at"] for o in listed), reverse=True)

    run(main())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("card", "status"), [("CARD-1", "Accepted"), ("CARD-BLOCKED", "Blocked"), ("X", "Invalid")])
def test_the_verdict_on_a_card_is_in_the_result(version: str, card: str, status: str) -> None:
    """With the way by which it was given."""

    async def main() -> None:
        async with site() as here:
            await here.charger(ocpp_version=version)
            result = await outcome(here, await send(here, "authorize-id-tag", {"id_tag": card}))
            assert result["status"] == ("applied" if status == "Accepted" else "rejected")
            assert (result["result"]["status"], result["result"]["via"]) == (status, "Authorize")

    run(main())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_verdict_that_no_frame_shows_is_in_the_result(version: str) -> None:
    """Of the station itself with its reason, of the local list, and for which EVSE; no second word replaces it."""

    async def main() -> None:
        async with site() as here:
            await here.charger(ocpp_version=version)
            card = {"id_tag": "CARD-2", "parent_id_tag": "FLEET"}
            await send(here, "local-auth-list", {"list_version": 1, "entries": [card], "update_type": "Full"})
            key = "LocalPreAuthorize" if version == "OCPP1.6" else "AuthCtrlr.LocalPreAuthorize"
            await send(here, "configuration", {"key": key, "value": "true"})
            place = {"connector_id": 1} if version == "OCPP1.6" else {"evse_id": 1}
            listed = await outcome(here, await send(here, "authorize-id-tag", {"id_tag": "CARD-2", **place}))
            told = listed["result"]
            assert (listed["status"], told["status"], told["via"]) == ("applied", "Accepted", "local_list")
            assert (told["id_tag"], told["evse_id"], told["parent_id_token"]) == ("CARD-2", 1, "FLEET")
            await send(here, "inject-fault", {"fault_type": "GroundFailure"})
            refused = await outcome(here, await send(here, "authorize-id-tag", {"id_tag": "CARD-1"}))
            told = refused["result"]
            refusal = "Invalid" if version == "OCPP1.6" else "Unknown"
            assert (refused["status"], told["status"], told["via"]) == ("rejected", refusal, "station")
            assert told["reason"] and told["token_status"] == "Rejected"

    run(main())


def test_an_unanswered_authorize_tells_why_the_station_refused() -> None:
    """The verdict is the station's own, with its reason."""

    async def main() -> None:
        async with site(csms={"replies": [{"to": "Authorize", "error": "InternalError"}]}) as here:
            await here.charger()
            told = (await outcome(here, await send(here, "authorize-id-tag", {"id_tag": "CARD-1"})))["result"]
            assert (told["status"], told["via"]) == ("Invalid", "station")
            assert "InternalError" in told["reason"]

    run(main())


def test_a_verdict_can_be_read_before_the_outcome() -> None:
    """A card of the group of one that is granted an EVSE is judged, and nothing more becomes of it."""

    async def main() -> None:
        cards = {name: {"status": "Accepted", "parent_id_token": "FLEET"} for name in ("CARD-1", "CARD-2")}
        async with site(csms={"id_tokens": cards}) as here:
            await here.charger(model_slug="evse-1")
            await outcome(here, await send(here, "authorize-id-tag", {"id_tag": "CARD-1"}))
            command = await send(here, "authorize-id-tag", {"id_tag": "CARD-2"})
            await clock.settled()
            seen = await here.get(f"/evcharger/commands/{command}")
            assert (seen["status"], seen["result"]["status"]) == ("received", "Accepted")
            assert (await outcome(here, command))["result"]["via"] == "Authorize"

    run(main())


def test_a_silent_csms_leaves_a_command_without_outcome() -> None:
    """Received, then failed when nobody has answered for long."""

    async def main() -> None:
        async with site(csms={"replies": [{"to": "Heartbeat", "silence": True, "times": "always"}]}) as here:
            await here.charger()
            command = await send(here, "proxy-message", {"action": "Heartbeat"})
            assert (await here.get(f"/evcharger/commands/{command}"))["status"] == "received"
            result = await outcome(here, command)
            assert result["status"] == "failed" and "30 s" in result["detail"]

    run(main())


def test_a_csms_error_rejects_a_proxied_message() -> None:
    """With the code of the CALLERROR."""

    async def main() -> None:
        async with site(csms={"replies": [{"to": "Heartbeat", "error": "InternalError"}]}) as here:
            await here.charger()
            result = await outcome(here, await send(here, "proxy-message", {"action": "Heartbeat"}))
            assert result["status"] == "rejected" and "InternalError" in result["detail"]

    run(main())


def test_commands_wait_for_a_stopped_charger_and_expire() -> None:
    """Deferred, applied in order once it runs again; or expired when it does not come back."""

    async def main() -> None:
        async with site(limits=Limits(command_expiry=30.0)) as here:
            charger = await here.charger()
            await here.post(f"/ocpp/chargers/{charger}/stop-charger")
            commands = [await send(here, "plug-connector", {"evse_id": number}) for number in (1, 1, 2)]
            assert (await here.get(f"/evcharger/commands/{commands[0]}"))["status"] == "deferred"
            await here.post(f"/ocpp/chargers/{charger}/start-charger")
            results = [await outcome(here, command) for command in commands]
            assert [result["status"] for result in results] == ["applied", "rejected", "applied"]
            await here.post(f"/ocpp/chargers/{charger}/stop-charger")
            late = await outcome(here, await send(here, "unplug-connector", {"evse_id": 1}))
            assert late["status"] == "expired"

    run(main())


def test_a_result_may_take_a_while_to_be_there() -> None:
    """404 means not yet, and the list does not show it either."""

    async def main() -> None:
        async with site(pessimism=Pessimism(result_delay=3.0)) as here:
            await here.charger()
            began = clock.now()
            command = await send(here, "plug-connector", {"evse_id": 1})
            assert (await here.client.get(f"/evcharger/commands/{command}")).status_code == 404
            assert (await here.get("/evcharger/commands", identity="CP-1"))["data"] == []
            await outcome(here, command)
            assert clock.now() - began >= 2.999

    run(main())


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"identity": "CP-1", "deployment_id": "x"},
        {"identity": "CP-1", "location_id": "x"},
        {"identity": "CP-1", "charger_ids": ["x"]},
    ],
)
def test_a_target_is_named_in_one_way(target: dict[str, Any]) -> None:
    """422."""

    async def main() -> None:
        async with site() as here:
            answer = await here.post("/evcharger/commands/plug-connector", {"target": target})
            assert answer.status_code == 422

    run(main())


def test_unknown_targets_are_not_found() -> None:
    """By deployment id, by identity and by location; results and logs alike."""

    async def main() -> None:
        async with site() as here:
            for target in ({"identity": "x"}, {"deployment_id": "x"}, {"location_id": "x"}):
                answer = await here.post("/evcharger/commands/plug-connector", {"target": target})
                assert answer.status_code == 404
            for path in ("/evcharger/commands/x", "/evcharger/commands?identity=x", "/evcharger/logs?identity=x"):
                assert (await here.client.get(path)).status_code == 404
            assert (await here.client.get("/evcharger/commands")).status_code == 400

    run(main())


NEW = {"identity": "CP-1", "model": "evse-1", "ocpp_version": "ocpp1.6", "charger_name": "One"}


def test_a_deployment_with_credentials_lives_and_goes() -> None:
    """It dials with its authorization key, and its stages can be watched."""

    async def main() -> None:
        async with site() as here:
            body = NEW | {"ws_url": here.ws_url, "security_profile": 1, "authorization_key": "k" * 16, "power_kwh": 7.4}
            made = (await here.post("/evcharger/deployment", body)).json()
            assert made["id"] == made["deployment_id"] and made["provisioning_state"] == "PENDING"
            await here.online()
            assert (await here.get(f"/ocpp/chargers/{made['id']}"))["max_charging_power"] == 7400
            path = "/evcharger/deployment-runtime-ops/status"
            items = (await here.get(path, identity=["CP-1", "CP-2"], events=True))["items"]
            assert [(item["identity"], item["stage"]) for item in items] == [
                ("CP-1", "online"),
                ("CP-2", "not_deployed"),
            ]
            stages = [event["stage"] for event in items[0]["events"]]
            assert stages[0] == "queued" and stages[-2:] == ["registering", "online"]
            answer = await here.client.delete("/evcharger/deployment", params={"identity": "CP-1"})
            assert answer.status_code == 204
            assert (await here.client.delete("/evcharger/deployment", params={"identity": "CP-1"})).status_code == 404
            wrong = await here.post("/evcharger/deployment", body | {"ocpp_version": "ocpp2.1"})
            assert wrong.status_code == 400
            assert (await here.post("/evcharger/deployment", body | {"model": "none"})).status_code == 400

    run(main())


def test_runtimes_are_stopped_restarted_and_deleted() -> None:
    """One by one with a result for each; a location's in one go with 202."""

    async def main() -> None:
        async with site() as here:
            coordinates = {"lat": 1.5, "lng": 2}
            charger = {"brand_slug": "simulated", "model": "evse-1", "connector_type": "Type2", "ws_url": here.ws_url}
            body = {"name": "L", "address": "A", "city": "C", "country": "NL", "coordinates": coordinates}
            answer = await here.post(
                "/evcharger/location", body | {"chargers": [charger | {"identity": f"CP-{n}"} for n in (1, 2)]}
            )
            assert answer.status_code == 202
            place = answer.json()["location_id"]
            for name in ("CP-1", "CP-2"):
                await here.online(name)
            one = (await here.get("/ocpp/chargers"))["data"][0]["id"]
            path = "/evcharger/deployment-runtime-ops"
            told = (await here.post(path, {"action": "stop", "deployment_id": one})).json()
            assert (told["accepted_count"], told["results"][0]["status"]) == (1, "accepted")
            diagnosis = await here.get(f"{path}/diagnostics", deployment_id=one)
            assert diagnosis["verdict"]["code"] == "stopped"
            many = await here.post(path, {"action": "restart", "location_id": place})
            assert many.status_code == 202
            assert many.json() == {"status": "accepted", "detail": "restart: 2 chargers"}
            await here.online("CP-1")
            assert (await here.post(path, {"action": "stop"})).status_code == 400
            assert (await here.post(path, {"action": "start", "deployment_id": one})).status_code == 422
            await here.post(path, {"action": "delete", "deployment_id": one})
            assert (await here.get("/ocpp/chargers"))["total"] == 1
            gone = await here.client.delete("/evcharger/location", params={"location_id": "L"})
            assert gone.status_code == 204 and (await here.get("/ocpp/chargers"))["total"] == 0

    run(main())


def test_two_locations_of_one_name_are_a_conflict() -> None:
    """409, and both stay."""

    async def main() -> None:
        async with site() as here:
            body = {"name": "L", "address": "A", "city": "C", "country": "NL", "coordinates": {"lat": 1, "lng": 2}}
            for _ in range(2):
                await here.post("/evcharger/location", body)
            assert (await here.client.delete("/evcharger/location", params={"location_id": "L"})).status_code == 409
            assert (await here.get("/ocpp/locations"))["total"] == 2

    run(main())


def test_a_csms_that_refuses_is_told_from_one_that_is_not_there() -> None:
    """In the diagnosis, and in the alerts; credentials in a URL are shown nowhere."""

    async def main() -> None:
        async with site() as here:
            path = "/evcharger/deployment-runtime-ops"
            url = "ws://user:secret@127.0.0.1:9/x"
            made = (await here.post("/evcharger/deployment", NEW | {"ws_url": url})).json()

            async def alert() -> Any:
                return (await here.get(f"{path}/events"))["events"]

            (event,) = await eventually(alert, "an alert")
            assert (event["stage"], event["outcome"], event["code"]) == ("connecting", "stuck", "unreachable")
            found = await here.client.get(f"{path}/diagnostics", params={"deployment_id": made["id"]})
            assert found.json()["verdict"]["code"] == "csms_unreachable"
            assert "secret" not in found.text + str(event)
            await here.client.put(f"/ocpp/chargers/{made['id']}", json={"ws_url": here.ws_url})
            await here.online()
            recovered = (await here.get(f"{path}/events", outcome="recovered", identity="CP-1"))["events"]
            assert len(recovered) == 1
            found = await here.client.get(
                f"{path}/diagnostics", params={"deployment_id": made["id"], "level": "warning", "tail_lines": 1}
            )
            assert found.json()["verdict"]["code"] == "connected" and len(found.json()["logs"]["lines"]) == 1
            too_long = {"since": "2020-01-01T00:00:00Z", "deployment_id": made["id"]}
            assert (await here.client.get(f"{path}/diagnostics", params=too_long)).status_code == 400

    run(main())


def test_logs_are_read_in_pages_and_cleared() -> None:
    """By identity."""

    async def main() -> None:
        async with site() as here:
            await here.charger()
            page = await here.get("/evcharger/logs", identity="CP-1", page=2, page_size=3)
            assert (page["total"], page["limit"], page["offset"], len(page["data"])) == (8, 3, 3, 3)
            assert (await here.client.get("/evcharger/logs")).status_code == 422
            cleared = await here.client.delete("/evcharger/logs", params={"identity": "CP-1"})
            assert cleared.json()["deleted"] == 8
            assert (await here.get("/evcharger/logs", identity="CP-1"))["total"] == 0

    run(main())


def without_images(page: dict[str, Any]) -> dict[str, Any]:
    """A page of the other generation's catalogue, as this one has it."""
    rows = [{key: value for key, value in row.items() if key != "image_url"} for row in page["data"]]
    return page | {"data": rows}


def test_the_catalogue_and_templates() -> None:
    """The same brands, models and templates as in the other generation."""

    async def main() -> None:
        async with site() as here:
            brands = await here.get("/evcharger/catalog")
            assert brands == without_images(await here.get("/ocpp/catalog/brands"))
            models = await here.get("/evcharger/catalog/abb/models")
            assert models == without_images(await here.get("/ocpp/catalog/brands/abb/models"))
            assert await here.get("/evcharger/catalog/abb/models/terra-184") in models["data"]
            templates = await here.get("/evcharger/templates/locations", ocpp_version="ocpp2.0.1")
            assert [one["slug"] for one in templates["templates"]] == ["highway-stop"] and templates["count"] == 1

    run(main())
