"""A payment terminal at a station of OCPP 2.1: VatNumberValidation and NotifySettlement."""

from __future__ import annotations

import json

from ocpplab_runner import clock
from ocpplab_runner.charger.persistence import recall, remember, resume
from ocpplab_runner.ocppj import NO_REPLY
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import error, rig

_, V201, V21 = OcppVersion


def test_a_tax_number_is_asked_about_over_a_connection_only():
    """Nobody could answer without one."""

    async def main():
        answer = {"vatNumber": "X", "status": "Accepted"}
        async with rig(version=V21, answers={"VatNumberValidation": answer}) as it:
            assert (await it.do("validate_vat_number", vat_number="X", evse_id=1)).status == "done"
            assert it.sent("VatNumberValidation") == [{"vatNumber": "X", "evseId": 1}]
            await it.do("network", state="down")
            assert (await it.do("validate_vat_number", vat_number="X")).reason == "there is no connection to ask over"

    clock.run(main())


def test_settlements_are_told_in_their_order_when_there_is_a_connection():
    """With the time at which they were settled."""

    async def main():
        async with rig(version=V21, answers={"NotifySettlement": {}}) as it:
            await it.do("network", state="down")
            await it.do("settle_payment", psp_ref="A", amount=1)
            await it.wait(10)
            await it.do("settle_payment", psp_ref="B", amount=0, status="Failed")
            await it.do("network", state="up")
            await it.wait(60)
            told = [(one["pspRef"], one["status"], one["settlementTime"][11:19]) for one in it.sent("NotifySettlement")]
            assert told == [("A", "Settled", "00:00:00"), ("B", "Failed", "00:00:10")]
            assert it.told("price_display") == []

    clock.run(main(), virtual=True)


def test_a_settlement_whose_answer_was_lost_is_told_again():
    """After the next connection, unchanged and before those that came later; what was refused is not."""

    async def main():
        async with rig(version=V21, answers={"NotifySettlement": lambda _: NO_REPLY}) as it:
            await it.do("settle_payment", psp_ref="A", amount=1)
            await it.do("settle_payment", psp_ref="B", amount=1)
            await it.do("network", state="down")
            await it.do("network", state="up")
            it.answers["NotifySettlement"] = error("NotImplemented")
            await it.do("network", state="down")
            await it.wait(10)
            await it.do("network", state="up")
            await it.wait(200)
            told = it.sent("NotifySettlement")
            assert [one["pspRef"] for one in told] == ["A", "A", "A", "B"]
            assert {one["settlementTime"][11:19] for one in told} == {"00:00:00"}

    clock.run(main(), virtual=True)


def test_a_settlement_that_was_not_answered_outlives_the_process():
    """The next one tells it."""

    async def main():
        async with rig(version=V21, answers={"NotifySettlement": lambda _: NO_REPLY}) as first:
            await first.do("settle_payment", psp_ref="A", amount=1)
            memory = json.loads(json.dumps(remember(first.charger)))
        async with rig(version=V21, start=False, answers={"NotifySettlement": {}}) as second:
            recall(second.charger, memory)
            await resume(second.charger, memory)
            await second.wait(1)
            assert [one["pspRef"] for one in second.sent("NotifySettlement")] == ["A"]

    clock.run(main(), virtual=True)


def test_the_receipt_of_the_csms_is_shown():
    """Where it has one."""

    async def main():
        async with rig(version=V21, answers={"NotifySettlement": {"receiptUrl": "https://example.org/r"}}) as it:
            await it.do("settle_payment", psp_ref="A", amount=1)
            assert it.told("price_display") == [{"is": "receipt", "text": "https://example.org/r"}]

    clock.run(main())


def test_other_versions_know_no_terminal():
    """The commands say so."""

    async def main():
        async with rig(version=V201) as it:
            for command, fields in (("validate_vat_number", {"vat_number": "X"}), ("settle_payment", {"psp_ref": "A"})):
                assert "knows no payments" in (await it.do(command, **fields)).reason

    clock.run(main())
