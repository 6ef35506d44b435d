"""Configuration keys of OCPP 1.6: types, read-only keys, answers and effects. Sections 5.3, 5.8 and 9."""

import pytest

from ocpplab_runner import clock
from tests.charger.rig import rig

#: How the keys begin that belong to a profile other than Core.
SECURITY = ("AdditionalRoot", "AuthorizationKey", "Certificate", "CpoName", "SecurityProfile")


SMART_CHARGING = (
    "ChargeProfileMaxStackLevel",
    "ChargingSchedule",
    "ConnectorSwitch3to1PhaseSupported",
    "MaxChargingProfilesInstalled",
)


OTHER_PROFILES = (
    "SupportedFileTransfer",
    "LocalAuthList",
    "SendLocalList",
    "ReserveConnectorZero",
    *SMART_CHARGING,
    *SECURITY,
    "CentralContractValidation",
    "CertSigning",
    "ContractValidation",
    "ISO15118",
)


#: What is none, whatever it looks like.
NO_NUMBERS = (" 60 ", "60 ", "\t60", "60\n", "+5", "-5", "1_000", "1e3", "1.0", "0x10", "٣", "６０", "²", "", " ")


#: Every standard key of the profiles that the station has (OCPP 1.6 sections 9.1 to 9.3), with whether it is read-only.
STANDARD = {
    "AllowOfflineTxForUnknownId": False,
    "AuthorizationCacheEnabled": False,
    "AuthorizeRemoteTxRequests": False,
    "ClockAlignedDataInterval": False,
    "ConnectionTimeOut": False,
    "ConnectorPhaseRotation": False,
    "ConnectorPhaseRotationMaxLength": True,
    "GetConfigurationMaxKeys": True,
    "HeartbeatInterval": False,
    "LocalAuthListEnabled": False,
    "LocalAuthListMaxLength": True,
    "LocalAuthorizeOffline": False,
    "LocalPreAuthorize": False,
    "ChargeProfileMaxStackLevel": True,
    "ChargingScheduleAllowedChargingRateUnit": True,
    "ChargingScheduleMaxPeriods": True,
    "ConnectorSwitch3to1PhaseSupported": True,
    "MaxChargingProfilesInstalled": True,
    "MaxEnergyOnInvalidId": False,
    "MeterValueSampleInterval": False,
    "MeterValuesAlignedData": False,
    "MeterValuesAlignedDataMaxLength": True,
    "MeterValuesSampledData": False,
    "MeterValuesSampledDataMaxLength": True,
    "MinimumStatusDuration": False,
    "NumberOfConnectors": True,
    "ReserveConnectorZeroSupported": True,
    "ResetRetries": False,
    "SendLocalListMaxLength": True,
    "StopTransactionOnEVSideDisconnect": False,
    "StopTransactionOnInvalidId": False,
    "StopTxnAlignedData": False,
    "StopTxnAlignedDataMaxLength": True,
    "StopTxnSampledData": False,
    "StopTxnSampledDataMaxLength": True,
    "SupportedFeatureProfiles": True,
    "SupportedFeatureProfilesMaxLength": True,
    "SupportedFileTransferProtocols": True,
    "TransactionMessageAttempts": False,
    "TransactionMessageRetryInterval": False,
    "UnlockConnectorOnEVSideDisconnect": False,
    "WebSocketPingInterval": False,
    # Of the application note on signed meter values.
    "AlignedDataSignReadings": False,
    "MeterPublicKey1": True,
    "SampledDataSignReadings": False,
    # Of the application note on pricing requirements.
    "CustomDisplayCostAndPrice": True,
    "CustomIdleFeeAfterStop": True,
    "DefaultPrice": False,
    "NumberOfDecimalsForCostValues": True,
    # Of the application note on Plug & Charge.
    "CentralContractValidationAllowed": False,
    "CertSigningRepeatTimes": False,
    "CertSigningWaitMinimum": False,
    "ContractValidationOffline": False,
    "ISO15118PnCEnabled": False,
    # Of the security whitepaper.
    "AdditionalRootCertificateCheck": True,
    "AuthorizationKey": False,
    "CertificateSignedMaxChainSize": True,
    "CertificateStoreMaxLength": True,
    "CpoName": False,
    "SecurityProfile": False,
}


