"""What each configuration key of OCPP 1.6 does: section 9, and the security whitepaper's. No key is only kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.certificates.mint import Mint
from ocpplab_runner.certificates.reading import organization, request_in
from ocpplab_runner.charger.core.services.security import SECURITY
from ocpplab_runner.ocppj.plug_and_charge import request, response
from ocpplab_runner.vocabulary.vendors import COST_MESSAGES
from tests.charger.provisioning.test_configuration_v16 import STANDARD
from tests.charger.rig import Rig, error, rig
from tests.charger.smart_charging.profiles import profile

DECIMALS = {"configuration": {"NumberOfDecimalsForCostValues": "5"}}
PASSWORD, NEW = "0123456789abcdef", "fedcba9876543210"
EVERY_MINUTE = {"settings": {"aligned_interval": "60s"}}
LISTED = {"local_list": {"version": 3, "entries": {"A": "Accepted"}}}
INVALID = {"cards": {"A": "Invalid"}}
ROOT, OTHER = (Mint("Owner", random=Random(seed)).authority(clock.VIRTUAL_EPOCH) for seed in (1, 2))


@dataclass(frozen=True)
class Key:
    """What a key does.

    Attributes:
        scene: gets the station with one value, and returns what was seen.
        seen: value → what is seen with it; no two the same, or the key would do nothing.
        given: what else the station is, with that value.
        world: arguments of ``rig``.
    """

    scene: Callable[[Rig], Awaitable[Any]]
    seen: Mapping[str, Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    world: Mapping[str, Any] = field(default_factory=dict)


async def charge(it: Rig, seconds: float = 1) -> None:
    """Card A charges for so long."""
    await it.do("start_session", id_tag="A")
    await it.wait(seconds)


async def running_offline(it: Rig) -> int:
    """How many sessions run after a card is presented offline."""
    await it.do("network", state="down")
    await charge(it)
    return len(it.charger.running)


async def cached_offline(it: Rig) -> int:
    """The same, with a card that charged before."""
    await charge(it)
    await it.do("stop_session")
    return await running_offline(it)


async def remote_start(it: Rig) -> list[str]:
    """What a remote start makes the station send first."""
    await it.do("plug_connector")
    it.forget()
    await it.call("RemoteStartTransaction", idTag="A", connectorId=1)
    return [action for action in it.actions() if action in ("Authorize", "StartTransaction")]


async def asked_online(it: Rig) -> int:
    """Authorize.req for a card that the local list accepts."""
    await charge(it)
    return len(it.sent("Authorize"))


async def contract_asked_about(it: Rig) -> list[str]:
    """What is sent about a contract of whose CA the station has no root."""
    await it.do("provide_token", id_token="A", authorization_type="PlugAndCharge", certificate="PEM")
    return [one["messageId"] for one in it.sent("DataTransfer")]


async def contract_offline(it: Rig) -> list[str]:
    """Why a contract is refused offline."""
    await it.do("network", state="down")
    await it.do("provide_token", id_token="A", authorization_type="PlugAndCharge", certificate="PEM")
    return [one["reason"].split()[0] for one in it.told("auth_status")]


def requests_for_evs(seconds: float) -> Callable[[Rig], Awaitable[int]]:
    """How often a certificate that does not come is asked for within so long."""

    async def scene(it: Rig) -> int:
        it.answers["DataTransfer"] = response({"status": "Accepted"})
        await it.call("DataTransfer", request("TriggerMessage", {}))
        await it.wait(seconds)
        return len(it.sent("DataTransfer"))

    return scene


async def waited_for(it: Rig) -> list[str]:
    """The statuses of a connector whose driver does not plug in for 30 s."""
    it.forget()
    await it.do("authorize_id_tag", id_tag="A")
    await it.wait(30)
    return it.statuses()


async def hasty(it: Rig) -> list[str]:
    """The statuses of a connector 5 s after the cable has come."""
    it.forget()
    await it.do("plug_connector")
    await it.wait(5)
    return it.statuses()


async def currents(it: Rig) -> dict[str, str]:
    """On which phases a car of one phase draws its current."""
    await charge(it, 61)
    return {one["phase"]: one["value"] for one in it.sent("MeterValues")[0]["meterValue"][0]["sampledValue"]}


def sent(action: str, seconds: float) -> Callable[[Rig], Awaitable[int]]:
    """How many calls of a kind go out while card A charges for so long."""

    async def scene(it: Rig) -> int:
        it.forget()
        await charge(it, seconds)
        return len(it.sent(action))

    return scene


async def measurands(it: Rig) -> list[str]:
    """What the first meter value of a minute carries."""
    await charge(it, 61)
    return [one["measurand"] for one in it.sent("MeterValues")[0]["meterValue"][0]["sampledValue"]]


async def in_the_stop(it: Rig) -> list[tuple[str, str]]:
    """What the readings of a stop carry: context and measurand of each."""
    await charge(it, 61)
    await it.do("stop_session")
    readings = it.sent("StopTransaction")[0].get("transactionData", ())
    return sorted({(one["context"], one["measurand"]) for part in readings for one in part["sampledValue"]})


async def drawn_in_vain(it: Rig) -> int:
    """The energy of a session whose card the Central System refuses."""
    await charge(it, 3600)
    await it.do("stop_session")
    (stop,) = it.sent("StopTransaction")
    return int(stop["meterStop"])


async def refused_card(it: Rig) -> list[str | None]:
    """The reasons of the stops when the Central System refuses a card that charges."""
    await charge(it)
    return [stop.get("reason") for stop in it.sent("StopTransaction")]


async def unplugged(it: Rig) -> tuple[int, str]:
    """How many sessions end when the car's side is unplugged, and what the connector is then."""
    await charge(it)
    await it.do("unplug_connector")
    return len(it.sent("StopTransaction")), it.statuses()[-1]


