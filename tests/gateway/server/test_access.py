"""Tokens, organizations, and the wall between them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.gateway.server.kit import ADMIN_TOKEN, OTHER_TOKEN, TOKEN, Site, client_of, run, site
from tests.gateway.server.test_commands import EVENTS
from tests.gateway.server.test_locations import PLACE, group

Attempt = tuple[str, str, Any]


async def attempts(here: Site) -> list[Attempt]:
    """Every kind of route that names an object, aimed at one organization's objects."""
    place = (await here.post("/ocpp/locations", PLACE)).json()["id"]
    charger = await here.charger(location_id=place)
    job = (await here.post(f"/ocpp/locations/{place}/chargers", [group(here, charger_ids=["J"])])).json()["job_id"]
    told = await here.post("/evcharger/commands/plug-connector", {"target": {"identity": "CP-1"}})
    command = told.json()["results"][0]["command"]["id"]
    one = f"/ocpp/chargers/{charger}"
    many = f"/ocpp/locations/{place}/chargers"
    runtime = "/evcharger/deployment-runtime-ops"
    found: list[Attempt] = [
        ("GET", one, None),
        ("PUT", one, {"name": "mine"}),
        ("DELETE", one, None),
        ("GET", f"{one}/status", None),
        ("GET", f"{one}/logs", None),
        ("POST", f"{one}/start-charger", {}),
        ("POST", f"{one}/stop-charger", {}),
        ("POST", f"{one}/reset-charger", {}),
        ("GET", f"/ocpp/locations/{place}", None),
        ("PUT", f"/ocpp/locations/{place}", {"name": "mine"}),
        ("DELETE", f"/ocpp/locations/{place}", None),
        ("GET", many, None),
        ("POST", many, [group(here, charger_ids=["M"])]),
        ("PUT", many, {"chargers": [{"charger_id": charger, "name": "mine"}]}),
        ("DELETE", f"{many}?charger_ids={charger}", None),
        ("GET", f"{many}/jobs/{job}", None),
        ("GET", f"/evcharger/commands/{command}", None),
        ("GET", "/evcharger/commands?identity=CP-1", None),
        ("GET", f"/evcharger/commands?deployment_id={charger}", None),
        ("DELETE", f"/evcharger/deployment?deployment_id={charger}", None),
        ("DELETE", "/evcharger/deployment?identity=CP-1", None),
        ("DELETE", f"/evcharger/location?location_id={place}", None),
        ("GET", "/evcharger/logs?identity=CP-1", None),
        ("DELETE", "/evcharger/logs?identity=CP-1", None),
        ("POST", runtime, {"action": "stop", "deployment_id": charger}),
        ("POST", runtime, {"action": "delete", "location_id": place}),
        ("GET", f"{runtime}/diagnostics?deployment_id={charger}", None),
        ("POST", "/evcharger/commands/plug-connector", {"target": {"deployment_id": charger}}),
        ("POST", "/evcharger/commands/plug-connector", {"target": {"identity": "CP-1"}}),
        ("POST", "/evcharger/commands/plug-connector", {"target": {"location_id": place}}),
        ("POST", "/ocpp/commands/plug-connector", {"target": {"location_id": place}, "event": {}}),
    ]
    for path, event in EVENTS.items():
        found.append(("POST", f"/ocpp/commands/{path}", {"target": {"charger_id": charger}, "event": event}))
    return found


def test_one_organization_never_reaches_another_s_objects(caplog: pytest.LogCaptureFixture) -> None:
    """Each kind of route refuses with 404 or 403, changes nothing, and leaves a log line without secrets."""

    async def main() -> None:
        async with site() as here:
            tries = await attempts(here)
            assert len(tries) >= 20
            before = (await here.get("/ocpp/chargers"), await here.get("/ocpp/locations"))
            caplog.clear()
            async with client_of(here.fleet, OTHER_TOKEN) as stranger:
                for method, path, body in tries:
                    answer = await stranger.request(method, path, json=body)
                    assert answer.status_code in (403, 404), (method, path, answer.text)
                    assert set(answer.json()) == {"detail"}
                for path in ("/ocpp/chargers", "/ocpp/locations"):
                    assert (await stranger.get(path)).json()["total"] == 0
                stages = await stranger.get("/evcharger/deployment-runtime-ops/status?identity=CP-1")
                assert stages.json()["items"][0]["stage"] == "not_deployed"
                events = await stranger.get("/evcharger/deployment-runtime-ops/events?outcome=all")
                assert events.json() == {"events": []}
            assert (await here.get("/ocpp/chargers"), await here.get("/ocpp/locations")) == before
            lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
            assert len(lines) == len(tries)
            assert all("organization beta" in line for line in lines)
            text = caplog.text
            assert not any(token in text for token in (TOKEN, OTHER_TOKEN, ADMIN_TOKEN))

    with caplog.at_level(logging.DEBUG):
        run(main())


def test_both_organizations_may_use_one_identity() -> None:
    """Identities are an organization's own business."""

    async def main() -> None:
        async with site() as here:
            await here.charger("CP-1")
            async with client_of(here.fleet, OTHER_TOKEN) as other:
                answer = await other.post("/ocpp/chargers", json=here.new_charger("CP-1"))
                assert answer.status_code == 202
                assert (await other.get("/ocpp/chargers")).json()["total"] == 1
            assert (await here.get("/ocpp/chargers"))["total"] == 1

    run(main())


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer nobody", "Basic dTpw", "bearer-token"])
def test_without_a_known_token_nothing_is_reached(header: str | None) -> None:
    """401 with a detail and the challenge, for routes of organizations as for the catalogue."""

    async def main() -> None:
        async with site() as here, client_of(here.fleet, None) as nobody:
            headers = {} if header is None else {"Authorization": header}
            for path in ("/ocpp/chargers", "/ocpp/catalog/brands", "/evcharger/catalog", "/ocpi/cpos"):
                answer = await nobody.get(path, headers=headers)
                assert answer.status_code == 401, path
                assert answer.headers["www-authenticate"] == "Bearer" and answer.json()["detail"]

    run(main())


def test_an_admin_names_the_organization_and_a_user_must_not() -> None:
    """X-Organization-Id is needed for the one, refused for the other; there must be such an organization."""

    async def main() -> None:
        async with site() as here:
            await here.charger()
            async with client_of(here.fleet, ADMIN_TOKEN) as admin:
                assert (await admin.get("/ocpp/chargers")).status_code == 403
                acme = await admin.get("/ocpp/chargers", headers={"X-Organization-Id": "acme"})
                beta = await admin.get("/ocpp/chargers", headers={"X-Organization-Id": "beta"})
                assert (acme.json()["total"], beta.json()["total"]) == (1, 0)
                nobody = await admin.get("/ocpp/chargers", headers={"X-Organization-Id": "gamma"})
                assert nobody.status_code == 403
                assert (await admin.get("/ocpp/catalog/brands")).status_code == 200
            for name in ("acme", "beta"):
                refused = await here.client.get("/ocpp/chargers", headers={"X-Organization-Id": name})
                assert refused.status_code == 403

    run(main())
