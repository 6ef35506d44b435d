"""A payment terminal that is part of the station: C18 to C23 of OCPP 2.1."""

from __future__ import annotations

import json

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

_, V201, V21 = OcppVersion
TARIFF = {"tariffId": "T", "currency": "EUR", "energy": {"prices": [{"priceKwh": 1}]}}


def world(*, total=None, start=True, **configuration):
    def event(call):
        ended = call.payload["eventType"] == "Ended"
        return {} if total is None or not ended else {"totalCost": total}

    return rig(
        {
            "max_power_w": 10_000,
            "ev": {"power_w": 10_000},
            "settings": {"meter_value_interval": "0s"},
            "configuration": {f"PaymentCtrlr.{name}": value for name, value in configuration.items()},
        },
        version=V21,
        answers={"TransactionEvent": event, "NotifySettlement": {}},
        start=start,
    )


def play(scene, **more):
    async def main():
        async with world(**more) as it:
            await scene(it)

    clock.run(main(), virtual=True)


async def pay(it, psp_ref="P", **fields):
    await it.do("plug_connector", evse_id=1)
    return await it.do("pay_by_card", psp_ref=psp_ref, evse_id=1, **fields)


def settled(it):
    return [(one["pspRef"], one["status"], one["settlementAmount"]) for one in it.sent("NotifySettlement")]


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"CardNumber": "4111111111111111"}, "not CardNumber"),
        ({"CardLast4Digits": "4111111111111111"}, "CardLast4Digits does not look like one"),
        ({"CardBin": "41111111111"}, "CardBin does not look like one"),
    ],
)
def test_a_whole_number_of_a_card_is_told_to_nobody(details, reason):
    """The terminal does not even take it, and the refusal does not repeat it."""

    async def scene(it):
        refused = await pay(it, details=details)
        assert reason in refused.reason
        assert not any(value in refused.reason for value in details.values())
        assert it.sent("TransactionEvent") == []

    play(scene)


def test_what_is_told_of_a_card_is_for_the_csms_to_say():
    """PaymentDetails; what is not on it stays in the terminal."""

    async def scene(it):
        await pay(it, details={"CardBin": "411111", "CardLast4Digits": "1234"})
        (first,) = it.sent("TransactionEvent")
        assert first["idToken"]["additionalInfo"] == [{"additionalIdToken": "411111", "type": "CardBin"}]

    play(scene, PaymentDetails="CardBin")


def test_a_terminal_that_is_switched_off():
    """Takes no card."""

    async def scene(it):
        assert "switched off" in (await pay(it)).reason

    play(scene, Enabled="false")


def test_the_csms_counts_and_says_at_the_end_what_is_to_be_paid():
    """Its totalCost is settled."""

    async def scene(it):
        await pay(it)
        await it.wait(60)
        await it.do("stop_session")
        assert settled(it) == [("P", "Settled", 4.2)]

    play(scene, total=4.2)


def test_nobody_pays_what_nobody_has_counted():
    """The amount is released, and whoever reads along is told why."""

    async def scene(it):
        await pay(it)
        await it.do("stop_session")
        assert settled(it) == [("P", "Canceled", 0)]
        assert "nobody has said what P has to pay" in it.notes

    play(scene)


def test_nothing_is_settled_before_the_csms_has_heard_of_the_end():
    """Without a connection both wait, in their order."""

    async def scene(it):
        await it.call("SetDefaultTariff", evseId=0, tariff=TARIFF)
        await pay(it)
        await it.do("network", state="down")
        await it.wait(360)
        await it.do("stop_session")
        await it.wait(60)
        assert settled(it) == []
        await it.do("network", state="up")
        await it.wait(60)
        assert settled(it) == [("P", "Settled", 1)]
        assert it.actions().index("NotifySettlement") > it.actions().index("TransactionEvent")

    play(scene)


def test_more_is_reserved_when_the_csms_says_that_it_is_needed():
    """CostUpdated comes within the threshold of what is reserved; a great step takes several amounts."""

    async def scene(it):
        await pay(it)
        number = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
        for cost in (7.9, 8, 8.5, 17):
            await it.call("CostUpdated", totalCost=cost, transactionId=number)
        told = [one["transactionInfo"].get("transactionLimit") for one in it.sent("TransactionEvent")]
        assert [one for one in told if one is not None] == [{"maxCost": 10}, {"maxCost": 13}, {"maxCost": 22}]

    more = {"IncrementalAuthorizationAmount": "3", "IncrementalAuthorizationThreshold": "2"}
    play(scene, AuthorizationAmount="10", **more)