async def boots_after_reset(it: Rig) -> int:
    """How often the station boots after a reset."""
    it.forget()
    await it.call("Reset", type="Hard")
    await it.wait(60)
    return len(it.sent("BootNotification"))


async def pings(it: Rig) -> int:
    """How many WebSocket pings go out in a minute."""
    ws, count = it.charger.context.connection._ws, 0
    assert ws is not None
    ping = ws.ping

    async def counted() -> Any:
        nonlocal count
        count += 1
        return await ping()

    ws.ping = counted  # type: ignore[assignment]
    await it.wait(61)
    return count


async def dialled(it: Rig) -> tuple[int, str | None]:
    """With what the station dials."""
    await it.wait(1)
    dial = it.charger.context.ask(SECURITY).dial()
    return dial.profile, dial.password


async def owner(it: Rig) -> str:
    """Whom a certificate is asked for."""
    await it.call("ExtendedTriggerMessage", requestedMessage="SignChargePointCertificate")
    return str(organization(request_in(it.sent("SignCertificate")[0]["csr"]).subject))


async def signatures(it: Rig) -> list[bool]:
    """Whether the readings of a minute are signed."""
    await charge(it, 61)
    values = [one["meterValue"][0]["sampledValue"] for one in it.sent("MeterValues")]
    return [any(value.get("format") == "SignedData" for value in some) for some in values]


async def public_key(it: Rig) -> bool:
    """Whether the key that is told is that of the signed values."""
    told = (await it.call("GetConfiguration", key=["MeterPublicKey1"]))["configurationKey"][0]["value"]
    await it.call("ChangeConfiguration", key="SampledDataSignReadings", value="true")
    await charge(it, 61)
    return f'"publicKey":"{told}"' in it.sent("MeterValues")[0]["meterValue"][0]["sampledValue"][-1]["value"]


async def prices_shown(it: Rig) -> list[str]:
    """The prices that a driver is shown."""
    await charge(it)
    return [one["text"] for one in it.told("price_display")]


async def costs_shown(it: Rig) -> list[float]:
    """The costs that a driver is shown."""
    await charge(it)
    data = '{"transactionId": 1, "cost": 1.23456789}'
    await it.call("DataTransfer", vendorId=COST_MESSAGES, messageId="RunningCost", data=data)
    return [one["amount"] for one in it.told("price_display")]


async def unplugs_told(it: Rig) -> list[str]:
    """What is told when a cable is taken out after the end."""
    await charge(it)
    await it.do("stop_transaction")
    await it.do("unplug_connector")
    return [one["messageId"] for one in it.sent("DataTransfer")]


