"""A driver of a CSMS: requests made of templates, how answers are judged, and finding the calls that follow."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import pytest

from ocpplab_runner import clock
from ocpplab_runner.csms.core.authorities import Authorities
from ocpplab_runner.plugin.csms_driver import BEGIN_CASE, CsmsDriver, CsmsOrder, OrderRefusedError
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.csms import _pick
from ocpplab_runner.targets.drivers.http import HttpCsmsDriver
from ocpplab_runner.targets.drivers.side import DrivenSide
from ocpplab_runner.targets.token_map import TokenMap
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201 = OcppVersion.V16, OcppVersion.V201
BASE = {"base_url": "http://csms.test/api"}


def order(operation: str = "remote_start", version: OcppVersion = V16, **more: Any) -> CsmsOrder:
    """An order for CP-1."""
    return CsmsOrder(station="CP-1", version=version, operation=operation, **more)


def perform(options: Mapping[str, Any], wanted: CsmsOrder, answer: httpx.Response) -> tuple[httpx.Request, str | None]:
    """Send an order; returns the request that was sent, and what the driver made of the answer."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    driver = HttpCsmsDriver({**BASE, **options}, transport=httpx.MockTransport(handle))

    async def main() -> str | None:
        try:
            return await driver.perform(wanted)
        finally:
            await driver.close()

    message_id = clock.run(main())
    return seen[0], message_id


# -- requests -----------------------------------------------------------------------------------------------------


START = {"id_tag": "CARD-1", "evse_id": 2}
TEMPLATES: dict[str, tuple[Any, CsmsOrder, str, Any]] = {
    "fields": (
        {"url": "/{station}/start", "json": {"card": "{id_tag}", "where": {"evse": "{evse_id}"}}},
        order(fields=START),
        "POST http://csms.test/api/CP-1/start",
        {"card": "CARD-1", "where": {"evse": 2}},
    ),
    "a field that is not given is left out": (
        {"url": "/start", "json": {"card": "{id_tag}", "evse": "{evse_id}"}},
        order(fields={"id_tag": "CARD-1"}),
        "POST http://csms.test/api/start",
        {"card": "CARD-1"},
    ),
    "all fields": (
        {"url": "/start", "json": "{fields}"},
        order(fields=START),
        "POST http://csms.test/api/start",
        START,
    ),
    "the payload and its parts": (
        {
            "method": "put",
            "url": "/{action}/{payload.idTag}",
            "json": {"whole": "{payload}", "text": "for {payload.idTag}"},
        },
        order(fields=START, action="RemoteStartTransaction", payload={"idTag": "A/B"}),
        "PUT http://csms.test/api/RemoteStartTransaction/A%2FB",
        {"whole": {"idTag": "A/B"}, "text": "for A/B"},
    ),
    "version, raw, a URL of its own": (
        {"url": "http://other.test/{ocpp}?raw={raw}"},
        order(version=V201, raw=True),
        "POST http://other.test/2.0.1?raw=true",
        None,
    ),
}


@pytest.mark.parametrize(("template", "wanted", "line", "body"), TEMPLATES.values(), ids=TEMPLATES)
def test_requests(template: Any, wanted: CsmsOrder, line: str, body: Any) -> None:
    """Values go to their places, whole where a placeholder stands alone."""
    request, _ = perform({"operations": {"remote_start": template}}, wanted, httpx.Response(200))
    assert f"{request.method} {request.url}" == line
    assert (json.loads(request.content) if request.content else None) == body


def test_headers_and_a_version_of_its_own() -> None:
    """What stands under a version goes before what stands for all."""
    options = {
        "headers": {"Authorization": "Bearer x-secret-x"},
        "operations": {"reset": "/reset"},
        "versions": {"2.0.1": {"reset": {"url": "/v2/reset", "headers": {"X-More": "1"}}}},
    }
    request, _ = perform(options, order("reset", V201), httpx.Response(204))
    assert (request.url.path, request.headers["X-More"]) == ("/api/v2/reset", "1")
    request, _ = perform(options, order("reset"), httpx.Response(204))
    assert (request.url.path, request.headers["Authorization"]) == ("/api/reset", "Bearer x-secret-x")
    assert "Bearer x-secret-x" in HttpCsmsDriver({**BASE, **options}).secrets


# -- answers ------------------------------------------------------------------------------------------------------


def test_the_message_id() -> None:
    """Where the CSMS says it."""
    options = {"operations": {"reset": {"url": "/reset", "message_id": "calls.0.id"}}}
    _, message_id = perform(options, order("reset"), httpx.Response(202, json={"calls": [{"id": "m-1"}]}))
    assert message_id == "m-1"
    assert perform(options, order("reset"), httpx.Response(202, text="fine"))[1] is None


