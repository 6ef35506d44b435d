"""Winding up at a CSMS that is slow, and at one that says nothing; in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.targets.charger_host import ChargerHost, switch_off
from ocpplab_runner.targets.end_transactions import Leftover, end_transactions
from ocpplab_runner.targets.observing import CsmsEnd
from ocpplab_runner.vocabulary.versions import OcppVersion

STOPS = {OcppVersion.V16: "StopTransaction", OcppVersion.V201: "TransactionEvent"}
VERSIONS = pytest.mark.parametrize("version", list(STOPS))
Act = Callable[[ChargerHost, BuiltInCsms], Awaitable[Any]]


async def after(version: OcppVersion, act: Act) -> tuple[list[str], BuiltInCsms, list[Observation]]:
    """What is left open after a charger has done something and is wound up and switched off; and what was seen."""
    seen: list[Observation] = []
    config = CsmsConfig.from_given({"id_tokens": {"CARD-1": "Accepted"}})
    csms = BuiltInCsms(config, observer=CsmsEnd({}, seen.append), random=Random(1))
    await csms.start("127.0.0.1", 0, versions=[version])
    host = ChargerHost(
        "1",
        ChargerConfig.from_given({"identity": "CP-1"}),
        version=version,
        url=f"ws://127.0.0.1:{csms.port}",
        record=seen.append,
        random=Random(2),
    )
    left: list[Leftover] = []
    await host.boot(30)
    await host.perform("plug_connector", {"evse_id": 1})
    await act(host, csms)
    await end_transactions([host], left)
    await switch_off({"1": host}, [])
    await csms.stop()
    return [one.text for one in left], csms, seen


def is_answered(seen: list[Observation]) -> bool:
    """Whether every call of the charger has its answer."""
    crossed = [(one.fields.get("type"), one.fields.get("message_id")) for one in seen if one.kind == "frame"]
    return {m for kind, m in crossed if kind == "call"} <= {m for kind, m in crossed if kind in ("result", "error")}


@VERSIONS
def test_a_slow_csms_gets_its_time(version: OcppVersion) -> None:
    """Each answer may take as long as a call may: nothing stays open, and no call is cut off."""

    async def act(host: ChargerHost, csms: BuiltInCsms) -> None:
        for action in ("Authorize", "StartTransaction", STOPS[version], "StatusNotification"):
            csms.program("CP-1", {"to": action, "delay": "20s", "times": 50})
        await host.perform("authorize_id_tag", {"id_tag": "CARD-1"})

    left, csms, seen = clock.run(after(version, act))
    assert left == []
    assert csms.transactions.running("CP-1") == ()
    assert [one for one in seen if one.name == STOPS[version]]
    assert is_answered(seen)


@VERSIONS
def test_a_silent_csms_is_told_of(version: OcppVersion) -> None:
    """What could not be delivered within the time of a call is left, and said to be."""

    async def act(host: ChargerHost, csms: BuiltInCsms) -> None:
        await host.perform("authorize_id_tag", {"id_tag": "CARD-1"})
        await clock.settled()
        csms.program("CP-1", {"to": STOPS[version], "silence": True, "times": 50})

    left, csms, _ = clock.run(after(version, act))
    assert [text for text in left if "could not be delivered" in text]
    assert len(csms.transactions.running("CP-1")) == 1


@VERSIONS
def test_calls_end_before_the_connection(version: OcppVersion) -> None:
    """A call that has nothing to do with a transaction is awaited too."""

    async def act(host: ChargerHost, csms: BuiltInCsms) -> None:
        csms.program("CP-1", {"to": "StatusNotification", "delay": "20s"})
        await host.perform("unplug_connector", {"evse_id": 1})

    left, _, seen = clock.run(after(version, act))
    assert left == []
    assert is_answered(seen)


@pytest.mark.parametrize(
    ("points", "before"),
    [
        ({"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}, ["card", "card"]),
        ({"TxCtrlr.TxStartPoint": "EVConnected", "TxCtrlr.TxStopPoint": "EVConnected"}, []),
        ({"TxCtrlr.TxStartPoint": "Authorized", "TxCtrlr.TxStopPoint": "Authorized"}, ["unplug", "card"]),
    ],
    ids=["the cable outlasts the charging", "only a cable", "only a card"],
)
def test_what_is_open_without_charging_is_ended(points: dict[str, str], before: list[str]) -> None:
    """TxStartPoint and TxStopPoint let a transaction begin before the charging and outlast it."""
    acts: dict[str, tuple[str, dict[str, Any]]] = {
        "card": ("authorize_id_tag", {"id_tag": "CARD-1"}),
        "unplug": ("unplug_connector", {"evse_id": 1}),
    }

    async def act(host: ChargerHost, csms: BuiltInCsms) -> None:
        await host.perform("unplug_connector", {"evse_id": 1})
        await host.perform("set_configuration", {"configuration": points})
        await host.perform("plug_connector", {"evse_id": 1})
        for one in before:
            verb, fields = acts[one]
            await host.perform(verb, fields)
            await asyncio.sleep(1)

    left, _, seen = clock.run(after(OcppVersion.V201, act))
    events = [
        one.fields["payload"]["eventType"]
        for one in seen
        if one.kind == "frame" and one.name == "TransactionEvent" and one.fields["type"] == "call"
    ]
    assert left == []
    assert events.count("Started") == events.count("Ended") >= 1