async def list_version(it: Rig) -> int:
    """GetLocalListVersion."""
    return int((await it.call("GetLocalListVersion"))["listVersion"])


ENERGY, VOLTAGE = "Energy.Active.Import.Register", "Voltage"
WRITABLE: dict[str, Key] = {
    "AllowOfflineTxForUnknownId": Key(running_offline, {"true": 1, "false": 0}),
    "AuthorizationCacheEnabled": Key(cached_offline, {"true": 1, "false": 0}),
    "AlignedDataSignReadings": Key(
        signatures,
        {"true": [True], "false": [False]},
        {"settings": {"aligned_interval": "60s", "meter_value_interval": "0s"}},
    ),
    "SampledDataSignReadings": Key(signatures, {"true": [True], "false": [False]}),
    "AuthorizationKey": Key(dialled, {PASSWORD: (1, PASSWORD), NEW: (1, NEW)}, {"basic_auth": {"password": "x" * 16}}),
    "AuthorizeRemoteTxRequests": Key(
        remote_start, {"true": ["Authorize", "StartTransaction"], "false": ["StartTransaction"]}
    ),
    "CentralContractValidationAllowed": Key(contract_asked_about, {"true": ["Authorize"], "false": []}),
    "CertSigningRepeatTimes": Key(requests_for_evs(600), {"0": 1, "2": 3}),
    "CertSigningWaitMinimum": Key(requests_for_evs(29), {"10": 2, "30": 1}),
    "ContractValidationOffline": Key(contract_offline, {"true": ["no"], "false": ["the"]}),
    "ISO15118PnCEnabled": Key(contract_asked_about, {"true": ["Authorize"], "false": []}),
    "ClockAlignedDataInterval": Key(
        sent("MeterValues", 301), {"60": 5, "0": 0}, {"settings": {"meter_value_interval": "0s"}}
    ),
    "ConnectionTimeOut": Key(waited_for, {"20": ["Preparing", "Available"], "40": ["Preparing"]}),
    "ConnectorPhaseRotation": Key(
        currents,
        {
            "1.RST": {"L1": "10", "L2": "0", "L3": "0"},
            "1.STR": {"L1": "0", "L2": "10", "L3": "0"},
            "0.STR,1.STR": {"L1": "0", "L2": "0", "L3": "10"},
        },
        {"ev": {"phases": 1, "power_w": 2300}, "configuration": {"MeterValuesSampledData": "Current.Import"}},
    ),
    "CpoName": Key(
        owner,
        {"One Ltd": "One Ltd", "Two Ltd": "Two Ltd"},
        world={"answers": {"SignCertificate": {"status": "Accepted"}}},
    ),
    "DefaultPrice": Key(
        prices_shown, {'{"priceText": "0.30"}': ["0.30"], '{"priceText": "0.40"}': ["0.40"], '{"priceText": ""}': []}
    ),
    "HeartbeatInterval": Key(sent("Heartbeat", 61), {"20": 3, "0": 0}),
    "LocalAuthListEnabled": Key(list_version, {"true": 3, "false": -1}, LISTED),
    "LocalAuthorizeOffline": Key(running_offline, {"true": 1, "false": 0}, LISTED),
    "LocalPreAuthorize": Key(asked_online, {"true": 0, "false": 1}, LISTED),
    "MaxEnergyOnInvalidId": Key(
        drawn_in_vain,
        {"0": 0, "500": 500},
        {**LISTED, "settings": {"stop_transaction_on_invalid_id": False}},
        INVALID,
    ),
    "MeterValueSampleInterval": Key(sent("MeterValues", 61), {"20": 3, "0": 0}),
    "MeterValuesAlignedData": Key(
        measurands,
        {"Power.Factor": ["Power.Factor"], ENERGY: [ENERGY]},
        {"settings": {"aligned_interval": "60s", "meter_value_interval": "0s"}},
    ),
    "MeterValuesSampledData": Key(measurands, {"Power.Factor": ["Power.Factor"], ENERGY: [ENERGY]}),
    "MinimumStatusDuration": Key(hasty, {"0": ["Preparing"], "10": []}),
    "ResetRetries": Key(boots_after_reset, {"0": 0, "1": 0, "2": 1}, {"failed_resets": 2}),
    "SecurityProfile": Key(
        dialled, {"0": (0, None), "1": (1, PASSWORD)}, {"security_profile": 0, "basic_auth": {"password": PASSWORD}}
    ),
    "StopTransactionOnEVSideDisconnect": Key(unplugged, {"true": (1, "Available"), "false": (0, "SuspendedEV")}),
    "StopTransactionOnInvalidId": Key(refused_card, {"true": ["DeAuthorized"], "false": []}, LISTED, INVALID),
    "StopTxnAlignedData": Key(in_the_stop, {"": [], VOLTAGE: [("Sample.Clock", VOLTAGE)]}, EVERY_MINUTE),
    "StopTxnSampledData": Key(
        in_the_stop,
        {
            "": [],
            VOLTAGE: [(context, VOLTAGE) for context in ("Sample.Periodic", "Transaction.Begin", "Transaction.End")],
        },
    ),
    "TransactionMessageAttempts": Key(
        sent("StartTransaction", 600), {"1": 1, "4": 4}, world={"answers": {"StartTransaction": error("InternalError")}}
    ),
    "TransactionMessageRetryInterval": Key(
        sent("StartTransaction", 30), {"5": 3, "60": 1}, world={"answers": {"StartTransaction": error("InternalError")}}
    ),
    "UnlockConnectorOnEVSideDisconnect": Key(unplugged, {"true": (1, "Available"), "false": (1, "Finishing")}),
    "WebSocketPingInterval": Key(pings, {"10": 6, "0": 0}),
}