ANSWERS: dict[str, tuple[dict[str, Any], httpx.Response, type[Exception], str]] = {
    "refused": ({}, httpx.Response(409, json={"detail": "it is offline"}), OrderRefusedError, "409 it is offline"),
    "refused, in plain text": ({}, httpx.Response(400, text="no such card"), OrderRefusedError, "400 no such card"),
    "lacking": ({}, httpx.Response(501, json={"detail": "not in 1.6"}), BlockedError, "501 not in 1.6"),
    "broken": ({}, httpx.Response(500, text="oops"), InfrastructureError, "500 oops"),
    "not let in": ({}, httpx.Response(401), InfrastructureError, "401 Unauthorized"),
    "a status of its own": ({"accepted": [202]}, httpx.Response(200), InfrastructureError, "200 OK"),
    "lacking by a status of its own": ({"blocked": [404]}, httpx.Response(404), BlockedError, "404 Not Found"),
    "refused in the body": (
        {"accepted_when": {"0.success": True}, "reason": "0.payload"},
        httpx.Response(200, json=[{"success": False, "payload": "unknown station"}]),
        OrderRefusedError,
        "unknown station: 0.success is not True",
    ),
}


@pytest.mark.parametrize(("more", "answer", "kind", "why"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_yes(more: dict[str, Any], answer: httpx.Response, kind: type[Exception], why: str) -> None:
    """Each kind of no is told as what it is, in the words of the CSMS."""
    with pytest.raises(kind) as told:
        perform({"operations": {"reset": {"url": "/reset", **more}}}, order("reset"), answer)
    assert why in str(told.value)
    assert "driver: reset: POST http://csms.test/api/reset" in str(told.value)


def test_a_yes_in_the_body() -> None:
    """As the other side of it."""
    options = {"operations": {"reset": {"url": "/reset", "accepted_when": {"0.success": True}}}}
    assert perform(options, order("reset"), httpx.Response(200, json=[{"success": True}]))[1] is None


# -- options ------------------------------------------------------------------------------------------------------


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "`driver.operations` maps each operation"),
    "an option": ({"operation": {}}, "`driver` has no operation"),
    "an operation": ({"operations": {"remote_strat": "/x"}}, "`driver.operations` has no remote_strat"),
    "a placeholder": ({"operations": {"reset": "/{id_tag}"}}, "reset has no {id_tag}"),
    "no URL": ({"operations": {"reset": {}}}, "`driver.operations.reset` is a URL"),
    "a host of a value": ({"operations": {"reset": "http://{station}/x"}}, "`driver.base_url`"),
    "both bodies": ({"operations": {"reset": {"url": "/x", "json": {}, "body": ""}}}, "not both"),
    "a method": ({"operations": {"reset": {"url": "/x", "method": "BREW"}}}, "one of GET"),
    "a status": ({"operations": {"reset": {"url": "/x", "blocked": [99]}}}, "lists HTTP statuses"),
    "a path": ({"operations": {"reset": {"url": "/x", "message_id": 3}}}, "is a path into the answer"),
    "a condition": ({"operations": {"reset": {"url": "/x", "accepted_when": True}}}, "maps a path"),
    "a version": ({"versions": {"1.5": {"reset": "/x"}}}, "none of 1.6"),
}


@pytest.mark.parametrize(("options", "why"), WRONG.values(), ids=WRONG)
def test_wrong_options(options: dict[str, Any], why: str) -> None:
    """Each is told by its name."""
    with pytest.raises(ValueError) as told:
        HttpCsmsDriver({**BASE, **options})
    assert why in str(told.value)


def test_what_it_cannot_do() -> None:
    """A field that has no place, a wrong payload that cannot be told, a version without a request."""
    driver = HttpCsmsDriver(
        {
            **BASE,
            "operations": {
                "remote_start": {"url": "/x", "json": {"card": "{id_tag}"}},
                "csms_call": "/{action}/{payload}",
            },
            "versions": {"1.6": {"unlock": "/unlock/{evse_id}"}},
        }
    )
    assert driver.operations == {"remote_start", "csms_call", "unlock"}
    assert driver.why_not("remote_start", ["id_tag"], V16) is None
    assert driver.why_not("remote_start", ["id_tag", "evse_id"], V16) == (
        "the driver's request for remote_start has no {evse_id}"
    )
    assert driver.why_not("csms_call", ["action", "payload"], V16) is None
    assert driver.why_not("csms_call", ["action"], V16, raw=True) == "the driver's request for csms_call has no {raw}"
    assert driver.why_not("unlock", ["evse_id"], V201) == "the driver has no request for unlock in OCPP 2.0.1"


def test_one_request_for_every_operation() -> None:
    """``"*"`` stands for every call of the CSMS that has no request of its own, and for nothing else."""
    driver = HttpCsmsDriver({**BASE, "operations": {"*": "/{operation}", "reset": "/own"}})
    assert {"reset", "remote_start", "csms_call"} <= set(driver.operations)
    assert not {"csms_reply", "update_id_tokens", BEGIN_CASE} & set(driver.operations)


