"""Locations, many chargers at once, catalogue and templates."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.settings import Limits
from tests.gateway.server.kit import Site, eventually, run, site

PLACE: dict[str, Any] = {
    "name": "La Défense Hub",
    "address": "1 Parvis",
    "city": "Paris",
    "country": "FR",
    "coordinates": {"latitude": 48.89, "longitude": 2.24},
}


async def location(here: Site, **fields: Any) -> str:
    """The id of a new location."""
    answer = await here.post("/ocpp/locations", PLACE | fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def group(here: Site, **fields: Any) -> dict[str, Any]:
    """One group of a bulk creation."""
    template = {
        "brand_slug": "simulated",
        "model_slug": "evse-1",
        "connector_type": "Type2",
        "ws_url": here.ws_url,
        "identity_prefix": "CP-",
    }
    return {"template": template, **fields}


async def finished(here: Site, url: str) -> dict[str, Any]:
    """A job once it has been done."""

    async def done() -> dict[str, Any] | None:
        job = await here.get(url)
        return job if job["status"] in ("READY", "FAILED") else None

    return dict(await eventually(done, "the job is done"))


def test_a_location_lives() -> None:
    """Created with a slug of its own, listed, changed in part, deleted; a second deletion is no mistake."""

    async def main() -> None:
        async with site() as here:
            answer = await here.post("/ocpp/locations", PLACE | {"public": True})
            assert answer.status_code == 201
            made = answer.json()
            assert made["slug"].startswith("la-d-fense-hub-") and made["status"] == "active" and made["public"]
            path = f"/ocpp/locations/{made['id']}"
            assert await here.get(path) == made
            changed = (await here.client.put(path, json={"city": "Puteaux", "status": "closed"})).json()
            assert (changed["city"], changed["status"], changed["name"]) == ("Puteaux", "closed", PLACE["name"])
            other = await location(here)
            taken = await here.client.put(f"/ocpp/locations/{other}", json={"slug": made["slug"]})
            assert taken.status_code == 400
            listed = await here.get("/ocpp/locations", limit=1)
            assert (listed["total"], [one["id"] for one in listed["data"]]) == (2, [made["id"]])
            assert [(await here.client.delete(path)).status_code for _ in range(2)] == [204, 204]
            assert (await here.client.get(path)).status_code == 404
            assert (await here.client.delete("/ocpp/locations/none")).status_code == 404

    run(main())


@pytest.mark.parametrize(
    "change", [{"country": "FRA"}, {"coordinates": {"latitude": 91, "longitude": 0}}, {"name": None}, {"public": "yes"}]
)
def test_a_location_that_cannot_be(change: dict[str, Any]) -> None:
    """422."""

    async def main() -> None:
        async with site() as here:
            assert (await here.post("/ocpp/locations", PLACE | change)).status_code == 422

    run(main())


def test_many_chargers_come_from_one_job() -> None:
    """Given suffixes, a number, or both: padded, or cut to the number; what cannot be is listed as failed."""

    async def main() -> None:
        async with site() as here:
            place = await location(here)
            body = [
                group(here, charger_ids=["A", "B"]),
                group(here, chargers_number=2),
                group(here, charger_ids=["C"], chargers_number=2),
                group(here, charger_ids=["D", "E"], chargers_number=1),
                group(here, charger_ids=["A"]),
            ]
            answer = await here.post(f"/ocpp/locations/{place}/chargers", body)
            assert answer.status_code == 202, answer.text
            job = answer.json()
            assert job["status"] == "PENDING"
            assert job["status_url"] == f"/ocpp/locations/{place}/chargers/jobs/{job['job_id']}"
            done = await finished(here, job["status_url"])
            assert done["status"] == "READY" and done["provisioned_at"] and done["error"] is None
            names = [one["identity"] for one in done["results"]["created"]]
            assert len(names) == 7 and {"CP-A", "CP-B", "CP-C", "CP-D"} <= set(names) and "CP-E" not in names
            assert [(one["identity"], "in use" in one["error"]) for one in done["results"]["failed"]] == [
                ("CP-A", True)
            ]
            for name in names:
                await here.online(name)
            assert len(here.csms.stations) == 7
            listed = await here.get(f"/ocpp/locations/{place}/chargers", limit=5)
            assert (listed["total"], len(listed["data"])) == (7, 5)

    run(main())


def test_a_job_of_which_nothing_comes_has_failed() -> None:
    """FAILED with an error, and each charger's reason."""

    async def main() -> None:
        async with site() as here:
            place = await location(here)
            wrong = group(here, charger_ids=["A"])
            wrong["template"]["model_slug"] = "nothing"
            job = (await here.post(f"/ocpp/locations/{place}/chargers", [wrong])).json()
            done = await finished(here, job["status_url"])
            assert done["status"] == "FAILED" and done["error"]["code"] == "no_charger_created"
            assert "nothing" in done["results"]["failed"][0]["error"]

    run(main())