@pytest.mark.parametrize("name", WRITABLE)
def test_a_key_that_is_changed_does_what_it_says(name: str) -> None:
    """Each value is accepted, and what is seen with it is seen with no other."""
    key = WRITABLE[name]
    assert len({repr(seen) for seen in key.seen.values()}) > 1

    async def main() -> None:
        for value, seen in key.seen.items():
            async with rig(key.given, **key.world) as it:
                answer = await it.call("ChangeConfiguration", key=name, value=value)
                assert (answer, await key.scene(it)) == ({"status": "Accepted"}, seen), value

    clock.run(main())


# -- what only tells something: that is so, and it is so after the station was made otherwise


def longest(key: str) -> Callable[[Rig], Awaitable[list[str]]]:
    """What becomes of one and of two measurands."""

    async def scene(it: Rig) -> list[str]:
        lists = (ENERGY, f"{ENERGY},{VOLTAGE}")
        return [(await it.call("ChangeConfiguration", key=key, value=one))["status"] for one in lists]

    return scene


async def rotations(it: Rig) -> str:
    """The entries of a list that is as long as it can be."""
    answer = await it.call("GetConfiguration", key=["ConnectorPhaseRotation", "ConnectorPhaseRotationMaxLength"])
    rotation, most = (entry["value"] for entry in answer["configurationKey"])
    assert len(rotation.split(",")) == int(most)
    return str(most)


async def keys_told(it: Rig) -> int:
    """How many of three keys are told."""
    asked = ["HeartbeatInterval", "ResetRetries", "NumberOfConnectors"]
    return len((await it.call("GetConfiguration", key=asked))["configurationKey"])


async def entries_taken(it: Rig) -> list[str]:
    """What becomes of lists of one and of two cards."""
    cards = [{"idTag": card, "idTagInfo": {"status": "Accepted"}} for card in "AB"]
    return [
        (
            await it.call(
                "SendLocalList", listVersion=version, updateType="Full", localAuthorizationList=cards[:version]
            )
        )["status"]
        for version in (1, 2)
    ]


async def connectors(it: Rig) -> set[int]:
    """The connectors that tell their status, but for the station as a whole."""
    return {one["connectorId"] for one in it.sent("StatusNotification")} - {0}


async def reserved(it: Rig) -> str:
    """What becomes of a reservation of any connector."""
    call = {"connectorId": 0, "idTag": "A", "reservationId": 1, "expiryDate": "2030-01-01T00:00:00Z"}
    return str((await it.call("ReserveNow", **call))["status"])