# -- the calls that follow ------------------------------------------------------------------------------------------


class Obedient(CsmsDriver):
    """A CSMS that does at once what it is told, or what it is made to do instead."""

    limit = 5.0

    def __init__(self, *operations: str) -> None:
        self.orders: list[CsmsOrder] = []
        self.says: Callable[[CsmsOrder], str | None] = lambda _: None
        self._operations = operations

    @property
    def operations(self) -> tuple[str, ...]:
        """As it was made."""
        return self._operations

    async def perform(self, order: CsmsOrder) -> str | None:
        """Remember it."""
        self.orders.append(order)
        return self.says(order)


def frame(kind: str, action: str, message_id: str, payload: Any = None, *, up: bool = False) -> Observation:
    """A frame at the charger's end."""
    fields = {"type": kind, "message_id": message_id, "payload": payload or {}}
    return Observation("frame", action, "charger", 0.0, {**fields, "direction": "to_csms" if up else "to_charger"})


def drive(driver: CsmsDriver, scene: Callable[[DrivenSide, Any], Awaitable[None]], version: OcppVersion = V16) -> None:
    """Run a scene with a side for one charger."""

    async def main() -> None:
        side = DrivenSide(driver, version, TokenMap({"MINE": "REAL"}, version))
        await scene(side, side.hear_of({"charger": "CP-1"}))

    clock.run(main())


def test_the_call_is_found_at_the_charger() -> None:
    """The first of its action that comes after the order; the answer is bound to its id."""
    driver = Obedient("remote_start")

    async def scene(side: DrivenSide, hear: Any) -> None:
        hear(frame("call", "RemoteStartTransaction", "early"))

        def do(_: CsmsOrder) -> None:
            hear(frame("call", "Reset", "other"))
            hear(frame("call", "RemoteStartTransaction", "m-1"))

        driver.says = do
        sent = await side.operate("CP-1", "remote_start", {"id_tag": "MINE"})
        assert (sent.message_id, sent.action) == ("m-1", "RemoteStartTransaction")

    drive(driver, scene)
    (told,) = driver.orders
    assert (told.fields, told.payload) == ({"id_tag": "REAL"}, {"idTag": "REAL"})


def test_the_call_that_never_comes() -> None:
    """The CSMS has said yes and done nothing: an error that says so, after the driver's limit."""
    driver = Obedient("reset")

    async def scene(side: DrivenSide, hear: Any) -> None:
        with pytest.raises(InfrastructureError, match="has taken reset on, and CP-1 got no Reset within 5 s"):
            await side.operate("CP-1", "reset", {"type": "Soft"})
        assert clock.now() == 5

    drive(driver, scene)


def test_an_operation_by_way_of_a_call() -> None:
    """A driver that can only send OCPP calls is told the call that the operation becomes."""
    driver = Obedient("csms_call")
    driver.says = lambda _: "m-7"

    async def scene(side: DrivenSide, hear: Any) -> None:
        sent = await side.operate("CP-1", "reset", {"type": "Hard"})
        assert (sent.message_id, sent.action) == ("m-7", "Reset")

    drive(driver, scene, V201)
    (told,) = driver.orders
    assert told.operation == "csms_call"
    assert told.fields == {"action": "Reset", "payload": {"type": "Immediate"}}


def test_the_transaction_that_runs() -> None:
    """remote_stop means the latest that the charger's messages show, as with our own CSMS."""
    driver = Obedient("remote_stop")
    driver.says = lambda _: "m-1"

    async def scene(side: DrivenSide, hear: Any) -> None:
        with pytest.raises(StepError, match="no transaction is running"):
            await side.operate("CP-1", "remote_stop", {})
        for number, evse in ((11, 1), (12, 2)):
            start = {"connectorId": evse, "idTag": "A", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}
            hear(frame("call", "StartTransaction", f"s{number}", start, up=True))
            hear(
                frame(
                    "result",
                    "StartTransaction",
                    f"s{number}",
                    {"transactionId": number, "idTagInfo": {"status": "Accepted"}},
                )
            )
        await side.operate("CP-1", "remote_stop", {})
        await side.operate("CP-1", "remote_stop", {"evse_id": 1})
        stop = {"transactionId": 12, "meterStop": 0, "timestamp": "2026-01-01T00:00:00Z"}
        hear(frame("call", "StopTransaction", "e12", stop, up=True))
        hear(frame("result", "StopTransaction", "e12", {}))
        await side.operate("CP-1", "remote_stop", {})

    drive(driver, scene)
    assert [told.payload["transactionId"] for told in driver.orders] == [12, 11, 11]


