"""Commands, chargers and results against a Gateway that is made up for the occasion."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
import pytest

from ocpplab_runner import clock
from ocpplab_runner.gateway.client import (
    DIALECTS,
    Address,
    Charger,
    Fate,
    GatewayClient,
    GatewayHttp,
    Model,
    NewCharger,
    NoAnswerError,
    PartialFanOutError,
    ProvisioningError,
    Queued,
)
from ocpplab_runner.gateway.client.errors import NotTheApiError, ServerTroubleError
from ocpplab_runner.vocabulary.versions import OcppVersion

T = TypeVar("T")
V16 = OcppVersion.V16
NEW = NewCharger("CP-1", Model("b", "m", 1, "Type2"), "ws://csms.test", V16)
CREATED = {"charger_id": "dep-1", "identity": "CP-1", "status": "PROVISIONING", "status_url": "/x"}
Answer = httpx.Response | Exception | Callable[[], Awaitable[httpx.Response]]


class Script(httpx.AsyncBaseTransport):
    """Answers each (method, path) from a list; its last answer is repeated."""

    def __init__(self, answers: dict[tuple[str, str], list[Answer]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        key = (request.method, request.url.path)
        self.asked.append(key)
        answers = self.answers.get(key, [httpx.Response(404, json={"detail": "nothing here"})])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
        return await answer()


def talk(script: Script, dialect: str, conversation: Callable[[GatewayClient], Awaitable[T]]) -> T:
    """Hold a conversation on the virtual clock."""

    async def main() -> T:
        client = GatewayClient(GatewayHttp("http://gateway.test", "a-test-token", transport=script), DIALECTS[dialect])
        try:
            return await conversation(client)
        finally:
            await client.aclose()

    return clock.run(main())


def json(status: int, body: Any) -> httpx.Response:
    """A JSON answer."""
    return httpx.Response(status, json=body)


def test_a_partial_fan_out_fails() -> None:
    """Unless some are enough."""
    envelope = {
        "targeted_count": 2,
        "results": [{"charger_id": "a", "command": {"id": "c"}}],
        "failed": [{"identity": "CP-B", "error": "gone"}],
    }
    path = ("POST", "/ocpp/commands/plug-connector")
    for enough in (False, True):
        script = Script({path: [json(202, envelope)]})

        async def plug(client: GatewayClient, enough: bool = enough) -> int:
            told = await client.command("plug_connector", Address(location_id="l"), {}, V16, some_suffice=enough)
            return len(told.queued)

        if enough:
            assert talk(script, "g2", plug) == 1
        else:
            with pytest.raises(PartialFanOutError, match="queued for 1 and not for 1 of its chargers: CP-B: gone"):
                talk(script, "g2", plug)


def test_400_is_a_refusal() -> None:
    """The Gateway understood and would not: an outcome, not an error."""
    script = Script({("POST", "/ocpp/commands/inject-fault"): [json(400, {"detail": "no such fault"})]})
    told = talk(script, "g2", lambda client: client.command("inject_fault", Address("a"), {"fault_type": "X"}, V16))
    assert told.refusal == "HTTP 400: no such fault"


def test_a_result_is_waited_for() -> None:
    """404 means that the charger has not received it yet; received and deferred are not the end."""
    path = ("GET", "/evcharger/commands/c1")
    words = ["received", "deferred", "applied"]
    script = Script({path: [json(404, {}), *(json(200, {"command_id": "c1", "status": word}) for word in words)]})
    result = talk(script, "g4", lambda client: client.result(Queued("c1"), within=30))
    assert result.fate is Fate.APPLIED
    assert len(script.asked) == 4


def test_a_result_that_does_not_come_stays_open() -> None:
    """Nothing is made up."""
    script = Script({("GET", "/evcharger/commands/c1"): [json(200, {"status": "deferred"})]})
    result = talk(script, "g4", lambda client: client.result(Queued("c1"), within=5))
    assert (result.fate, result.word) == (Fate.OPEN, "deferred")


def test_provisioning_is_polled_until_ready() -> None:
    """PENDING, PROVISIONING, READY."""
    path = ("GET", "/ocpp/chargers/dep-1/status")
    script = Script({path: [json(200, {"status": word}) for word in (None, "PROVISIONING", "READY")]})
    talk(script, "g2", lambda client: client.ready(Charger("dep-1", "CP-1"), within=60))
    assert len(script.asked) == 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"status": "FAILED", "error": {"code": "quota", "message": "too many"}}, "not provisioned: quota: too many"),
        ({"status": "PROVISIONING"}, "not ready within 60 s; its provisioning is at PROVISIONING"),
    ],
)
def test_provisioning_that_fails(body: Any, told: str) -> None:
    """Says why."""
    script = Script({("GET", "/ocpp/chargers/dep-1/status"): [json(200, body)]})
    with pytest.raises(ProvisioningError, match=told):
        talk(script, "g2", lambda client: client.ready(Charger("dep-1", "CP-1"), within=60))


@pytest.mark.parametrize("trouble", [httpx.ReadTimeout("late"), httpx.Response(502), httpx.Response(202, text="<p>")])
def test_a_creation_of_unknown_outcome_is_unmade(trouble: Any) -> None:
    """A charger of that identity may exist; it is looked for and deleted."""
    others = [{"id": "x", "identity": "CP-0"}, {"id": "dep-1", "identity": "CP-1"}]
    script = Script(
        {
            ("POST", "/ocpp/chargers"): [trouble],
            ("GET", "/ocpp/chargers"): [json(200, {"data": others})],
            ("DELETE", "/ocpp/chargers/dep-1"): [httpx.Response(204)],
        }
    )  # fmt: skip
    with pytest.raises((NoAnswerError, ServerTroubleError, NotTheApiError)):
        talk(script, "g2", lambda client: client.create(NEW))
    assert script.asked == [("POST", "/ocpp/chargers"), ("GET", "/ocpp/chargers"), ("DELETE", "/ocpp/chargers/dep-1")]


def test_a_creation_of_unknown_outcome_is_unmade_by_identity() -> None:
    """Generation 4, which has no list of chargers, is told to delete the one of that identity."""
    deployment = "/evcharger/deployment"
    script = Script(
        {("POST", deployment): [httpx.ReadTimeout("late")], ("DELETE", deployment): [httpx.Response(204)]}
    )  # fmt: skip
    with pytest.raises(NoAnswerError):
        talk(script, "g4", lambda client: client.create(NEW))
    assert script.asked == [("POST", deployment), ("DELETE", deployment)]


def test_a_cancelled_creation_is_unmade() -> None:
    """Ctrl-C between the request and its answer leaves no charger behind."""

    async def slow() -> httpx.Response:
        await asyncio.sleep(3)
        return json(202, CREATED)

    script = Script({("POST", "/ocpp/chargers"): [slow], ("DELETE", "/ocpp/chargers/dep-1"): [httpx.Response(204)]})

    async def interrupted(client: GatewayClient) -> None:
        task = asyncio.create_task(client.create(NEW))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    talk(script, "g2", interrupted)
    assert script.asked == [("POST", "/ocpp/chargers"), ("DELETE", "/ocpp/chargers/dep-1")]


def test_what_is_gone_need_not_be_deleted() -> None:
    """404 to a deletion is no error."""
    script = Script({})
    talk(script, "g2", lambda client: client.delete(Charger("dep-1", "CP-1")))
    assert script.asked == [("DELETE", "/ocpp/chargers/dep-1")]


def test_a_model_by_its_connectors() -> None:
    """The catalogue is read once."""
    brands = {"data": [{"slug": "abb"}, {"slug": "alfen"}], "total": 2, "page": 1, "limit": 100}
    script = Script(
        {
            ("GET", "/ocpp/catalog/brands"): [json(200, brands)],
            ("GET", "/ocpp/catalog/brands/abb/models"): [json(200, {"data": [{"slug": "a1", "connector_count": 1}]})],
            ("GET", "/ocpp/catalog/brands/alfen/models"): [
                json(200, {"data": [{"slug": "x"}, {"slug": "a2", "connector_count": 2, "connector_types": ["CCS2"]}]})
            ],
        }
    )

    async def look(client: GatewayClient) -> list[Model | None]:
        return [await client.model(2), await client.model(2, brand="abb"), await client.model(9)]

    assert talk(script, "g2", look) == [Model("alfen", "a2", 2, "CCS2"), None, None]
    assert len(script.asked) == 3


def test_a_long_log_is_read_to_its_end() -> None:
    """Page by page."""
    full = {"data": [{"direction": "cp_to_csms", "action": "Heartbeat", "message": "[]"}] * 500}
    script = Script({("GET", "/ocpp/chargers/dep-1/logs"): [json(200, full), json(200, full), json(200, {"data": []})]})
    entries, _ = talk(script, "g2", lambda client: client.log(Charger("dep-1", "CP-1")))
    assert len(entries) == 1000