def test_every_standard_key_is_there():
    """GetConfiguration without keys names every standard key, with the right access, and nothing else."""

    async def main():
        async with rig() as it:
            answer = await it.call("GetConfiguration")
            assert {entry["key"]: entry["readonly"] for entry in answer["configurationKey"]} == STANDARD
            assert "unknownKey" not in answer

    clock.run(main())


def test_read_only_keys_are_rejected_and_keep_their_value():
    """No read-only key can be changed by the CSMS."""

    async def main():
        async with rig({"evses": 2}) as it:
            before = await it.call("GetConfiguration")
            for name in (name for name, readonly in STANDARD.items() if readonly):
                assert await it.call("ChangeConfiguration", key=name, value="1") == {"status": "Rejected"}
            assert await it.call("GetConfiguration") == before

    clock.run(main())


def test_every_writable_key_refuses_nonsense():
    """A value of the wrong type is Rejected by every writable key."""

    async def main():
        async with rig() as it:
            for name in (name for name, readonly in STANDARD.items() if not readonly and name != "CpoName"):
                assert await it.call("ChangeConfiguration", key=name, value="N0nsense!") == {"status": "Rejected"}, name

    clock.run(main())


@pytest.mark.parametrize(
    ("key", "value", "status", "read"),
    [
        ("heartbeatinterval", "77", "Accepted", "77"),
        ("HeartbeatInterval", "-1", "Rejected", "300"),
        ("HeartbeatInterval", "1.5", "Rejected", "300"),
        ("HeartbeatInterval", "99999999999", "Rejected", "300"),
        ("HeartbeatInterval", "2147483647", "Accepted", "2147483647"),
        ("HeartbeatInterval", "2147483648", "Rejected", "300"),
        ("HeartbeatInterval", "0060", "Accepted", "60"),
        ("HeartbeatInterval", "0" * 450 + "5", "Accepted", "5"),
        ("ResetRetries", "007", "Accepted", "7"),
        ("LightIntensity", "50", "NotSupported", None),
        ("LocalPreAuthorize", " true", "Rejected", "true"),
        ("LocalPreAuthorize", "yes", "Rejected", "true"),
        ("MeterValuesSampledData", "Voltage,,Current.Import", "Rejected", None),
        ("MeterValuesSampledData", "Voltage,", "Rejected", None),
        ("MeterValuesSampledData", "Voltage;Current.Import", "Rejected", None),
        ("StopTxnSampledData", ",", "Rejected", ""),
        ("ConnectorPhaseRotation", "0.RST, 1.RTS", "Accepted", "0.RST,1.RTS"),
        ("ConnectorPhaseRotation", "٠.RST", "Rejected", "0.RST,1.RST"),
        ("LocalPreAuthorize", "FALSE", "Accepted", "false"),
        ("LocalPreAuthorize", "0", "Rejected", "true"),
        ("MeterValuesSampledData", "Voltage, Current.Import", "Accepted", "Voltage,Current.Import"),
        ("MeterValuesSampledData", "Voltage.L3", "Accepted", "Voltage.L3"),
        ("MeterValuesSampledData", "Voltage.L4", "Rejected", None),
        ("MeterValuesSampledData", ",".join(["Voltage"] * 11), "Rejected", None),
        ("StopTxnSampledData", "Power.Active.Import", "Accepted", "Power.Active.Import"),
        ("StopTxnSampledData", "", "Accepted", ""),
        ("ConnectorPhaseRotation", "0.RST,1.RTS", "Accepted", "0.RST,1.RTS"),
        ("ConnectorPhaseRotation", "1.XYZ", "Rejected", "0.RST,1.RST"),
        ("NoSuchKey", "1", "NotSupported", None),
    ],
)
def test_change_and_read_back(key, value, status, read):
    """An accepted value is read back, a refused one leaves the old."""

    async def main():
        async with rig() as it:
            assert await it.call("ChangeConfiguration", key=key, value=value) == {"status": status}
            if read is not None:
                answer = await it.call("GetConfiguration", key=[key])
                assert answer["configurationKey"][0]["value"] == read

    clock.run(main())


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_only_a_number_is_a_number(value):
    """Blanks, signs, other digits: what a programming language may take for a number is Rejected by every key."""

    async def main():
        async with rig() as it:
            integers = [one.key for one in it.charger.context.variables if one.type == "integer"]
            for name in (name for name in STANDARD if not STANDARD[name] and name in integers):
                assert await it.call("ChangeConfiguration", key=name, value=value) == {"status": "Rejected"}, name

    clock.run(main())


