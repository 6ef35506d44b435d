"""Prepaid cards at the built-in CSMS: C17 of OCPP 2.1."""

from __future__ import annotations

import pytest

from ocpplab_runner import clock
from ocpplab_runner.csms.core.credits import Credits
from ocpplab_runner.ocppj import CallResult
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

_, V201, V21 = OcppVersion
TARIFF = {"tariffId": "T", "currency": "EUR", "energy": {"prices": [{"priceKwh": 1}]}}


def play(scene, *, version=V21, **csms):
    async def main():
        given = {"max_power_w": 10_000, "ev": {"power_w": 10_000}, "settings": {"meter_value_interval": "0s"}}
        async with rig(given, version=version, csms={"id_tokens": {"A": "Accepted"}, **csms}) as it:
            await scene(it)

    clock.run(main(), virtual=True)


def verdicts(it):
    results = [one.message.payload for one in it.frames if isinstance(one.message, CallResult)]
    return [payload["idTokenInfo"]["status"] for payload in results if "idTokenInfo" in payload]


def test_letter_case_tells_no_cards_apart_and_others_are_not_prepaid():
    """What is spent is taken from what the card has."""
    credits = Credits({"Card": 5})
    credits.spend("CARD", 2)
    credits.spend("another", 2)
    assert (credits.left("card"), credits.left("another")) == (3, None)


@pytest.mark.parametrize("counts", ["charger", "csms"])
def test_what_a_transaction_has_cost_is_gone(counts):
    """Whoever has counted it; what is left limits the next one."""

    async def scene(it):
        if counts == "charger":
            await it.call("SetDefaultTariff", evseId=0, tariff=TARIFF)
        for _ in range(2):
            await it.charge()
            await it.wait(360)
            await it.do("stop_session")
        told = [one["transactionInfo"].get("transactionLimit") for one in it.sent("TransactionEvent")]
        limits = [one["maxCost"] for one in told if one is not None]
        assert limits == pytest.approx([3, 2])

    play(scene, credits={"A": 3}, **({"tariff": {"energy": 1}} if counts == "csms" else {}))


def test_a_lower_limit_of_the_card_holds():
    """Credit is the most that it may cost, not the least."""

    async def scene(it):
        await it.charge()
        told = [one["transactionInfo"].get("transactionLimit") for one in it.sent("TransactionEvent")]
        assert {"maxCost": 1, "maxTime": 60} in told

    play(scene, credits={"A": 3}, transaction_limits={"A": {"cost": 1, "time": "1m"}})


def test_a_card_without_credit_is_refused_also_where_it_charged_before():
    """The charger's cache has not kept that it once had some."""

    async def scene(it):
        await it.call("SetDefaultTariff", evseId=0, tariff=TARIFF)
        await it.charge()
        await it.wait(7200)
        await it.do("stop_session")
        it.forget()
        await it.charge()
        assert verdicts(it) == ["NoCredit"]
        assert it.sent("TransactionEvent") == []

    play(scene, credits={"A": 3})


def test_a_card_that_is_blocked_is_not_told_to_have_no_credit():
    """Its own status goes first."""

    async def scene(it):
        await it.charge()
        assert verdicts(it) == ["Blocked"]

    play(scene, id_tokens={"A": "Blocked"}, credits={"A": 0})


def test_2_0_1_knows_no_prepaid_cards():
    """There a card is what its status says."""

    async def scene(it):
        await it.charge()
        assert it.sent("TransactionEvent")

    play(scene, version=V201, credits={"A": 0})
