"""``csms --http``: every operation over HTTP, what the CSMS can be told, what it tells."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.csms import OPERATIONS
from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.tools.csms.api.app import application, envelope
from ocpplab_runner.tools.csms.api.feed import Feed, Feeds
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import V16, V201, Station
from tests.tools.csms_kit import Bench, play

TOKEN = "a-token-for-tests"
#: A body for each operation; an OCPP version has them all.
BODIES: dict[str, dict[str, Any]] = {
    "remote_start": {"id_tag": "CARD-1", "evse_id": 1},
    "remote_stop": {"transaction_id": 7},
    "unlock": {"evse_id": 1},
    "trigger_message": {"message": "Heartbeat"},
    "reset": {"type": "Soft"},
    "change_configuration": {"heartbeat_interval": "30s"},
    "get_configuration": {"settings": ["heartbeat_interval"]},
    "clear_cache": {},
    "send_local_list": {"version": 3, "entries": {"CARD-1": "Accepted"}},
    "get_local_list_version": {},
    "reserve_now": {"id_tag": "CARD-1", "evse_id": 1, "expires_in": "30m"},
    "cancel_reservation": {"reservation_id": 3},
    "change_availability": {"status": "Inoperative"},
    "data_transfer": {"vendor_id": "org.example"},
    "change_password": {"password": "0123456789abcdef"},
    "set_security_profile": {"profile": 1, "url": "ws://csms.example.org"},
    "renew_certificate": {},
    "install_certificate": {"type": "csms_root"},
    "delete_certificate": {"certificate": "another"},
    "get_certificates": {"type": "csms_root"},
    "set_charging_profile": {"evse_id": 1, "limit": 10, "unit": "A"},
    "clear_charging_profile": {"purpose": "TxDefaultProfile"},
    "get_composite_schedule": {"evse_id": 1, "duration": "1h", "unit": "A"},
    "get_charging_profiles": {"evse_id": 1},
    "update_firmware": {"location": "https://example.com/firmware.bin", "retries": 2},
    "update_signed_firmware": {
        "location": "https://example.com/firmware.bin",
        "signature": "A" * 64,
        "signing_certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    },
    "get_diagnostics": {"location": "https://example.com/logs", "since": "1h"},
    "get_log": {"log": "SecurityLog", "location": "https://example.com/logs"},
    "customer_information": {"id_tag": "CARD-1", "clear": True},
    "set_monitor": {"variable": "EVSE.Power", "evse_id": 1, "type": "UpperThreshold", "value": 5000},
    "clear_monitors": {"monitor_ids": [1]},
    "get_monitors": {"criteria": ["DeltaMonitoring"]},
    "update_cost": {"total": 1.25, "transaction_id": "T-1"},
    "final_cost": {"total": 4.2, "text": "Thank you", "transaction_id": 7},
    "set_user_price": {"id_tag": "CARD-1", "text": "0.30 a kWh"},
    "set_default_tariff": {"tariff": {"energy": 0.3}},
    "use_priority_charging": {"transaction_id": "T-1"},
    "update_dynamic_schedule": {"limit": 8, "profile_id": 1},
    "get_tariffs": {},
    "clear_tariffs": {"tariff_ids": ["T"]},
    "change_transaction_tariff": {"tariff": {"energy": 0.3}, "transaction_id": "T-1"},
    "get_base_report": {"base": "FullInventory"},
    "get_report": {"criteria": ["Problem"]},
    "set_display_message": {"message_id": 1, "text": "Welcome"},
    "get_display_messages": {"priority": "InFront"},
    "clear_display_message": {"message_id": 1},
    "set_monitoring_base": {"base": "FactoryDefault"},
    "set_monitoring_level": {"severity": 5},
}


class Caller:
    """A client of the API of a bench's program."""

    def __init__(self, bench: Bench) -> None:
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(envelope(bench.program, TOKEN, Feeds(bench.program))),
            base_url="http://csms.test",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )

    async def post(self, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """Send a request."""
        return await self.http.post(path, json=body, params=query)


def ask(scene: Callable[[Bench, Caller], Awaitable[None]], **given: Any) -> Bench:
    """Run a scene with a client."""

    async def whole(bench: Bench) -> None:
        caller = Caller(bench)
        async with caller.http:
            await scene(bench, caller)

    return play(whole, given)


def test_there_is_a_body_for_every_operation() -> None:
    """A new operation of the CSMS has a route at once, and is to be tried here."""
    assert set(BODIES) == OPERATIONS == {spec.name for spec in ACTING if spec.actor == "csms" and spec.actions}


@pytest.mark.parametrize("version", list(OcppVersion))
@pytest.mark.parametrize("operation", BODIES)
def test_every_operation(operation: str, version: OcppVersion) -> None:
    """It becomes the call that the scenario's verb makes; the answer can be waited for."""
    spec = next(spec for spec in ACTING if spec.name == operation)
    if version not in spec.versions or version not in spec.actions:
        pytest.skip(f"OCPP {version} has no such operation")
    action = spec.actions[version]

    async def scene(bench: Bench, caller: Caller) -> None:
        station = await bench.dial(version)
        await station.boot()
        station.answers[action] = {"status": "Rejected"}
        if action in (
            "GetConfiguration",
            "GetLocalListVersion",
            "GetVariables",
            "SetVariables",
            "GetInstalledCertificateIds",
        ):
            del station.answers[action]
        told = await caller.post(f"/stations/CP-1/{operation}", BODIES[operation])
        assert told.status_code == 202, told.text
        await asyncio.sleep(1)
        assert [call.action for call in station.calls] == [action]
        assert told.json() == {"message_id": station.calls[0].message_id, "action": action}

    ask(scene)


def test_waiting_for_an_answer() -> None:
    """It, an error, or nothing within the time."""

    async def scene(bench: Bench, caller: Caller) -> None:
        station = await bench.dial()
        await station.boot()
        station.answers["ClearCache"] = {"status": "Rejected"}
        told = await caller.post("/stations/CP-1/clear_cache", wait=5)
        assert (told.status_code, told.json()["answer"]) == (200, {"status": "Rejected"})
        station.answers["ClearCache"] = {}
        told = await caller.post("/stations/CP-1/clear_cache", wait=5)
        assert told.json()["error"]["code"] == "InternalError"
        station.session.close("silent")
        told = await caller.post("/stations/CP-1/clear_cache", wait=5)
        assert (told.status_code, "answer" in told.json()) == (202, False)

    ask(scene)


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "text/plain", "application/json"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"type": "Soft"}', 202),
        (b"", 400),
        *(
            (text, 400)
            for text in (b"{", b"[]", b"5", b"null", b"\xff", b"[" * 50_000, b'{"type": "\\ud800"}', b"type=Soft")
        ),
    ],
)
def test_a_body_is_json_whatever_the_caller_calls_it(kind: str | None, body: bytes, status: int) -> None:
    """`curl -d` says that it sends a form."""

    async def scene(bench: Bench, caller: Caller) -> None:
        await (await bench.dial()).boot()
        headers = {} if kind is None else {"Content-Type": kind}
        answer = await caller.http.post("/stations/CP-1/reset", content=body, headers=headers)
        assert answer.status_code == status, answer.text
        assert status == 202 or answer.json()["detail"]

    ask(scene)