def test_unknown_keys_and_the_limit():
    """Unknown keys are named; more keys than GetConfigurationMaxKeys are not answered."""

    async def main():
        async with rig({"configuration": {"GetConfigurationMaxKeys": "2"}}) as it:
            answer = await it.call("GetConfiguration", key=["Nope", "HeartbeatInterval", "ResetRetries"])
            assert [entry["key"] for entry in answer["configurationKey"]] == ["HeartbeatInterval"]
            assert answer["unknownKey"] == ["Nope"]

    clock.run(main())


def test_profiles_decide_which_keys_there_are():
    """A station without the list and reservation profiles has none of their keys."""

    async def main():
        async with rig({"features": ["Core"]}) as it:
            answer = await it.call("GetConfiguration", key=["LocalAuthListEnabled", "SupportedFeatureProfiles"])
            assert answer["unknownKey"] == ["LocalAuthListEnabled"]
            assert answer["configurationKey"][0]["value"] == "Core"
            every = {entry["key"] for entry in (await it.call("GetConfiguration"))["configurationKey"]}
            assert every == {name for name in STANDARD if not name.startswith(OTHER_PROFILES)}

    clock.run(main())


def test_values_survive_a_power_cycle():
    """Configuration is not volatile."""

    async def main():
        async with rig() as it:
            await it.call("ChangeConfiguration", key="ConnectionTimeOut", value="99")
            await it.call("ChangeConfiguration", key="ResetRetries", value="9")
            await it.do("power", off_for="5s")
            await it.wait(10)
            answer = await it.call("GetConfiguration", key=["ConnectionTimeOut", "ResetRetries"])
            assert [entry["value"] for entry in answer["configurationKey"]] == ["99", "9"]

    clock.run(main())


def test_heartbeat_interval_takes_effect_at_once():
    """A new interval counts from now."""

    async def main():
        async with rig() as it:
            await it.wait(5)
            await it.call("ChangeConfiguration", key="HeartbeatInterval", value="20")
            it.forget()
            await it.wait(61)
            assert it.actions() == ["Heartbeat"] * 3
            await it.call("ChangeConfiguration", key="HeartbeatInterval", value="0")
            await it.wait(1000)
            assert it.actions() == ["Heartbeat"] * 3

    clock.run(main())


def test_connection_timeout_holds_for_the_next_card():
    """ConnectionTimeOut changed at run time."""

    async def main():
        async with rig() as it:
            await it.call("ChangeConfiguration", key="ConnectionTimeOut", value="5")
            it.forget()
            await it.do("authorize_id_tag", id_tag="A")
            await it.wait(6)
            assert it.statuses() == ["Preparing", "Available"]

    clock.run(main())


def test_settings_and_raw_keys_from_inside():
    """set_configuration reaches neutral settings and raw keys, read-only ones too; nonsense is refused."""

    async def main():
        async with rig() as it:
            done = await it.do(
                "set_configuration",
                settings={"connection_timeout": "42s", "local_pre_authorize": False},
                configuration={"GetConfigurationMaxKeys": "3", "heartbeatinterval": "11"},
            )
            assert done.status == "done"
            answer = await it.call(
                "GetConfiguration", key=["ConnectionTimeOut", "LocalPreAuthorize", "HeartbeatInterval"]
            )
            assert [entry["value"] for entry in answer["configurationKey"]] == ["42", "false", "11"]
            for bad in (
                {"configuration": {"NoSuchKey": "1"}},
                {"configuration": {"NumberOfConnectors": "9"}},
                {"configuration": {"HeartbeatInterval": "soon"}},
                {"settings": {"cache_lifetime": "1h"}},
            ):
                assert (await it.do("set_configuration", **bad)).status == "refused"

    clock.run(main())


@pytest.mark.parametrize(
    "key",
    [
        "NumberOfConnectors",
        "SupportedFeatureProfiles",
        "SupportedFeatureProfilesMaxLength",
        "ConnectorPhaseRotationMaxLength",
    ],
)
def test_what_follows_from_the_make_cannot_be_set(key):
    """A value that the station would report and not go by is refused, from inside too."""

    async def main():
        async with rig() as it:
            result = await it.do("set_configuration", configuration={key: "1"})
            assert (result.status, result.reason) == (
                "refused",
                f"{key} follows from the charger's make and cannot be set",
            )

    clock.run(main())