def test_a_job_that_cannot_be() -> None:
    """400, 404, 422, and 503 when the Gateway would be too full; then nothing has been created."""

    async def main() -> None:
        async with site(limits=Limits(chargers=3)) as here:
            place = await location(here)
            path = f"/ocpp/locations/{place}/chargers"
            assert (await here.post(path, [])).status_code == 400
            assert (await here.post(path, [group(here)])).status_code == 400
            assert (await here.post(path, [group(here, chargers_number=0)])).status_code == 422
            assert (await here.post(path, group(here, chargers_number=1))).status_code == 422
            assert (await here.post(path, [group(here, chargers_number=4)])).status_code == 503
            assert (await here.post(path, [group(here, chargers_number=2)] * 2)).status_code == 503
            assert (
                await here.post("/ocpp/locations/none/chargers", [group(here, chargers_number=1)])
            ).status_code == 404
            assert (await here.get(path))["total"] == 0
            assert (await here.client.get(f"{path}/jobs/none")).status_code == 404

    run(main())


def test_many_chargers_are_changed_and_deleted() -> None:
    """Each for itself: what fails is listed beside what was done."""

    async def main() -> None:
        async with site() as here:
            place = await location(here)
            ids = [await here.charger(f"CP-{number}", location_id=place) for number in (1, 2)]
            elsewhere = await here.charger("CP-3")
            path = f"/ocpp/locations/{place}/chargers"
            changes = [{"charger_id": one, "name": "N"} for one in (ids[0], elsewhere)]
            changes.append({"charger_id": ids[1], "connector_type": "Plug"})
            told = (await here.client.put(path, json={"chargers": changes})).json()
            assert (told["updated_count"], told["failed_count"]) == (1, 2)
            assert told["updated"][0]["name"] == "N"
            assert [one["charger_id"] for one in told["failed"]] == [elsewhere, ids[1]]
            only = await here.get(path, charger_ids=[ids[1], elsewhere])
            assert [one["id"] for one in only["data"]] == [ids[1]]
            gone = await here.client.delete(path, params={"charger_ids": [ids[0], elsewhere]})
            assert gone.json()["deleted"] == [ids[0]]
            assert [one["charger_id"] for one in gone.json()["failed"]] == [elsewhere]
            assert (await here.client.delete(path)).status_code == 422
            await here.client.delete(f"/ocpp/locations/{place}")
            assert [one["id"] for one in (await here.get("/ocpp/chargers"))["data"]] == [elsewhere]

    run(main())


def test_the_catalogue_has_brands_and_models() -> None:
    """Each model can be created; unknown slugs are 404."""

    async def main() -> None:
        async with site() as here:
            brands = (await here.get("/ocpp/catalog/brands"))["data"]
            assert {"abb", "alfen", "schneider", "simulated", "wallbox"} == {brand["slug"] for brand in brands}
            for brand in brands:
                models = (await here.get(f"/ocpp/catalog/brands/{brand['slug']}/models"))["data"]
                for model in models:
                    one = await here.get(f"/ocpp/catalog/brands/{brand['slug']}/models/{model['slug']}")
                    assert one == model
                    identity = f"CP-{model['slug']}"
                    charger = await here.charger(
                        identity, brand_slug=brand["slug"], model_slug=model["slug"], connector_type="Type2"
                    )
                    found = await here.get(f"/ocpp/chargers/{charger}")
                    assert found["number_of_connectors"] == model["connector_count"]
            assert (await here.client.get("/ocpp/catalog/brands/none/models")).status_code == 404
            assert (await here.client.get("/ocpp/catalog/brands/abb/models/none")).status_code == 404

    run(main())


def test_templates_can_be_filtered() -> None:
    """By type and by OCPP version."""

    async def main() -> None:
        async with site() as here:
            path = "/ocpp/templates/locations"
            assert (await here.get(path))["total"] == 3
            assert [one["slug"] for one in (await here.get(path, type="DC"))["data"]] == ["highway-stop"]
            assert (await here.get(path, type="AC", ocpp_version="OCPP2.0.1"))["data"] == []
            assert (await here.client.get(path, params={"type": "XC"})).status_code == 422

    run(main())


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_roaming_is_not_built(method: str) -> None:
    """501 with the reason, behind the same door."""

    async def main() -> None:
        async with site() as here:
            answer = await here.client.request(method, "/ocpi/cpos/1/locations")
            assert answer.status_code == 501 and "OCPI" in answer.json()["detail"]
            bare = await here.client.request(method, "/ocpi/cpos", headers={"Authorization": "Bearer x"})
            assert bare.status_code == 401

    run(main())


def test_health_landing_page_and_documentation_need_no_token_and_no_internet() -> None:
    """Everything that the pages load comes from this server."""

    async def main() -> None:
        async with site() as here:
            del here.client.headers["Authorization"]
            assert (await here.get("/health"))["status"] == "ok"
            assert await here.get("/health/live") == {"status": "ok"}
            assert await here.get("/health/ready") == {"status": "ok", "database": "ok", "mqtt": "ok"}
            page = await here.client.get("/")
            assert page.headers["content-type"].startswith("text/html")
            docs = (await here.client.get("/docs")).text
            assert "https://" not in docs
            for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
                assert f"/docs/assets/{asset}" in docs
                with clock.hold():  # files are read in a thread
                    assert (await here.client.get(f"/docs/assets/{asset}")).status_code == 200
            paths = (await here.get("/openapi.json"))["paths"]
            assert len([path for path in paths if path.startswith("/ocpp/commands/")]) == 18

    run(main())
