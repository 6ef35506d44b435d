"""Codes at the station that are paid in a browser: C25 of OCPP 2.1."""

from __future__ import annotations

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.blocks.web_payment.totp import totp
from ocpplab_runner.redaction.redactor import Redactor
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

_, V201, V21 = OcppVersion
TOLD = {"Enabled": "true", "URLTemplate": "https://e.org/{evse}/{totp}", "SharedSecret": "A-Secret-Of-Both"}
ACCEPTED = {"idTokenInfo": {"status": "Accepted"}}


def play(scene, evses=1, **configuration):
    async def main():
        told = {f"WebPaymentsCtrlr.{name}": value for name, value in {**TOLD, **configuration}.items()}
        given = {"evses": evses, "configuration": told, "settings": {"meter_value_interval": "0s"}}
        async with rig(given, version=V21, answers={"Authorize": ACCEPTED, "TransactionEvent": {}}) as it:
            await scene(it)

    clock.run(main(), virtual=True)


def codes(it):
    return [one["text"] for one in it.told("price_display") if one["is"] == "qr_code"]


@pytest.mark.parametrize(
    ("secret", "seconds", "validity", "length", "code"),
    [
        ("MySharedSecret", 59_000_000 * 30, 30, 8, "5AViTp52"),
        ("MySharedSecret", 59_000_000 * 30 + 29.9, 30, 8, "5AViTp52"),
        ("MySharedSecret", 59_000_001 * 30, 30, 8, "8M9BjBLF"),
        ("ABCDEFGH12345678", 60, 60, 6, "gXEOrp"),
    ],
)
def test_one_time_codes_of_version_1(secret, seconds, validity, length, code):
    """Others have counted the same."""
    assert totp(secret, seconds, validity, length) == code


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("https://e.org/{evse}", "https://e.org/1?maxcost=5"),
        ("https://e.org/?at={evse}", "https://e.org/?at=1&maxcost=5"),
    ],
)
def test_a_limit_joins_the_query(template, shown):
    """The template may have one already."""

    async def scene(it):
        await it.do("limit_transaction", cost=5, evse_id=1)
        assert codes(it)[-1] == shown

    play(scene, URLTemplate=template)


def test_another_code_when_its_time_is_over():
    """Where nothing runs; a code is for one EVSE."""

    async def scene(it):
        first = codes(it)[-1]
        await it.charge()
        it.forget()
        await it.wait(61)
        assert codes(it) == []
        await it.do("stop_session")
        (second,) = codes(it)
        assert first.startswith("https://e.org/1/")
        assert second != first

    play(scene)


@pytest.mark.parametrize("lacking", ["Enabled", "URLTemplate", "SharedSecret"])
def test_no_code_without_all_that_it_is_made_of(lacking):
    """Not even an empty one."""

    async def scene(it):
        await it.wait(120)
        assert codes(it) == []

    play(scene, **{lacking: "false" if lacking == "Enabled" else ""})


def test_who_pays_elsewhere_is_waited_for():
    """A card at the station takes another EVSE, until the time is over."""

    async def scene(it):
        await it.call("NotifyWebPaymentStarted", evseId=1, timeout=30)
        await it.charge(evse_id=1)
        assert it.sent("Authorize") == []
        await it.charge("B", evse_id=2)
        assert len(it.sent("Authorize")) == 1
        await it.wait(31)
        await it.do("authorize_id_tag", id_tag="A", evse_id=1)
        assert len(it.sent("Authorize")) == 2

    play(scene, evses=2)


def test_the_secret_is_told_to_nobody():
    """Nobody can read it, and it does not stand in what is written down."""

    async def scene(it):
        asked = {"component": {"name": "WebPaymentsCtrlr"}, "variable": {"name": "SharedSecret"}}
        answer = await it.call("GetVariables", getVariableData=[asked])
        assert answer["getVariableResult"][0]["attributeStatus"] == "Rejected"
        written = {"setVariableData": [{**asked, "attributeValue": "A-Secret-Of-Both"}]}
        assert "A-Secret-Of-Both" not in str(Redactor().redact(written))

    play(scene)


def test_what_a_code_cannot_say():
    """A state of charge."""

    async def scene(it):
        refused = await it.do("limit_transaction", soc_percent=80, evse_id=1)
        assert refused.reason == "a code says no maxSoC"

    play(scene)


def test_another_code_when_the_clock_is_set():
    """The one that is shown is of a time that it is not."""

    async def scene(it):
        first = codes(it)[-1]
        it.forget()
        await it.do("set_clock", behind="2h")
        (second,) = codes(it)
        assert second != first

    play(scene)
