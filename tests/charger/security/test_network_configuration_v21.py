"""Network profiles of 2.1, which are variables, too: B09.FR.10 to FR.35."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocpplab_runner import clock
from tests.charger.rig import V21, Rig, rig
from tests.charger.security.test_network_profiles import ANYWHERE, LOGIN, data, dial, fill, order, read

OWN = {"identity": "CP-OTHER", "basicAuthPassword": "fedcba9876543210"}


def station(profile: int = 1) -> Any:
    """A station of 2.1."""
    return rig({"security_profile": profile, "reconnect": "1s", **LOGIN}, version=V21)


async def write(it: Rig, slot: int, **values: str) -> list[tuple[str, str | None]]:
    """Status and reason code of writing each variable of a slot."""
    items = [
        {
            "component": {"name": "NetworkConfiguration", "instance": str(slot)},
            "variable": {"name": name},
            "attributeValue": value,
        }
        for name, value in values.items()
    ]
    answer = await it.call("SetVariables", setVariableData=items)
    return [
        (one["attributeStatus"], one.get("attributeStatusInfo", {}).get("reasonCode"))
        for one in answer["setVariableResult"]
    ]


async def shown(it: Rig, slot: int, name: str) -> tuple[str, str | None]:
    """Status and value of a variable of a slot."""
    place = {"component": {"name": "NetworkConfiguration", "instance": str(slot)}, "variable": {"name": name}}
    (one,) = (await it.call("GetVariables", getVariableData=[place]))["getVariableResult"]
    return one["attributeStatus"], one.get("attributeValue")


async def set_security(it: Rig, name: str, value: str) -> str:
    """Status of writing a variable of SecurityCtrlr."""
    place = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": name}}
    answer = await it.call("SetVariables", setVariableData=[{**place, "attributeValue": value}])
    return str(answer["setVariableResult"][0]["attributeStatus"])


async def use_second(it: Rig, **more: Any) -> None:
    """Fill slot 2 by message, and boot with it."""
    assert await fill(it, 2, **more) == ("Accepted", None)
    assert await order(it, "2,1") == "RebootRequired"
    await it.call("Reset", type="OnIdle")
    await it.wait(5)


def test_a_message_fills_the_variables_and_the_variables_a_slot() -> None:
    """What the one says the other shows; a password is not shown."""

    async def main() -> None:
        async with station() as it:
            assert await shown(it, 2, "OcppCsmsUrl") == ("Accepted", "")
            assert await fill(it, 2, messageTimeout=12, **OWN) == ("Accepted", None)
            for name, value in {
                "OcppCsmsUrl": ANYWHERE,
                "OcppInterface": "Wired0",
                "OcppTransport": "JSON",
                "MessageTimeout": "12",
                "SecurityProfile": "1",
                "Identity": "CP-OTHER",
                "VpnEnabled": "false",
            }.items():
                assert await shown(it, 2, name) == ("Accepted", value)
            assert await shown(it, 2, "BasicAuthPassword") == ("Rejected", None)
            assert await order(it, "3,1") == "Rejected"
            assert await write(it, 3, OcppCsmsUrl=ANYWHERE, SecurityProfile="1") == [("Accepted", None)] * 2
            assert await order(it, "3,2,1") == "RebootRequired"

    clock.run(main())


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("OcppCsmsUrl", "http://x", "InvalidValue"),
        ("OcppTransport", "SOAP", "InvalidValue"),
        ("OcppInterface", "Carrier", "InvalidValue"),
        ("MessageTimeout", "0", "ValueTooLow"),
        ("SecurityProfile", "4", "ValueTooHigh"),
        ("SecurityProfile", "0", "NoSecurityDowngrade"),
        ("BasicAuthPassword", "short", "InvalidValue"),
        ("Identity", "x" * 49, "TooLargeElement"),
        ("VpnEnabled", "true", "ReadOnly"),
    ],
)
def test_what_cannot_be_is_not_written(name: str, value: str, code: str) -> None:
    """Nor is a slot that is in use, whatever the value."""

    async def main() -> None:
        async with station() as it:
            assert await write(it, 2, **{name: value}) == [("Rejected", code)]
            assert await write(it, 1, MessageTimeout="20") == [("Rejected", "ActiveNetworkConf")]

    clock.run(main())


@pytest.mark.parametrize(
    "more",
    [
        {"messageTimeout": 0},
        {"basicAuthPassword": "short"},
        {"vpn": {"server": "x", "user": "u", "password": "p", "key": "k", "type": "IPSec"}},
    ],
)
def test_a_message_with_what_the_station_cannot_do_is_refused(more: dict[str, Any]) -> None:
    """It has neither a modem nor a VPN."""

    async def main() -> None:
        async with station() as it:
            assert await fill(it, 2, **more) == ("Rejected", "InvalidNetworkConf")

    clock.run(main())


def test_a_slot_that_contradicts_itself_is_not_used() -> None:
    """Each value fits, and all together do not (B09.FR.34)."""

    async def main() -> None:
        async with station() as it:
            await write(it, 2, OcppCsmsUrl="wss://csms.example.org", SecurityProfile="1")
            assert await order(it, "2,1") == "Rejected"
            await write(it, 2, OcppCsmsUrl=ANYWHERE)
            assert await order(it, "2,1") == "RebootRequired"

    clock.run(main())


def test_it_dials_as_the_slot_says() -> None:
    """Identity, password and the time that it waits; SecurityCtrlr says them then (B09.FR.28)."""

    async def main() -> None:
        async with station() as it:
            assert dial(it).identity is None
            await use_second(it, messageTimeout=12, **OWN)
            used = dial(it)
            assert (used.url, used.identity, used.password) == (ANYWHERE, "CP-OTHER", OWN["basicAuthPassword"])
            assert it.charger.context.connection.call_timeout == 12
            assert await read(it, "SecurityCtrlr", "Identity") == "CP-OTHER"
            assert it.charger.context.variables.text("basic_auth_password") == OWN["basicAuthPassword"]

    clock.run(main())


def test_what_the_csms_sets_in_security_ctrlr_takes_its_place() -> None:
    """The slot says nothing any more (B09.FR.26, FR.27); as whom it dials changes with the next boot."""

    async def main() -> None:
        async with station() as it:
            await use_second(it, **OWN)
            assert await set_security(it, "Identity", "CP-THIRD") == "RebootRequired"
            assert await set_security(it, "BasicAuthPassword", "another-password-of-it") == "Accepted"
            assert await shown(it, 2, "Identity") == ("Accepted", "")
            assert (dial(it).identity, dial(it).password) == ("CP-OTHER", "another-password-of-it")
            await it.call("Reset", type="OnIdle")
            await it.wait(5)
            assert (dial(it).identity, dial(it).password) == ("CP-THIRD", "another-password-of-it")

    clock.run(main())


def test_slots_and_the_identity_are_remembered() -> None:
    """As JSON data."""

    async def main() -> None:
        async with station() as it:
            await use_second(it, **OWN)
            block = next(one for one in it.charger.blocks if "network_profiles" in one.remember())
            memory = json.loads(json.dumps({**block.remember()}))
            said = {**data(**OWN)}
            del said["ocppVersion"]
            assert memory["network_profiles"] == {"2": said}
            assert memory["dials_as"] == "CP-OTHER"
            block.recall({**memory, "network_profiles": {}, "dials_as": "CP-1"})
            assert block.remember()["network_profiles"] == {}
            block.recall(memory)
            assert block.remember()["network_profiles"] == {"2": said}
            assert dial(it).identity == "CP-OTHER"

    clock.run(main())


def test_numbers_of_a_slot_that_are_written_with_a_fraction() -> None:
    """To JSON Schema draft 6 the number 2.0 is an integer, so slot 2.0 is slot 2."""

    async def main() -> None:
        async with station() as it:
            connection = data(messageTimeout=12.0, securityProfile=1.0)
            answer = await it.call("SetNetworkProfile", configurationSlot=2.0, connectionData=connection)
            assert answer == {"status": "Accepted"}
            assert await shown(it, 2, "MessageTimeout") == ("Accepted", "12")
            assert await order(it, "2,1") == "RebootRequired"

    clock.run(main())