async def profiles_told(it: Rig) -> tuple[str, bool]:
    """The profiles, and whether a call of one is done."""
    answer = await it.call("GetConfiguration", key=["SupportedFeatureProfiles", "SupportedFeatureProfilesMaxLength"])
    told, most = (entry["value"] for entry in answer["configurationKey"])
    assert len(told.split(",")) <= int(most)
    return told, isinstance(await it.call("ClearChargingProfile"), dict)


async def set_profiles(it: Rig, *profiles: dict[str, Any]) -> list[str]:
    """What becomes of profiles."""
    calls = [it.call("SetChargingProfile", connectorId=1, csChargingProfiles=one) for one in profiles]
    return [(await call)["status"] for call in calls]


async def phases_switched(it: Rig) -> list[str]:
    """On which phases a car charges that a profile lets have one."""
    await it.call("ChangeConfiguration", key="MeterValuesSampledData", value="Current.Import")
    await set_profiles(it, profile((0, 2300, 1)))
    await charge(it, 61)
    return [one["phase"] for one in it.sent("MeterValues")[0]["meterValue"][0]["sampledValue"] if one["value"] != "0"]


async def second_root(it: Rig) -> list[str]:
    """What becomes of a root, and of another that it has not signed."""
    kind = "CentralSystemRootCertificate"
    calls = [it.call("InstallCertificate", certificateType=kind, certificate=one.pem) for one in (ROOT, OTHER)]
    return [(await call)["status"] for call in calls]


async def chain(it: Rig) -> bool:
    """Whether a certificate chain is refused for its size alone."""
    await it.call("CertificateSigned", certificateChain="x" * 2000)
    return "2000 characters" in it.charger.context.ask(SECURITY).log[-1].info


async def protocols(it: Rig) -> tuple[str, list[str]]:
    """Which of them are told, and which of five are tried when firmware shall come by them."""
    names = ["ftp", "ftps", "http", "https", "sftp"]
    for name in names:
        location = f"{name}://127.0.0.1:9/firmware"
        await it.call("UpdateFirmware", location=location, retries=0, retrieveDate="2026-01-01T00:00:00Z")
        await it.wait(60)
    told = await it.call("GetConfiguration", key=["SupportedFileTransferProtocols"])
    tried = [name for name, note in zip(names, it.notes[-5:], strict=True) if "does not transfer" not in note]
    return told["configurationKey"][0]["value"], tried


READ_ONLY: dict[str, Key] = {
    "AdditionalRootCertificateCheck": Key(
        second_root, {"false": ["Accepted", "Accepted"], "true": ["Accepted", "Rejected"]}
    ),
    "CertificateSignedMaxChainSize": Key(chain, {"1999": True, "2000": False}),
    "CertificateStoreMaxLength": Key(second_root, {"1": ["Accepted", "Rejected"], "2": ["Accepted", "Accepted"]}),
    "ChargeProfileMaxStackLevel": Key(
        lambda it: set_profiles(it, profile(0, level=3)), {"2": ["Rejected"], "3": ["Accepted"]}
    ),
    "ChargingScheduleAllowedChargingRateUnit": Key(
        lambda it: set_profiles(it, profile(6, unit="A"), profile(6, unit="W")),
        {"Current": ["Accepted", "Rejected"], "Power": ["Rejected", "Accepted"]},
    ),
    "ChargingScheduleMaxPeriods": Key(
        lambda it: set_profiles(it, profile((0, 5), (9, 6))), {"1": ["Rejected"], "2": ["Accepted"]}
    ),
    "ConnectorSwitch3to1PhaseSupported": Key(phases_switched, {"true": ["L1"], "false": ["L1", "L2", "L3"]}),
    "CustomDisplayCostAndPrice": Key(costs_shown, {"true": [1.23457], "false": []}, DECIMALS),
    "CustomIdleFeeAfterStop": Key(unplugs_told, {"true": ["ConnectorUnplugged"], "false": []}),
    "NumberOfDecimalsForCostValues": Key(costs_shown, {"1": [1.2], "3": [1.235]}),
    "GetConfigurationMaxKeys": Key(keys_told, {"2": 2, "3": 3}),
    "LocalAuthListMaxLength": Key(entries_taken, {"1": ["Accepted", "Failed"], "2": ["Accepted", "Accepted"]}),
    "MaxChargingProfilesInstalled": Key(
        lambda it: set_profiles(it, profile(6), profile(6, number=2, level=1)),
        {"1": ["Accepted", "Rejected"], "2": ["Accepted", "Accepted"]},
    ),
    "ReserveConnectorZeroSupported": Key(reserved, {"true": "Accepted", "false": "Rejected"}),
    "SendLocalListMaxLength": Key(entries_taken, {"1": ["Accepted", "Failed"], "2": ["Accepted", "Accepted"]}),
    **{
        f"{key}MaxLength": Key(longest(key), {"1": ["Accepted", "Rejected"], "2": ["Accepted", "Accepted"]})
        for key in ("MeterValuesAlignedData", "MeterValuesSampledData", "StopTxnAlignedData", "StopTxnSampledData")
    },
}