def test_any_call_and_a_wrong_one() -> None:
    """A payload that breaks its schema is refused, unless it is raw."""

    async def scene(bench: Bench, caller: Caller) -> None:
        station = await bench.dial(V201)
        await station.boot()
        wrong = {"action": "ClearCache", "payload": {"surely": "not"}}
        refused = await caller.post("/stations/CP-1/csms_call", wrong)
        assert refused.status_code == 400 and "surely" in refused.json()["detail"]
        assert (await caller.post("/stations/CP-1/csms_call", wrong, raw=True)).status_code == 202
        right = await caller.post("/stations/CP-1/csms_call", {"action": "ClearCache"}, wait=5)
        assert right.json()["answer"] == {"status": "Accepted"}

    ask(scene)


REFUSED: dict[str, tuple[str, str, Any, int, str]] = {
    "no token": ("", "/stations/CP-1/clear_cache", None, 401, "needed"),
    "wrong token": ("nobody", "/stations/CP-1/clear_cache", None, 401, "not valid"),
    "not connected": (TOKEN, "/stations/CP-9/clear_cache", None, 409, "CP-9 is not connected"),
    "field missing": (TOKEN, "/stations/CP-1/remote_start", {}, 400, "id_tag"),
    "field unknown": (TOKEN, "/stations/CP-1/reset", {"type": "Soft", "now": True}, 400, "now"),
    "field wrong": (TOKEN, "/stations/CP-1/reset", {"type": "Warm"}, 400, "type"),
    "nothing to stop": (TOKEN, "/stations/CP-1/remote_stop", {}, 409, "no transaction is running"),
    "not in 1.6": (TOKEN, "/stations/CP-1/reset", {"type": "Soft", "evse_id": 1}, 501, "OCPP 1.6"),
    "no duration": (TOKEN, "/stations/CP-1/reserve_now", {"id_tag": "A", "expires_in": "soon"}, 400, "expires_in"),
    "no operation": (TOKEN, "/stations/CP-1/dance", {}, 404, "Not Found"),
    "no rule": (TOKEN, "/stations/CP-1/csms_reply", {"to": "Authorize"}, 400, "needs one of"),
    "no status": (TOKEN, "/cards", {"CARD-1": "Maybe"}, 400, "CARD-1"),
}


