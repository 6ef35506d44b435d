"""The table of refused frames: what breaks its schema shows no fact, whatever its receiver makes of it.

Every message that a fact is read from, with each of its fields broken, as a call and as an answer: between two real
sessions, and in a Gateway's log whose CSMS has taken it all the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.engine.interpreter import Interpreter
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.engine.recording.observations import frame_observation
from ocpplab_runner.gateway.client import LogBook
from ocpplab_runner.gateway.client.model import LogEntry
from ocpplab_runner.ocppj import Reply, request_schema, response_schema
from ocpplab_runner.ocppj.schemas import send_schema
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.targets.gateway.evidence import logged_frame
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.engine.broken_payloads import broken_payloads
from tests.engine.exchanges import DOWN, EXCHANGES, STREAM, UP, V16, V21, V201, Exchange
from tests.ocppj.sessions import join
from tests.scenario.kit import language


def test_every_message_that_a_fact_is_read_from_is_here() -> None:
    """A BootNotification's call shows nothing by itself; 2.1 reads a SEND as well."""
    for version, sent in ((V16, set()), (V201, set()), (V21, {(UP, STREAM[0])})):
        assert _read(version) - sent == {(one.direction, one.action) for one in EXCHANGES if one.version is version}


def _read(version: OcppVersion) -> set[tuple[str, str]]:
    interpreter = Interpreter(version)
    return {(side, action) for side, action in (*interpreter._calls, *interpreter._answers)}


def test_every_field_that_can_be_asked_for_is_shown_by_some_message() -> None:
    """One that no event has would make every ``never`` hold. The reason of a verdict is the station's own."""
    elsewhere = {("auth_status", "reason")}
    shown: dict[str, set[str]] = {}
    for exchange in EXCHANGES:
        for fact in facts(between_sessions(exchange, exchange.call, exchange.answer)):
            shown.setdefault(fact.name, set()).update(fact.fields)
    asked = {(name, spec.name) for name in shown for spec in language().facets[name].fields}
    assert asked - elsewhere == {(name, field) for name, fields in shown.items() for field in fields}


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_between_two_sessions(exchange: Exchange) -> None:
    """The receiver refuses what is broken; the well-formed twin shows its facts."""
    assert facts(between_sessions(exchange, exchange.call, exchange.answer))
    for told, call, answer in broken(exchange):
        assert facts(between_sessions(exchange, call, answer)) == [], told


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_in_a_log(exchange: Exchange) -> None:
    """Nobody else has judged what a log tells, so a broken call may have been answered as if it were none."""
    assert facts(in_a_log(exchange, exchange.call, exchange.answer))
    for told, call, answer in broken(exchange):
        assert facts(in_a_log(exchange, call, answer)) == [], told


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_in_a_log_of_calls_only(exchange: Exchange) -> None:
    """A valid call is taken for one that was accepted; a broken one is none."""
    shows = Interpreter(exchange.version)._shows
    twin = facts(in_a_log(exchange, exchange.call, None))
    assert bool(twin) is (exchange.direction == UP and exchange.action in shows)
    for told, call in broken_payloads(request_schema(exchange.version, exchange.action), exchange.call):
        assert facts(in_a_log(exchange, call, None)) == [], told


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_a_call_that_is_refused_though_it_is_well_formed(exchange: Exchange) -> None:
    """A CALLERROR takes nothing, whatever the call says, and whatever comes after it under its id."""
    ledger = _ledger(exchange)
    messages = [[2, "1", exchange.action, exchange.call], [4, "1", "InternalError", "", {}], [3, "1", exchange.answer]]
    for at, frame in _logged(exchange, messages):
        ledger.record(logged_frame(frame, at, name="A", version=exchange.version, answerable=True))
    assert facts(ledger) == []


@pytest.mark.parametrize(
    "data", ['{"transactionId": 1, "cost": "1.5"}', '{"transactionId": "t", "cost": 1}', "[]", "1", "[" * 100_000]
)
def test_what_no_schema_judges(data: str) -> None:
    """The text of a DataTransfer, which may hold anything."""
    for exchange in (one for one in EXCHANGES if one.action == "DataTransfer"):
        assert facts(between_sessions(exchange, {**exchange.call, "data": data}, exchange.answer)) == []
        if "data" in exchange.answer:
            assert facts(between_sessions(exchange, exchange.call, {**exchange.answer, "data": data})) == []


def test_a_message_that_nobody_answers() -> None:
    """A valid SEND suffices; a broken one shows nothing."""
    action, payload = STREAM
    assert [fact.name for fact in facts(_sent(action, payload))] == ["stream_data"]
    for told, wrong in broken_payloads(send_schema(V21, action), payload):
        assert facts(_sent(action, wrong)) == [], told


def _sent(action: str, payload: dict[str, Any]) -> Ledger:
    async def scene() -> Ledger:
        charger, _, heard, _ = join(None, None, V21)
        charger.send(action, payload, validate=False)
        await asyncio.sleep(0.1)
        ledger = Ledger(now=lambda: 5.0)
        ledger.add_charger("A", V21)
        for record in heard.frames:
            ledger.record(frame_observation("A", record))
        return ledger

    return clock.run(scene())


def broken(exchange: Exchange) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What is broken, and the exchange with it."""
    for told, call in broken_payloads(request_schema(exchange.version, exchange.action), exchange.call):
        yield f"call: {told}", call, exchange.answer
    for told, answer in broken_payloads(response_schema(exchange.version, exchange.action), exchange.answer):
        yield f"answer: {told}", exchange.call, answer


def facts(ledger: Ledger) -> list[Event]:
    """All of them."""
    return [event for event in ledger.since(0) if event.kind == "fact"]


def between_sessions(exchange: Exchange, call: dict[str, Any], answer: dict[str, Any]) -> Ledger:
    """The exchange between a charger and a CSMS, as the charger sees it."""

    async def scene() -> Ledger:
        def handler(_: Any) -> Reply:
            return Reply(answer, validate=False)

        charger, csms, heard, _ = join(handler, handler, exchange.version)
        caller = charger if exchange.direction == UP else csms
        await caller.call(exchange.action, call, validate=False)
        await asyncio.sleep(0.1)
        ledger = _ledger(exchange)
        for record in heard.frames:
            ledger.record(frame_observation("A", record))
        return ledger

    return clock.run(scene())


def in_a_log(exchange: Exchange, call: dict[str, Any], answer: dict[str, Any] | None) -> Ledger:
    """The exchange as a log has it; without an answer in a log of calls only."""
    ledger = _ledger(exchange)
    messages: list[Any] = [[2, "1", exchange.action, call]]
    if answer is not None:
        messages.append([3, "1", answer])
    for at, frame in _logged(exchange, messages):
        ledger.record(logged_frame(frame, at, name="A", version=exchange.version, answerable=answer is not None))
    return ledger


def _logged(exchange: Exchange, messages: list[Any]) -> list[tuple[float, Any]]:
    ways = ["cp_to_csms", "csms_to_cp"]
    if exchange.direction == DOWN:
        ways.reverse()
    book = LogBook(exchange.version)
    entries = [
        LogEntry(way, "", json.dumps(message), None) for way, message in zip([*ways, ways[1]], messages, strict=False)
    ]
    book.take(entries, lambda _: 1.0)
    return book.release(2.0)


def _ledger(exchange: Exchange) -> Ledger:
    ledger = Ledger(now=lambda: 5.0)
    ledger.add_charger("A", exchange.version)
    return ledger
