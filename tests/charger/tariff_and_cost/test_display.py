"""What a driver is shown of tariffs and costs in OCPP 2.x: use cases I01 to I06."""

from __future__ import annotations

import pytest

from ocpplab_runner import clock
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

_, V201, V21 = OcppVersion
BOTH = pytest.mark.parametrize("version", [V201, V21])


def world(version, info=None, **configuration):
    info = {"status": "Accepted", **(info or {})}
    names = {f"TariffCostCtrlr.{name.replace('__', '.')}": value for name, value in configuration.items()}
    return rig(
        {"configuration": names},
        version=version,
        answers={"Authorize": lambda _: {"idTokenInfo": info}, "TransactionEvent": {}},
    )


async def start(it, card="CARD"):
    await it.do("plug_connector")
    await it.do("authorize_id_tag", id_tag=card)


def shown(it):
    return [(one["is"], one.get("text", one.get("amount"))) for one in it.told("price_display")]


@BOTH
def test_the_tariff_of_a_driver(version):
    """I01: the text that comes with the verdict; not the fallback, which is for those without one (I04)."""

    async def main(info, fallback, expected):
        async with world(version, info, TariffFallbackMessage=fallback) as it:
            await start(it)
            assert shown(it) == expected

    text = {"personalMessage": {"format": "UTF8", "content": "0.30 per kWh"}}
    clock.run(main(text, "ask", [("tariff", "0.30 per kWh")]), virtual=True)
    clock.run(main({}, "ask", [("tariff", "ask")]), virtual=True)
    clock.run(main({}, "", []), virtual=True)


@BOTH
def test_costs_so_far_and_in_all(version):
    """I02, I03: by CostUpdated and by answers to TransactionEvent, in the station's currency; nothing is no amount."""

    async def main():
        async with world(version, Currency="NOK") as it:
            await start(it)
            (begun,) = it.sent("TransactionEvent")
            transaction_id = begun["transactionInfo"]["transactionId"]
            assert await it.call("CostUpdated", totalCost=1.5, transactionId=transaction_id) == {}
            await it.call("CostUpdated", totalCost=9, transactionId="another")
            it.answers["TransactionEvent"] = {"totalCost": 2}
            await it.do("ev_stops_energy")
            it.answers["TransactionEvent"] = {"totalCost": 0}
            await it.do("stop_session")
            await it.call("CostUpdated", totalCost=9, transactionId=transaction_id)
            assert shown(it) == [("running_cost", 1.5), ("running_cost", 2), ("total_cost", 0)]
            assert {one["currency"] for one in it.told("price_display")} == {"NOK"}
            assert {(one["evse_id"], one["id_tag"]) for one in it.told("price_display")} == {(1, "CARD")}
            assert any("another" in note for note in it.notes)

    clock.run(main(), virtual=True)


@BOTH
def test_a_tariff_that_changes(version):
    """I06."""

    async def main():
        async with world(version) as it:
            await start(it)
            it.answers["TransactionEvent"] = {"updatedPersonalMessage": {"format": "UTF8", "content": "0.20 now"}}
            await it.do("ev_stops_energy")
            assert shown(it) == [("tariff", "0.20 now")]

    clock.run(main(), virtual=True)


@BOTH
def test_the_end_without_a_connection(version):
    """I05: a text instead of the amount, and none where none is configured; with a connection nothing is made up."""

    async def main(text, expected):
        async with world(version, TotalCostFallbackMessage=text) as it:
            await start(it)
            await it.do("stop_session")
            assert shown(it) == []
            await start(it)
            await it.do("network", state="down")
            await it.do("stop_session")
            assert shown(it) == expected

    clock.run(main("by invoice", [("total_cost", "by invoice")]), virtual=True)
    clock.run(main("", []), virtual=True)


def test_what_is_not_enabled_is_not_shown():
    """Tariffs and costs, each by its own variable; in 2.1 these say who counts."""

    async def main(tariff, cost, expected):
        enabled = {"Enabled__Tariff": tariff, "Enabled__Cost": cost}
        async with world(V201, TariffFallbackMessage="ask", TotalCostFallbackMessage="invoice", **enabled) as it:
            await start(it)
            more = {"updatedPersonalMessage": {"format": "UTF8", "content": "now"}}
            it.answers["TransactionEvent"] = {"totalCost": 1, **more}
            await it.do("ev_stops_energy")
            await it.do("network", state="down")
            await it.do("stop_session")
            assert shown(it) == expected

    clock.run(main("true", "false", [("tariff", "ask"), ("tariff", "now")]), virtual=True)
    clock.run(main("false", "true", [("running_cost", 1), ("total_cost", "invoice")]), virtual=True)
    clock.run(main("false", "false", []), virtual=True)