@pytest.mark.parametrize(("token", "path", "body", "status", "why"), REFUSED.values(), ids=REFUSED)
def test_refusals(token: str, path: str, body: Any, status: int, why: str) -> None:
    """Each with its status, and says why."""

    async def scene(bench: Bench, caller: Caller) -> None:
        station = await bench.dial()
        await station.boot()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if not token:
            del caller.http.headers["Authorization"]
        told = await caller.http.post(path, json=body, headers=headers)
        assert (told.status_code, why in told.json()["detail"]) == (status, True), told.text
        assert not station.calls

    ask(scene)


def test_programmed_answers_and_cards() -> None:
    """As csms_reply and update_id_tokens of a scenario, for a station that has not come yet, too."""

    async def scene(bench: Bench, caller: Caller) -> None:
        rule = {"to": "Authorize", "error": "InternalError"}
        assert (await caller.post("/stations/CP-1/csms_reply", rule)).status_code == 204
        station = await bench.dial()
        await station.boot()
        assert "InternalError" in str(await station.ask("Authorize", {"idTag": "CARD-1"}))
        assert await _verdict(station) == "Invalid"
        assert (await caller.post("/cards", {"CARD-1": "Blocked"})).status_code == 204
        assert await _verdict(station) == "Blocked"

    ask(scene)


def test_how_certificates_are_signed_can_be_changed() -> None:
    """For every station, or for one alone."""

    async def scene(bench: Bench, caller: Caller) -> None:
        first, second = [await bench.dial(V201, identity=identity) for identity in ("CP-1", "CP-2")]
        for station in (first, second):
            await station.boot()
        await caller.http.put("/case", json={"stations": ["CP-2"]})
        told = await caller.post("/signing", {"how": "refused"})
        assert told.status_code == 204, told.text
        mint = Mint("Acme", "ec")
        requests = [mint.request(mint.key(), identity) for identity in ("CP-1", "CP-2")]
        answers = [
            await one.ask("SignCertificate", {"csr": request, "certificateType": "ChargingStationCertificate"})
            for one, request in zip((first, second), requests, strict=True)
        ]
        assert [answer.payload["status"] for answer in answers] == ["Rejected", "Accepted"]
        assert (await caller.post("/signing", {"how": "never_heard_of"})).status_code == 400

    ask(scene)


def test_a_case_is_for_its_stations_alone() -> None:
    """They share cards and transactions; others keep theirs, and what was programmed before is gone."""

    async def scene(bench: Bench, caller: Caller) -> None:
        first, second, other = [await bench.dial(identity=f"CP-{number}") for number in (1, 2, 3)]
        for station in (first, second, other):
            await station.boot()
        await caller.post("/stations/CP-1/csms_reply", {"to": "Authorize", "error": "InternalError"})
        case = {"stations": ["CP-1", "CP-2"], "csms": {"id_tokens": {"CARD-1": "Accepted"}, "heartbeat_interval": "7s"}}
        told = await caller.http.put("/case", json=case)
        assert told.status_code == 204, told.text
        assert [await _verdict(one) for one in (first, second, other)] == ["Accepted", "Accepted", "Invalid"]
        assert (await first.start("CARD-1"))["idTagInfo"]["status"] == "Accepted"
        assert (await second.start("CARD-1"))["idTagInfo"]["status"] == "ConcurrentTx"
        assert (await second.boot())["interval"] == 7
        await caller.post("/cards", {"CARD-1": "Blocked"}, station="CP-1")
        assert await _verdict(second) == "Blocked"
        told = await caller.http.put("/case", json={"stations": ["CP-1"], "own_heartbeat": ["CP-1"]})
        assert (await first.boot())["interval"] == 0
        assert [await _verdict(one) for one in (first, second)] == ["Invalid", "Blocked"]

    ask(scene)