def test_another_payment_has_the_amount_that_was_set():
    """What was reserved in addition was for the one before."""

    async def scene(it):
        await it.call("SetDefaultTariff", evseId=0, tariff=TARIFF)
        for psp_ref in "AB":
            await pay(it, psp_ref)
            await it.wait(3600)
            await it.do("stop_session")
        told = [one["transactionInfo"].get("transactionLimit") for one in it.sent("TransactionEvent")]
        assert [one for one in told if one is not None] == [{"maxCost": 6}, {"maxCost": 12}] * 2
        assert settled(it) == [("A", "Settled", 10), ("B", "Settled", 10)]

    play(scene, AuthorizationAmount="6", IncrementalAuthorizationAmount="6")


def test_a_payment_whose_power_goes_before_it_has_begun():
    """The CSMS, which knew of it, is told when the station is back."""

    async def scene(it):
        it.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
        await it.do("pay_by_card", psp_ref="P", evse_id=1)
        await it.do("power", state="off")
        await it.do("power", state="on")
        await it.wait(60)
        assert settled(it) == [("P", "Canceled", 0)]

    play(scene, AuthorizeDirectPayment="true")


def test_a_payment_outlives_the_process():
    """Its transaction goes on and is settled by another one."""

    async def main():
        async with world() as before:
            await before.call("SetDefaultTariff", evseId=0, tariff=TARIFF)
            await pay(before)
            await before.wait(360)
            memory = json.loads(json.dumps(remember(before.charger)))
        async with world(start=False) as after:
            recall(after.charger, memory)
            await resume(after.charger, memory)
            await after.wait(360)
            await after.do("stop_session")
            ((psp_ref, status, amount),) = settled(after)
            assert (psp_ref, status) == ("P", "Settled")
            assert amount >= 2

    clock.run(main(), virtual=True)


def test_what_is_not_held_cannot_be_given_up():
    """Nor in other versions."""

    async def scene(it):
        refused = await it.do("pay_by_card", psp_ref="P", outcome="Canceled")
        assert refused.reason == "no payment P is held"

    play(scene)


@pytest.mark.parametrize("total", [12, 1e308])
@pytest.mark.parametrize(("more", "threshold"), [("0.001", "0"), ("1", "100000")])
def test_small_amounts_are_reserved_at_once(more, threshold, total):
    """However many it takes to be above what it costs already."""

    async def scene(it):
        await pay(it)
        number = it.sent("TransactionEvent")[0]["transactionInfo"]["transactionId"]
        it.forget()
        await it.call("CostUpdated", totalCost=total, transactionId=number)
        told = [one["transactionInfo"].get("transactionLimit") for one in it.sent("TransactionEvent")]
        assert [one for one in told if one is not None][-1]["maxCost"] >= total + float(threshold)

    play(
        scene, AuthorizationAmount="0", IncrementalAuthorizationAmount=more, IncrementalAuthorizationThreshold=threshold
    )


def test_small_amounts_that_the_station_counts():
    """A fee that is above what is reserved is reserved in one step."""

    async def scene(it):
        fee = {**TARIFF, "fixedFee": {"prices": [{"priceFixed": 20}]}}
        await it.call("SetDefaultTariff", evseId=0, tariff=fee)
        await pay(it)
        told = [one["transactionInfo"].get("transactionLimit") for one in it.sent("TransactionEvent")]
        assert [one for one in told if one is not None][-1]["maxCost"] == pytest.approx(20.01)

    play(scene, AuthorizationAmount="1", IncrementalAuthorizationAmount="0.01")


def test_nobody_is_paid_for_charging():
    """A cost below 0 leaves nothing to settle: the terminal gives back what was reserved."""

    async def scene(it):
        await it.call("SetDefaultTariff", evseId=0, tariff={**TARIFF, "energy": {"prices": [{"priceKwh": -1}]}})
        await pay(it)
        await it.wait(360)
        await it.do("stop_session")
        assert settled(it) == [("P", "Canceled", 0)]

    play(scene)