@pytest.mark.parametrize("name", READ_ONLY)
def test_a_key_that_only_tells_something_tells_what_is_so(name: str) -> None:
    """It is set from inside, which the Central System cannot."""
    key = READ_ONLY[name]
    assert len({repr(seen) for seen in key.seen.values()}) > 1

    async def main() -> None:
        for value, seen in key.seen.items():
            configuration = {**key.given.get("configuration", {}), name: value}
            async with rig({**key.given, "configuration": configuration}, **key.world) as it:
                other = next(one for one in key.seen if one != value)
                assert await it.call("ChangeConfiguration", key=name, value=other) == {"status": "Rejected"}
                told = await it.call("GetConfiguration", key=[name])
                assert told["configurationKey"] == [{"key": name, "readonly": True, "value": value}]
                assert await key.scene(it) == seen, value

    clock.run(main())


#: What follows from the station's make: the key, what makes it so, and what is seen then.
MADE: dict[str, tuple[Callable[[Rig], Awaitable[Any]], list[tuple[dict[str, Any], Any]]]] = {
    "ConnectorPhaseRotationMaxLength": (rotations, [({"evses": 1}, "2"), ({"evses": 3}, "4")]),
    "MeterPublicKey1": (public_key, [({"serial_number": "A"}, True), ({"serial_number": "B"}, True)]),
    "NumberOfConnectors": (connectors, [({"evses": 1}, {1}), ({"evses": 3}, {1, 2, 3})]),
    "SupportedFeatureProfiles": (
        profiles_told,
        [({"features": ["Core"]}, ("Core", False)), ({"features": ["SmartCharging"]}, ("Core,SmartCharging", True))],
    ),
    "SupportedFeatureProfilesMaxLength": (
        profiles_told,
        [({"features": ["Core"]}, ("Core", False)), ({"features": ["SmartCharging"]}, ("Core,SmartCharging", True))],
    ),
    "SupportedFileTransferProtocols": (protocols, [({}, ("FTP,FTPS,HTTP,HTTPS", ["ftp", "ftps", "http", "https"]))]),
}


@pytest.mark.parametrize("name", MADE)
def test_what_follows_from_the_make_is_told_as_it_is(name: str) -> None:
    """The Central System cannot change it, nor can anybody at the station."""
    scene, made = MADE[name]

    async def main() -> None:
        for given, seen in made:
            async with rig(given) as it:
                assert await it.call("ChangeConfiguration", key=name, value="1") == {"status": "Rejected"}
                assert (await it.do("set_configuration", configuration={name: "1"})).status == "refused"
                assert await scene(it) == seen

    clock.run(main())


def test_every_key_stands_in_one_of_the_tables() -> None:
    """With the access that it has."""
    assert {**dict.fromkeys(WRITABLE, False), **dict.fromkeys((*READ_ONLY, *MADE), True)} == STANDARD
    assert len(WRITABLE) + len(READ_ONLY) + len(MADE) == len(STANDARD)


@pytest.mark.parametrize("name", ["BlinkRepeat", "LightIntensity"])
def test_a_key_of_what_the_station_has_not_is_not_supported(name: str) -> None:
    """There is no lamp; section 9.1 leaves both to the station."""

    async def main() -> None:
        async with rig() as it:
            assert await it.call("ChangeConfiguration", key=name, value="1") == {"status": "NotSupported"}
            assert (await it.call("GetConfiguration", key=[name]))["unknownKey"] == [name]

    clock.run(main())