def test_what_it_tells() -> None:
    """Stations, messages with latency, breaches with their rule."""

    async def scene(bench: Bench, caller: Caller) -> None:
        station = await bench.dial()
        await station.boot()
        await station.start("CARD-1")
        await station.ask("StatusNotification", {"connectorId": 1}, validate=False)
        (row,) = (await caller.http.get("/stations")).json()
        assert (row["identity"], row["connected"], row["ocpp"]) == ("CP-1", True, V16.value)
        assert [one["id_token"] for one in row["transactions"]] == ["CARD-1"]
        one = (await caller.http.get("/stations/CP-1")).json()
        assert one["violations"][0]["code"] == "schema" and one["violations"][0]["rule"].startswith("OCPP-J 4.2")
        messages = (await caller.http.get("/messages", params={"station": "CP-1", "limit": 2})).json()
        assert [(row["action"], row["outcome"]) for row in messages] == [
            ("StartTransaction", "result"),
            ("StatusNotification", "error"),
        ]
        assert messages[0]["latency_ms"] == 0 and messages[0]["at"] == "2026-01-01T00:00:00.000Z"
        assert (await caller.http.get("/stations/CP-9")).status_code == 404

    ask(scene)


def test_the_page_and_its_files() -> None:
    """They need no token and hold nothing; every address in them is served, and nothing else."""

    async def scene(bench: Bench, caller: Caller) -> None:
        del caller.http.headers["Authorization"]
        page = await caller.http.get("/")
        assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
        files = {*re.findall(r'"(/page/[^"]+)"', page.text)}
        script = (await caller.http.get("/page/csms.js")).text
        files |= {f"/page/{name}" for name in re.findall(r'from "\./([\w.]+)"', script)}
        assert {"/page/csms.js", "/page/csms.css", "/page/api.js", "/page/dom.js"} <= files
        for file in files:
            assert (await caller.http.get(file)).status_code == 200, file
        assert (await caller.http.get("/page/routes.py")).status_code == 404
        assert (await caller.http.get("/page/feed")).status_code == 401
        ids = set(re.findall(r'id="([\w-]+)"', page.text))
        assert set(re.findall(r'\$\("([\w-]+)"\)', script)) <= ids

    ask(scene)


def test_what_the_page_is_told() -> None:
    """Stations that have changed, calls when they begin and again with their answer; nothing twice."""

    async def scene(bench: Bench, caller: Caller) -> None:
        station = await bench.dial()
        await station.boot()
        feed = Feed(bench.program)
        forget = bench.program.watch(feed.exchange)
        first = feed.batch()
        assert [row["identity"] for row in first["stations"]] == ["CP-1"]
        assert [(row["action"], row["outcome"]) for row in first["exchanges"]] == [("BootNotification", "result")]
        assert feed.batch() == {}
        station.session.close("silent")
        await caller.post("/stations/CP-1/clear_cache")
        assert [(row["action"], row["outcome"]) for row in feed.batch()["exchanges"]] == [("ClearCache", "waiting")]
        await station.leave()
        last = feed.batch()
        assert [(row["action"], row["outcome"]) for row in last["exchanges"]] == [("ClearCache", "lost")]
        assert [row["connected"] for row in last["stations"]] == [False]
        forget()

    ask(scene)


def test_its_description_is_whole() -> None:
    """OpenAPI has every operation with its fields, and nothing that leads nowhere."""
    told = application().openapi()
    for operation in BODIES:
        body = told["paths"][f"/stations/{{identity}}/{operation}"]["post"]["requestBody"]
        schema = body["content"]["application/json"]["schema"]
        assert schema["type"] == "object"
        assert not [name for name in BODIES[operation] if name not in schema["properties"]]
    assert "#/definitions/" not in str(told)


async def _verdict(station: Station) -> Any:
    return (await station.tell("Authorize", {"idTag": "CARD-1"}))["idTagInfo"]["status"]
