"""The rig that is told by HTTP: what it sends, what it takes for done, and what it tells of trouble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.plugin.stage import InfrastructureError, Outcome
from ocpplab_runner.targets.rigs.http import HttpRig
from ocpplab_runner.targets.templates import filled_data, filled_url

PLUG = {"url": "/evses/{evse_id}/plug", "json": {"ev": "{ev}", "by": "{station}", "text": "EVSE {evse_id}"}}


def done(
    options: dict[str, Any], verb: str, fields: dict[str, Any], answer: Callable[[httpx.Request], Any]
) -> tuple[Outcome, list[httpx.Request]]:
    """What becomes of one act, and the requests that it takes."""
    seen: list[httpx.Request] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        told = answer(request)
        return await told if asyncio.iscoroutine(told) else told

    async def main() -> Outcome:
        rig = HttpRig({"base_url": "http://rig.lab/api/", **options}, transport=httpx.MockTransport(handle))
        try:
            return await rig.perform("CP-1", verb, fields)
        finally:
            await rig.close()

    return clock.run(main()), seen


def test_a_request_is_its_template_with_the_fields() -> None:
    """URL, headers and body; values keep their type."""
    options = {"headers": {"Authorization": "Bearer secret-token"}, "verbs": {"plug_connector": PLUG}}
    outcome, (request,) = done(
        options, "plug_connector", {"evse_id": 2, "ev": {"demand": False}}, lambda _: httpx.Response(204)
    )
    assert outcome.status == "done"
    assert (request.method, str(request.url)) == ("POST", "http://rig.lab/api/evses/2/plug")
    assert request.headers["Authorization"] == "Bearer secret-token"
    assert json.loads(request.content) == {"ev": {"demand": False}, "by": "CP-1", "text": "EVSE 2"}


def test_what_a_step_does_not_give_is_left_out_and_a_place_is_the_first() -> None:
    """An EVSE in a URL cannot be left out."""
    _, (request,) = done({"verbs": {"plug_connector": PLUG}}, "plug_connector", {}, lambda _: httpx.Response(200))
    assert request.url.path == "/api/evses/1/plug"
    assert json.loads(request.content) == {"by": "CP-1", "text": "EVSE "}


def test_a_card_is_the_id_tag() -> None:
    """In a body that is no JSON too."""
    verbs = {"authorize_id_tag": {"url": "/read?at={evse_id}", "body": "uid={card}", "method": "put"}}
    _, (request,) = done({"verbs": verbs}, "authorize_id_tag", {"id_tag": "04A2"}, lambda _: httpx.Response(200))
    assert (request.method, request.content) == ("PUT", b"uid=04A2")


@given(value=st.text(min_size=1))
def test_no_value_leaves_its_place_in_a_url(value: str) -> None:
    """Whatever a card is called."""
    encodable = value.encode("utf-8", "replace").decode()
    url = filled_url("http://rig/cards/{card}/present", {"card": encodable})
    head, middle, tail = url.partition("http://rig/cards/")[2].partition("/present")
    assert (middle, tail) == ("/present", "")
    assert unquote(head) == encodable


@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_a_whole_placeholder_keeps_its_type(value: Any) -> None:
    """And nothing in a value is a placeholder again."""
    assert filled_data({"a": ["{x}", "{y}"], "b": "{y}"}, {"x": value}) == {"a": [value]}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(409, json={"reason": "no car"}), "the rig says: no car"),
        (httpx.Response(422, text="stuck"), "the rig says: stuck"),
    ],
)
def test_the_hardware_would_not(answer: httpx.Response, reason: str) -> None:
    """That is an outcome, no error."""
    outcome, _ = done({"verbs": {"unplug_connector": "/x"}}, "unplug_connector", {}, lambda _: answer)
    assert (outcome.status, outcome.reason) == ("refused", reason)


async def _never() -> httpx.Response:
    await asyncio.sleep(10_000)
    return httpx.Response(200)


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65_536


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Connection refused", request=request)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda _: httpx.Response(500, text="out of order"), "500 out of order"),
        (lambda _: httpx.Response(302, headers={"Location": "http://evil/"}), "302"),
        (lambda _: _never(), "no answer within 3 s"),
        (_refuse, "Connection refused"),
        (lambda _: httpx.Response(200, content=_endless()), "the answer is longer than 1 MiB"),
        (lambda _: httpx.Response(500, text="[" * 100_000), "500 [[["),
        (lambda _: httpx.Response(500, json={"detail": "x" * 500_000}), "500 {"),
        (lambda _: httpx.Response(200, content=b"x" * 99, headers={"content-encoding": "gzip"}), "Error -3"),
    ],
)
def test_trouble_names_verb_and_url_and_no_value(answer: Callable[[httpx.Request], Any], told: str) -> None:
    """Neither the card, nor the token of the query."""
    verbs = {"authorize_id_tag": {"url": "/read/{card}?token=secret-token", "timeout": "3s"}}
    with pytest.raises(InfrastructureError) as raised:
        done({"verbs": verbs}, "authorize_id_tag", {"id_tag": "04A2B3C4"}, answer)
    text = str(raised.value)
    assert text.startswith("rig: authorize_id_tag: POST http://rig.lab/api/read/{card}: ")
    assert told in text
    assert len(text) < 400
    assert "secret" not in text
    assert "04A2B3C4" not in text


def test_a_field_that_a_request_has_no_place_for_is_told_ahead() -> None:
    """It would be done otherwise than the scenario says."""
    rig = HttpRig({"base_url": "http://rig", "verbs": {"plug_connector": "/plug"}})
    assert rig.why_not("plug_connector", {"evse_id"}) is None
    assert rig.why_not("plug_connector", {"ev"}) == "the rig's request for plug_connector has no {ev}"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"url": "http://rig"}, "`rig` has no url"),
        ({"verbs": {}}, "`rig.verbs` maps each verb"),
        ({"verbs": {"remote_start": "/x"}}, "a rig does what takes hands"),
        ({"verbs": {"power": {"path": "/x"}}}, "is a URL, or a mapping with `url`"),
        ({"verbs": {"power": {"url": "/x", "verb": "PUT"}}}, "`rig.verbs.power` has no verb"),
        ({"verbs": {"power": {"url": "/x", "json": {}, "body": ""}}}, "`json` or `body`, not both"),
        ({"verbs": {"power": {"url": "/x", "method": "FETCH"}}}, "`rig.verbs.power.method` is one of"),
        ({"verbs": {"power": {"url": "/{evse_id}"}}}, "power has no {evse_id}; it has card, off_for, state, station"),
        ({"verbs": {"power": {"url": "ftp://x"}}}, "is an http:// or https:// URL"),
        ({"verbs": {"power": {"url": "http://{station}/"}}}, "is an http:// or https:// URL"),
        ({"verbs": {"power": {"url": "/x", "accepted": "200"}}}, "`rig.verbs.power.accepted` lists HTTP statuses"),
        ({"verbs": {"power": {"url": "/x", "timeout": 5}}}, "`timeout` is a duration with a unit, such as 5s"),
        ({"verbs": {"power": "/x"}, "headers": {"A": "b\r\nc"}}, "letters that no header can carry"),
        ({"verbs": {"power": "/x"}, "headers": {"X Y": "b"}}, "'X Y' cannot be the name of a header"),
        ({"verbs": {"power": "/x"}, "timeout": "0s"}, "`timeout` is longer than nothing"),
        ({"verbs": {"power": {"url": "/x", "timeout": "0s"}}}, "`rig.verbs.power`: `timeout` is longer than nothing"),
        ({"verbs": {"power": "http://h:99999/x"}}, "`rig.verbs.power.url` is an http://"),
        ({"verbs": {"power": "/x"}, "base_url": "http://h:99999"}, "`rig.base_url` is an http://"),
        ({"verbs": {"power": "/x"}, "base_url": "http://[::1"}, "`rig.base_url` is an http://"),
        ({"verbs": {"power": "/x"}, "base_url": "rig"}, "`rig.base_url` is an http://"),
    ],
)
def test_what_is_wrong_with_the_options(options: dict[str, Any], problem: str) -> None:
    """By name, and what would be right."""
    with pytest.raises(ValueError, match=r"rig|timeout") as raised:
        HttpRig({"base_url": "http://rig.lab", **options})
    assert problem in str(raised.value)