def test_the_certificate_that_was_installed() -> None:
    """delete_certificate means the last that the charger has taken, which its answers tell."""
    driver = Obedient("delete_certificate")
    driver.says = lambda _: "m-1"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    taken, refused = (Authorities(Random(seed)).root("another", now) for seed in (1, 2))

    async def scene(side: DrivenSide, hear: Any) -> None:
        with pytest.raises(StepError, match="no certificate was installed"):
            await side.operate("CP-1", "delete_certificate", {})
        for number, (certificate, status) in enumerate(((taken, "Accepted"), (refused, "Rejected"))):
            install = {"certificateType": "CSMSRootCertificate", "certificate": certificate}
            hear(frame("call", "InstallCertificate", f"i{number}", install))
            hear(frame("result", "InstallCertificate", f"i{number}", {"status": status}, up=True))
        await side.operate("CP-1", "delete_certificate", {})
        await side.operate("CP-1", "delete_certificate", {"certificate": taken})

    drive(driver, scene, V201)
    last, named = (told.payload["certificateHashData"] for told in driver.orders)
    assert last == named


def test_refusals_are_the_steps() -> None:
    """What the CSMS refuses, the step could not do; what the version lacks is blocked before anybody is asked."""
    driver = Obedient("reset")

    def refuse(_: CsmsOrder) -> str:
        raise OrderRefusedError("driver: reset: 409 it is offline")

    driver.says = refuse

    async def scene(side: DrivenSide, hear: Any) -> None:
        with pytest.raises(StepError, match="it is offline"):
            await side.operate("CP-1", "reset", {"type": "Soft"})
        with pytest.raises(BlockedError, match="resets only the whole station"):
            await side.operate("CP-1", "reset", {"type": "Soft", "evse_id": 1})

    drive(driver, scene)
    assert len(driver.orders) == 1


def test_a_profile_whose_address_nobody_knows_is_blocked() -> None:
    """What the scenario does not say, and no target, the CSMS cannot be asked for."""
    driver = Obedient("set_security_profile")

    async def scene(side: DrivenSide, hear: Any) -> None:
        with pytest.raises(BlockedError, match="set_security_profile: say with `url`"):
            await side.operate("CP-1", "set_security_profile", {"profile": 2})

    drive(driver, scene, OcppVersion.V201)
    assert driver.orders == []


def test_a_state_that_the_charger_refuses() -> None:
    """A given state that needs the CSMS counts only when the charger has agreed."""
    driver = Obedient("change_availability")

    async def scene(side: DrivenSide, hear: Any) -> None:
        for status in ("Accepted", "Scheduled", "Rejected"):

            def do(_: CsmsOrder, status: str = status) -> str:
                hear(frame("call", "ChangeAvailability", status))
                hear(frame("result", "ChangeAvailability", status, {"status": status}, up=True))
                return status

            driver.says = do
            if status != "Rejected":
                await side.demand("CP-1", "change_availability", {"status": "Inoperative"})
        with pytest.raises(InfrastructureError, match="ChangeAvailability was answered Rejected"):
            await side.demand("CP-1", "change_availability", {"status": "Inoperative"})

    drive(driver, scene)


def test_what_it_is_told_of_cards() -> None:
    """The real ones, for a station of the case."""
    driver = Obedient("update_id_tokens", "csms_reply", BEGIN_CASE)

    async def scene(side: DrivenSide, hear: Any) -> None:
        await side.perform("update_id_tokens", {"MINE": "Blocked"})
        await side.program("CP-1", {"to": "Authorize", "silence": True})
        await side.begin({"boot": "Pending"}, ["CP-1"])

    drive(driver, scene)
    assert [(told.operation, told.fields) for told in driver.orders] == [
        ("update_id_tokens", {"REAL": "Blocked"}),
        ("csms_reply", {"to": "Authorize", "silence": True}),
        (BEGIN_CASE, {"stations": ["CP-1"], "csms": {"boot": "Pending"}, "own_heartbeat": ["CP-1"]}),
    ]


def test_an_identity_that_no_scenario_has_given_is_waited_for_by_nobody() -> None:
    """Every charger without one is called CP-1; a pool that has a CP-1 too lends the others as well."""
    pool = ("CP-1", "CP-2", "CP-3")
    free = {"identity CP-2", "identity CP-3"}
    assert _pick({"charger": "CP-1"}, pool, free.__contains__, ()) == {"charger": "CP-2"}
    assert _pick({"charger": "CP-1"}, pool, free.__contains__, ("charger",)) is None
    assert _pick({"charger": "CP-3"}, pool, free.__contains__, ("charger",)) == {"charger": "CP-3"}
    assert _pick({"a": "CP-1", "b": "CP-2"}, pool, free.__contains__, ("b",)) == {"b": "CP-2", "a": "CP-3"}
