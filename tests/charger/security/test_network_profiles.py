"""Network profiles of 2.x: B09, B10, and the security profile that comes with one."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.charger.core.dialling import Dial
from ocpplab_runner.charger.core.services.security import SECURITY
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, rig

LOGIN = {"basic_auth": {"password": "0123456789abcdef"}}
ANYWHERE = "ws://csms.example.org/a"


def data(**more: Any) -> dict[str, Any]:
    """A NetworkConnectionProfileType."""
    return {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": ANYWHERE,
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
        **more,
    }


async def fill(it: Rig, slot: int = 2, **more: Any) -> tuple[str, str | None]:
    """Status and reason code of a SetNetworkProfile."""
    answer = await it.call("SetNetworkProfile", configurationSlot=slot, connectionData=data(**more))
    return answer["status"], answer.get("statusInfo", {}).get("reasonCode")


async def order(it: Rig, slots: str) -> str:
    """Status of setting NetworkConfigurationPriority."""
    place = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "NetworkConfigurationPriority"}}
    answer = await it.call("SetVariables", setVariableData=[{"attributeValue": slots, **place}])
    return str(answer["setVariableResult"][0]["attributeStatus"])


async def read(it: Rig, component: str, variable: str) -> str:
    """A variable's value."""
    place = {"component": {"name": component}, "variable": {"name": variable}}
    return str((await it.call("GetVariables", getVariableData=[place]))["getVariableResult"][0]["attributeValue"])


def dial(it: Rig) -> Dial:
    """What it dials with."""
    return it.charger.context.ask(SECURITY).dial()


def station(profile: int = 1, version: OcppVersion = OcppVersion.V201) -> Any:
    """A station of a security profile; it waits a second between attempts."""
    return rig({"security_profile": profile, "reconnect": "1s", **LOGIN}, version=version)


@pytest.mark.parametrize(
    ("slot", "more", "reason"),
    [
        (2, {}, None),
        (3, {"securityProfile": 2, "ocppCsmsUrl": "wss://csms.example.org"}, None),
        (3, {"securityProfile": 3, "ocppCsmsUrl": "wss://csms.example.org"}, None),
        (0, {}, "InvalidConfSlot"),
        (4, {}, "InvalidConfSlot"),
        (1, {}, "PriorityNetworkConf"),
        (2, {"securityProfile": 0}, "NoSecurityProfile"),
        (2, {"securityProfile": 4, "ocppCsmsUrl": "wss://x"}, "InvalidNetworkConf"),
        (2, {"securityProfile": 2}, "InvalidNetworkConf"),
        (2, {"ocppCsmsUrl": "wss://x"}, "InvalidNetworkConf"),
        (2, {"ocppCsmsUrl": "http://x"}, "InvalidNetworkConf"),
        (2, {"ocppTransport": "SOAP"}, "InvalidNetworkConf"),
    ],
)
def test_a_slot_is_filled_with_what_can_be(slot: int, more: dict[str, Any], reason: str | None) -> None:
    """B09; nothing else changes."""

    async def main() -> None:
        async with station() as it:
            it.forget()
            assert await fill(it, slot, **more) == ("Accepted" if reason is None else "Rejected", reason)
            assert (dial(it).url, dial(it).profile) == (None, 1)
            assert it.told("connection") == []

    clock.run(main())


def test_an_order_has_slots_that_are_filled_and_can_be_used() -> None:
    """A05.FR.02: what a security profile needs must be there before."""

    async def main() -> None:
        async with station(0) as it:
            for slots in ("2", "2,1", "1,2", "4", "x"):
                assert await order(it, slots) == "Rejected", slots
            secure = {"securityProfile": 2, "ocppCsmsUrl": "wss://csms.example.org"}
            assert await fill(it, 2, **secure) == ("Accepted", None)
            assert await order(it, "2,1") == "Rejected"
            root = Mint("Owner").authority(clock.utcnow()).pem
            await it.call("InstallCertificate", certificateType="CSMSRootCertificate", certificate=root)
            assert await order(it, "2,1") == "RebootRequired"
            assert await fill(it, 2, **secure) == ("Rejected", "PriorityNetworkConf")
            assert await read(it, "OCPPCommCtrlr", "ActiveNetworkProfile") == "1"

    clock.run(main())


@pytest.mark.parametrize("version", [OcppVersion.V201, OcppVersion.V21])
def test_the_first_of_the_order_is_used_from_the_next_boot_on(version: OcppVersion) -> None:
    """B10; and what is less secure is given up once it has worked."""

    async def main() -> None:
        async with station(0, version) as it:
            await fill(it)
            assert await order(it, "2,1") == "RebootRequired"
            assert dial(it).url is None
            await it.call("Reset", type="OnIdle")
            await it.wait(5)
            assert (dial(it).url, dial(it).profile, dial(it).password) == (ANYWHERE, 1, "0123456789abcdef")
            assert await read(it, "OCPPCommCtrlr", "ActiveNetworkProfile") == "2"
            assert await read(it, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2"
            assert await read(it, "SecurityCtrlr", "SecurityProfile") == "1"
            code = "NoSecurityProfile" if version is OcppVersion.V201 else "NoSecurityDowngrade"
            assert await fill(it, 3, securityProfile=0) == ("Rejected", code)
            await it.do("power", off_for="5s")
            await it.wait(10)
            assert dial(it).url == ANYWHERE

    clock.run(main())


def test_what_is_as_secure_stays_in_the_order() -> None:
    """Only less secure ones go."""

    async def main() -> None:
        async with station(1) as it:
            await fill(it, 2)
            await fill(it, 3, ocppCsmsUrl="ws://csms.example.org/b")
            assert await order(it, "2,3") == "RebootRequired"
            await it.call("Reset", type="OnIdle")
            await it.wait(5)
            assert await read(it, "OCPPCommCtrlr", "NetworkConfigurationPriority") == "2,3"

    clock.run(main())


def test_after_some_attempts_the_next_is_tried() -> None:
    """B10.FR.03: NetworkProfileConnectionAttempts, in a circle."""

    async def main() -> None:
        async with station(1) as it:
            await fill(it, 2)
            place = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "NetworkProfileConnectionAttempts"}}
            await it.call("SetVariables", setVariableData=[{"attributeValue": "2", **place}])
            assert await order(it, "2,1") == "RebootRequired"
            tried: list[str | None] = []
            connect = it.connect

            async def refuse() -> Any:
                tried.append(dial(it).url)
                if len(tried) > 5:
                    return await connect()
                raise OSError("nobody there")

            it.charger.context.connection._connect = refuse
            await it.call("Reset", type="OnIdle")
            await it.wait(120)
            assert tried == [ANYWHERE, ANYWHERE, None, None, ANYWHERE, ANYWHERE]
            assert await read(it, "OCPPCommCtrlr", "ActiveNetworkProfile") == "2"

    clock.run(main())


def test_slots_are_remembered() -> None:
    """As JSON data."""

    async def main() -> None:
        async with station(1) as it:
            await fill(it)
            block = next(one for one in it.charger.blocks if "network_profiles" in one.remember())
            memory = {**block.remember()}
            assert memory["network_profiles"] == {"2": data()}
            assert memory["security"]["profile"] == 1
            await fill(it, ocppCsmsUrl="ws://other.example.org")
            block.recall(memory)
            assert block.remember()["network_profiles"] == {"2": data()}

    clock.run(main())
