"""Version-neutral operations: what each one is on the wire of OCPP 1.6 and 2.0.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.csms import OPERATIONS, CsmsConfig, NothingToOperateOn, OperationNotAvailable
from ocpplab_runner.csms.assembly import Blocks
from ocpplab_runner.csms.core.state import CsmsState, StationState
from ocpplab_runner.ocppj.validation import validate_request
from ocpplab_runner.steps.blocks import ACTING
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion
#: What has been reserved before some operations; the others come first.
RESERVED = {"cancel_reservation": (4, 5)}
ISO = {"type": "ISO14443"}
#: One limit, on all phases.
SCHEDULE = {
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10, "numberPhases": 3}],
}


def build(
    version: OcppVersion,
    operation: str,
    fields: Mapping[str, Any],
    *,
    raw: bool = False,
    busy: bool = True,
    reserved: tuple[int, ...] = (),
) -> tuple[str, Any]:
    """The call of an operation on a station, of which two EVSEs may be busy, and where something is reserved."""

    async def built() -> tuple[str, Any]:
        shared = CsmsState(CsmsConfig.from_given({}), first_csms=True)
        station = StationState("CP-1", shared, lambda *_: None, version)
        blocks = Blocks(station)
        for evse_id, card, transaction_id in ((1, "A", 7), (2, "B", 9)) if busy else ():
            shared.transactions.start("CP-1", evse_id=evse_id, id_token=card, payload={}, transaction_id=transaction_id)
        for reservation_id in reserved:
            blocks.sent("ReserveNow", {"id": reservation_id})
        return blocks.operation(operation, fields, raw=raw)

    return clock.run(built(), virtual=True)


NETWORK = {
    "configurationSlot": 2,
    "connectionData": {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://csms.example.org",
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    },
}
PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
HASH = {"hashAlgorithm": "SHA256", "issuerNameHash": "a", "issuerKeyHash": "b", "serialNumber": "c"}
ROWS: list[tuple[str, dict[str, Any], tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = [
    (
        "remote_start",
        {"id_tag": "CARD-1"},
        ("RemoteStartTransaction", {"idTag": "CARD-1"}),
        ("RequestStartTransaction", {"idToken": {"idToken": "CARD-1", **ISO}, "remoteStartId": 1}),
    ),
    (
        "remote_start",
        {
            "id_tag": "CARD-1",
            "evse_id": 2,
            "id_token_type": "Central",
            "remote_start_id": 40,
            "group_id_token": "FLEET",
        },
        ("RemoteStartTransaction", {"idTag": "CARD-1", "connectorId": 2}),
        (
            "RequestStartTransaction",
            {
                "idToken": {"idToken": "CARD-1", "type": "Central"},
                "remoteStartId": 40,
                "evseId": 2,
                "groupIdToken": {"idToken": "FLEET", "type": "Central"},
            },
        ),
    ),
    (
        "remote_stop",
        {},
        ("RemoteStopTransaction", {"transactionId": 9}),
        ("RequestStopTransaction", {"transactionId": "9"}),
    ),
    (
        "remote_stop",
        {"evse_id": 1},
        ("RemoteStopTransaction", {"transactionId": 7}),
        ("RequestStopTransaction", {"transactionId": "7"}),
    ),
    (
        "remote_stop",
        {"transaction_id": "12"},
        ("RemoteStopTransaction", {"transactionId": 12}),
        ("RequestStopTransaction", {"transactionId": "12"}),
    ),
    ("reset", {"type": "Soft"}, ("Reset", {"type": "Soft"}), ("Reset", {"type": "OnIdle"})),
    ("reset", {"type": "OnIdle"}, ("Reset", {"type": "Soft"}), ("Reset", {"type": "OnIdle"})),
    ("reset", {"type": "Hard"}, ("Reset", {"type": "Hard"}), ("Reset", {"type": "Immediate"})),
    ("reset", {"type": "Immediate"}, ("Reset", {"type": "Hard"}), ("Reset", {"type": "Immediate"})),
    (
        "unlock",
        {},
        ("UnlockConnector", {"connectorId": 1}),
        ("UnlockConnector", {"evseId": 1, "connectorId": 1}),
    ),
    (
        "unlock",
        {"evse_id": 2},
        ("UnlockConnector", {"connectorId": 2}),
        ("UnlockConnector", {"evseId": 2, "connectorId": 1}),
    ),
    (
        "change_availability",
        {"status": "Inoperative"},
        ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}),
        ("ChangeAvailability", {"operationalStatus": "Inoperative"}),
    ),
    (
        "change_availability",
        {"status": "Operative", "evse_id": 2, "connector_id": 1},
        ("ChangeAvailability", {"connectorId": 2, "type": "Operative"}),
        ("ChangeAvailability", {"operationalStatus": "Operative", "evse": {"id": 2, "connectorId": 1}}),
    ),
    (
        "change_configuration",
        {"connection_timeout": "1m30s"},
        ("ChangeConfiguration", {"key": "ConnectionTimeOut", "value": "90"}),
        (
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "attributeValue": "90",
                        "component": {"name": "TxCtrlr"},
                        "variable": {"name": "EVConnectionTimeOut"},
                    }
                ]
            },
        ),
    ),
    (
        "change_configuration",
        {"local_pre_authorize": False},
        ("ChangeConfiguration", {"key": "LocalPreAuthorize", "value": "false"}),
        (
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "attributeValue": "false",
                        "component": {"name": "AuthCtrlr"},
                        "variable": {"name": "LocalPreAuthorize"},
                    }
                ]
            },
        ),
    ),
    (
        "change_configuration",
        {"transaction_message_attempts": 5},
        ("ChangeConfiguration", {"key": "TransactionMessageAttempts", "value": "5"}),
        (
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "attributeValue": "5",
                        "component": {"name": "OCPPCommCtrlr"},
                        "variable": {"name": "MessageAttempts", "instance": "TransactionEvent"},
                    }
                ]
            },
        ),
    ),
    (
        "get_configuration",
        {"settings": "heartbeat_interval"},
        ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
        (
            "GetVariables",
            {
                "getVariableData": [
                    {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}},
                ]
            },
        ),
    ),
    ("clear_cache", {}, ("ClearCache", {}), ("ClearCache", {})),
    (
        "send_local_list",
        {"version": 1},
        ("SendLocalList", {"listVersion": 1, "updateType": "Full"}),
        ("SendLocalList", {"versionNumber": 1, "updateType": "Full"}),
    ),
    (
        "send_local_list",
        {
            "version": 4,
            "update_type": "Differential",
            "entries": {
                "CARD-1": {"status": "Accepted", "parent_id_token": "FLEET", "expires_in": "1h"},
                "CARD-2": {"status": "Blocked", "expired_for": "1m"},
                "CARD-3": None,
            },
        },
        (
            "SendLocalList",
            {
                "listVersion": 4,
                "updateType": "Differential",
                "localAuthorizationList": [
                    {
                        "idTag": "CARD-1",
                        "idTagInfo": {
                            "status": "Accepted",
                            "expiryDate": "2026-01-01T01:00:00.000Z",
                            "parentIdTag": "FLEET",
                        },
                    },
                    {"idTag": "CARD-2", "idTagInfo": {"status": "Blocked", "expiryDate": "2025-12-31T23:59:00.000Z"}},
                    {"idTag": "CARD-3"},
                ],
            },
        ),
        (
            "SendLocalList",
            {
                "versionNumber": 4,
                "updateType": "Differential",
                "localAuthorizationList": [
                    {
                        "idToken": {"idToken": "CARD-1", **ISO},
                        "idTokenInfo": {
                            "status": "Accepted",
                            "cacheExpiryDateTime": "2026-01-01T01:00:00.000Z",
                            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
                        },
                    },
                    {
                        "idToken": {"idToken": "CARD-2", **ISO},
                        "idTokenInfo": {"status": "Blocked", "cacheExpiryDateTime": "2025-12-31T23:59:00.000Z"},
                    },
                    {"idToken": {"idToken": "CARD-3", **ISO}},
                ],
            },
        ),
    ),
    ("get_local_list_version", {}, ("GetLocalListVersion", {}), ("GetLocalListVersion", {})),
    (
        "trigger_message",
        {"message": "Heartbeat"},
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
    ),
    (
        "trigger_message",
        {"message": "StatusNotification", "evse_id": 2},
        ("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 2}),
        ("TriggerMessage", {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 1}}),
    ),
    (
        "trigger_message",
        {"message": "MeterValues", "evse_id": 1},
        ("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1}),
        ("TriggerMessage", {"requestedMessage": "MeterValues", "evse": {"id": 1}}),
    ),
    (
        "data_transfer",
        {"vendor_id": "org.example", "message_id": "m", "data": {"a": 1}},
        ("DataTransfer", {"vendorId": "org.example", "messageId": "m", "data": '{"a":1}'}),
        ("DataTransfer", {"vendorId": "org.example", "messageId": "m", "data": {"a": 1}}),
    ),
    (
        "data_transfer",
        {"vendor_id": "org.example", "data": "hello"},
        ("DataTransfer", {"vendorId": "org.example", "data": "hello"}),
        ("DataTransfer", {"vendorId": "org.example", "data": "hello"}),
    ),
    (
        "reserve_now",
        {"id_tag": "CARD-1", "evse_id": 1, "expires_in": "30m", "parent_id_token": "FLEET"},
        (
            "ReserveNow",
            {
                "connectorId": 1,
                "expiryDate": "2026-01-01T00:30:00.000Z",
                "idTag": "CARD-1",
                "parentIdTag": "FLEET",
                "reservationId": 1,
            },
        ),
        (
            "ReserveNow",
            {
                "id": 1,
                "expiryDateTime": "2026-01-01T00:30:00.000Z",
                "idToken": {"idToken": "CARD-1", **ISO},
                "evseId": 1,
                "groupIdToken": {"idToken": "FLEET", "type": "Central"},
            },
        ),
    ),
    (
        "reserve_now",
        {"id_tag": "CARD-1", "reservation_id": 8},
        (
            "ReserveNow",
            {"connectorId": 0, "expiryDate": "2026-01-01T01:00:00.000Z", "idTag": "CARD-1", "reservationId": 8},
        ),
        (
            "ReserveNow",
            {"id": 8, "expiryDateTime": "2026-01-01T01:00:00.000Z", "idToken": {"idToken": "CARD-1", **ISO}},
        ),
    ),
    (
        "cancel_reservation",
        {},
        ("CancelReservation", {"reservationId": 5}),
        ("CancelReservation", {"reservationId": 5}),
    ),
    (
        "cancel_reservation",
        {"reservation_id": 3},
        ("CancelReservation", {"reservationId": 3}),
        ("CancelReservation", {"reservationId": 3}),
    ),
    (
        "update_firmware",
        {"location": "http://h/f", "retrieve_in": "1m", "retries": 2, "retry_interval": "30s"},
        (
            "UpdateFirmware",
            {"location": "http://h/f", "retrieveDate": "2026-01-01T00:01:00.000Z", "retries": 2, "retryInterval": 30},
        ),
        (
            "UpdateFirmware",
            {
                "requestId": 1,
                "firmware": {"location": "http://h/f", "retrieveDateTime": "2026-01-01T00:01:00.000Z"},
                "retries": 2,
                "retryInterval": 30,
            },
        ),
    ),
    (
        "get_diagnostics",
        {"location": "http://h/", "since": "2h", "until": "1h"},
        (
            "GetDiagnostics",
            {
                "location": "http://h/",
                "startTime": "2025-12-31T22:00:00.000Z",
                "stopTime": "2025-12-31T23:00:00.000Z",
            },
        ),
        (
            "GetLog",
            {
                "logType": "DiagnosticsLog",
                "requestId": 1,
                "log": {
                    "remoteLocation": "http://h/",
                    "oldestTimestamp": "2025-12-31T22:00:00.000Z",
                    "latestTimestamp": "2025-12-31T23:00:00.000Z",
                },
            },
        ),
    ),
    (
        "get_log",
        {"location": "http://h/", "log": "SecurityLog", "request_id": 9, "retries": 1},
        ("GetLog", {"logType": "SecurityLog", "requestId": 9, "log": {"remoteLocation": "http://h/"}, "retries": 1}),
        ("GetLog", {"logType": "SecurityLog", "requestId": 9, "log": {"remoteLocation": "http://h/"}, "retries": 1}),
    ),
    (
        "set_charging_profile",
        {"evse_id": 1, "limit": 10, "phases": 3, "duration": "1h", "starts_in": "1m", "stack_level": 2},
        (
            "SetChargingProfile",
            {
                "connectorId": 1,
                "csChargingProfiles": {
                    "chargingProfileId": 1,
                    "stackLevel": 2,
                    "chargingProfilePurpose": "TxDefaultProfile",
                    "chargingProfileKind": "Absolute",
                    "chargingSchedule": {**SCHEDULE, "startSchedule": "2026-01-01T00:01:00.000Z", "duration": 3600},
                },
            },
        ),
        (
            "SetChargingProfile",
            {
                "evseId": 1,
                "chargingProfile": {
                    "id": 1,
                    "stackLevel": 2,
                    "chargingProfilePurpose": "TxDefaultProfile",
                    "chargingProfileKind": "Absolute",
                    "chargingSchedule": [
                        {"id": 1, **SCHEDULE, "startSchedule": "2026-01-01T00:01:00.000Z", "duration": 3600}
                    ],
                },
            },
        ),
    ),
    (
        "clear_charging_profile",
        {"evse_id": 0, "purpose": "ChargingStationMaxProfile", "stack_level": 1},
        (
            "ClearChargingProfile",
            {"connectorId": 0, "chargingProfilePurpose": "ChargePointMaxProfile", "stackLevel": 1},
        ),
        (
            "ClearChargingProfile",
            {
                "chargingProfileCriteria": {
                    "evseId": 0,
                    "chargingProfilePurpose": "ChargingStationMaxProfile",
                    "stackLevel": 1,
                }
            },
        ),
    ),
    (
        "clear_charging_profile",
        {"profile_id": 3},
        ("ClearChargingProfile", {"id": 3}),
        ("ClearChargingProfile", {"chargingProfileId": 3}),
    ),
    (
        "get_composite_schedule",
        {"duration": "1h", "unit": "W"},
        ("GetCompositeSchedule", {"connectorId": 0, "duration": 3600, "chargingRateUnit": "W"}),
        ("GetCompositeSchedule", {"evseId": 0, "duration": 3600, "chargingRateUnit": "W"}),
    ),
    (
        "change_password",
        {"password": "0123456789abcdef"},
        ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "0123456789abcdef"}),
        (
            "SetVariables",
            {
                "setVariableData": [
                    {
                        "attributeValue": "0123456789abcdef",
                        "component": {"name": "SecurityCtrlr"},
                        "variable": {"name": "BasicAuthPassword"},
                    }
                ]
            },
        ),
    ),
    (
        "set_security_profile",
        {"profile": 2, "url": "wss://csms.example.org"},
        ("ChangeConfiguration", {"key": "SecurityProfile", "value": "2"}),
        ("SetNetworkProfile", NETWORK),
    ),
    (
        "renew_certificate",
        {},
        ("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"}),
        ("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"}),
    ),
    (
        "install_certificate",
        {"type": "csms_root", "certificate": PEM},
        ("InstallCertificate", {"certificateType": "CentralSystemRootCertificate", "certificate": PEM}),
        ("InstallCertificate", {"certificateType": "CSMSRootCertificate", "certificate": PEM}),
    ),
    (
        "delete_certificate",
        {"certificate": HASH},
        ("DeleteCertificate", {"certificateHashData": HASH}),
        ("DeleteCertificate", {"certificateHashData": HASH}),
    ),
    (
        "get_certificates",
        {"type": "manufacturer_root"},
        ("GetInstalledCertificateIds", {"certificateType": "ManufacturerRootCertificate"}),
        ("GetInstalledCertificateIds", {"certificateType": ["ManufacturerRootCertificate"]}),
    ),
]


def in_21(call: tuple[str, Any]) -> tuple[str, Any]:
    """2.1 has another word for itself."""
    action, payload = call
    if action != "SetNetworkProfile":
        return call
    return action, {**payload, "connectionData": {**payload["connectionData"], "ocppVersion": "OCPP21"}}


ONLY_IN_2X: list[tuple[str, dict[str, Any], tuple[str, dict[str, Any]]]] = [
    (
        "get_charging_profiles",
        {"evse_id": 1, "purpose": "TxProfile", "sources": ["CSO"]},
        (
            "GetChargingProfiles",
            {
                "requestId": 1,
                "evseId": 1,
                "chargingProfile": {"chargingProfilePurpose": "TxProfile", "chargingLimitSource": ["CSO"]},
            },
        ),
    ),
    (
        "set_monitor",
        {
            "variable": "Connector.AvailabilityState",
            "evse_id": 2,
            "connector_id": 1,
            "type": "Delta",
            "value": 1,
            "in_transaction": True,
            "monitor_id": 4,
        },
        (
            "SetVariableMonitoring",
            {
                "setMonitoringData": [
                    {
                        "id": 4,
                        "transaction": True,
                        "value": 1,
                        "type": "Delta",
                        "severity": 5,
                        "component": {"name": "Connector", "evse": {"id": 2, "connectorId": 1}},
                        "variable": {"name": "AvailabilityState"},
                    }
                ]
            },
        ),
    ),
    ("clear_monitors", {"monitor_ids": 3}, ("ClearVariableMonitoring", {"id": [3]})),
    ("clear_monitors", {"monitor_ids": [3, 4]}, ("ClearVariableMonitoring", {"id": [3, 4]})),
    ("get_monitors", {}, ("GetMonitoringReport", {"requestId": 1})),
    (
        "get_monitors",
        {"criteria": ["DeltaMonitoring"], "variable": "DeviceDataCtrlr.ItemsPerMessage.GetReport", "request_id": 8},
        (
            "GetMonitoringReport",
            {
                "requestId": 8,
                "monitoringCriteria": ["DeltaMonitoring"],
                "componentVariable": [
                    {
                        "component": {"name": "DeviceDataCtrlr"},
                        "variable": {"name": "ItemsPerMessage", "instance": "GetReport"},
                    }
                ],
            },
        ),
    ),
    ("get_base_report", {"base": "FullInventory"}, ("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})),
    (
        "get_base_report",
        {"base": "SummaryInventory", "request_id": 4},
        ("GetBaseReport", {"requestId": 4, "reportBase": "SummaryInventory"}),
    ),
    ("get_report", {"criteria": "Problem"}, ("GetReport", {"requestId": 1, "componentCriteria": ["Problem"]})),
    (
        "get_report",
        {
            "criteria": ["Active", "Enabled"],
            "variables": ["EVSE", "EVSE.Power", "DeviceDataCtrlr.ItemsPerMessage.GetReport"],
            "evse_id": 2,
            "request_id": 3,
        },
        (
            "GetReport",
            {
                "requestId": 3,
                "componentCriteria": ["Active", "Enabled"],
                "componentVariable": [
                    {"component": {"name": "EVSE", "evse": {"id": 2}}},
                    {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "Power"}},
                    {
                        "component": {"name": "DeviceDataCtrlr", "evse": {"id": 2}},
                        "variable": {"name": "ItemsPerMessage", "instance": "GetReport"},
                    },
                ],
            },
        ),
    ),
    ("set_monitoring_base", {"base": "All"}, ("SetMonitoringBase", {"monitoringBase": "All"})),
    ("set_monitoring_level", {"severity": 4}, ("SetMonitoringLevel", {"severity": 4})),
    (
        "set_display_message",
        {"message_id": 3, "text": "Welcome"},
        (
            "SetDisplayMessage",
            {
                "message": {
                    "id": 3,
                    "priority": "NormalCycle",
                    "message": {"format": "UTF8", "content": "Welcome"},
                }
            },
        ),
    ),
    (
        "set_display_message",
        {
            "message_id": 4,
            "text": "Welcome",
            "priority": "AlwaysFront",
            "state": "Idle",
            "transaction_id": "t",
            "starts_in": "0s",
            "ends_in": "1h",
            "format": "ASCII",
            "language": "en",
            "display": "Display",
        },
        (
            "SetDisplayMessage",
            {
                "message": {
                    "id": 4,
                    "priority": "AlwaysFront",
                    "state": "Idle",
                    "startDateTime": "2026-01-01T00:00:00.000Z",
                    "endDateTime": "2026-01-01T01:00:00.000Z",
                    "transactionId": "t",
                    "display": {"name": "Display"},
                    "message": {"format": "ASCII", "language": "en", "content": "Welcome"},
                }
            },
        ),
    ),
    ("get_display_messages", {}, ("GetDisplayMessages", {"requestId": 1})),
    (
        "get_display_messages",
        {"message_ids": 2, "priority": "InFront", "state": "Faulted", "request_id": 9},
        ("GetDisplayMessages", {"requestId": 9, "id": [2], "priority": "InFront", "state": "Faulted"}),
    ),
    ("get_display_messages", {"message_ids": [2, 3]}, ("GetDisplayMessages", {"requestId": 1, "id": [2, 3]})),
    ("clear_display_message", {"message_id": 0}, ("ClearDisplayMessage", {"id": 0})),
    (
        "customer_information",
        {"id_tag": "CARD-1", "clear": True},
        (
            "CustomerInformation",
            {"requestId": 1, "report": True, "clear": True, "idToken": {"idToken": "CARD-1", **ISO}},
        ),
    ),
    (
        "customer_information",
        {"customer": "somebody", "report": False, "request_id": 2},
        (
            "CustomerInformation",
            {"requestId": 2, "report": False, "clear": False, "customerIdentifier": "somebody"},
        ),
    ),
]


@pytest.mark.parametrize(("operation", "fields", "call"), ONLY_IN_2X)
def test_each_operation_that_only_2_x_has(operation: str, fields: dict[str, Any], call: tuple[str, Any]) -> None:
    """As documented, and 1.6 has no such thing."""
    for version in (V201, V21):
        assert build(version, operation, fields) == call
        assert validate_request(version, *call) is None
    with pytest.raises(OperationNotAvailable):
        build(V16, operation, fields)


@pytest.mark.parametrize(("operation", "fields", "in_16", "in_201"), ROWS)
def test_each_operation_in_each_version(
    operation: str, fields: dict[str, Any], in_16: tuple[str, Any], in_201: tuple[str, Any]
) -> None:
    """Every operation is the documented call, and that call fits its OCPP schema."""
    for version, (action, payload) in ((V16, in_16), (V201, in_201), (V21, in_21(in_201))):
        assert build(version, operation, fields, reserved=RESERVED.get(operation, ())) == (action, payload)
        assert validate_request(version, action, payload) is None
        (spec,) = (spec for spec in ACTING if spec.name == operation)
        assert spec.actions[version] == action  # by which `check` knows what can be answered


def test_a_signed_update() -> None:
    """Its certificate and its signature are those of the file whose digest is given; what is none cannot be signed."""
    digest = "00" * 32
    for version, action in ((V16, "SignedUpdateFirmware"), (V201, "UpdateFirmware"), (V21, "UpdateFirmware")):
        fields = {"location": "http://h/f", "sha256": digest, "install_in": "1h"}
        sent, payload = build(version, "update_signed_firmware", fields)
        assert (sent, payload["requestId"], validate_request(version, sent, payload)) == (action, 1, None)
        assert payload["firmware"]["signingCertificate"].startswith("-----BEGIN CERTIFICATE-----")
        assert payload["firmware"]["installDateTime"] == "2026-01-01T01:00:00.000Z"
        own = {"signing_certificate": PEM, "signature": "AA" * 40}
        _, payload = build(version, "update_signed_firmware", {"location": "http://h/f", **own})
        assert payload["firmware"]["signingCertificate"] == PEM
        assert payload["firmware"]["signature"] == "AA" * 40
        with pytest.raises(ValueError, match="belongs to a `signature`"):
            build(version, "update_signed_firmware", {"location": "http://h/f", "signing_certificate": PEM})
        with pytest.raises(NothingToOperateOn, match="can be signed"):
            build(version, "update_signed_firmware", {"location": "http://h/f"})


def cost_message(message: str, text: str) -> tuple[str, dict[str, Any]]:
    return "DataTransfer", {"vendorId": "org.openchargealliance.costmsg", "messageId": message, "data": text}


RUNNING = '"timestamp":"2026-01-01T00:00:00.000Z","meterValue":0.0,"cost":1.5,"state":"Charging","chargingPrice":'
ONLY_IN_16: list[tuple[str, dict[str, Any], tuple[str, dict[str, Any]]]] = [
    ("update_cost", {"total": 1.5}, cost_message("RunningCost", f'{{"transactionId":9,{RUNNING}{{}}}}')),
    (
        "update_cost",
        {"total": 1.5, "evse_id": 1, "details": {"chargingPrice": {"kWhPrice": 1}}},
        cost_message("RunningCost", f'{{"transactionId":7,{RUNNING}{{"kWhPrice":1}}}}'),
    ),
    (
        "final_cost",
        {"total": 2, "transaction_id": 7},
        cost_message("FinalCost", '{"transactionId":7,"cost":2,"priceText":""}'),
    ),
    (
        "final_cost",
        {"total": 2, "transaction_id": 7, "text": "bye", "qr_code": "x"},
        cost_message("FinalCost", '{"transactionId":7,"cost":2,"priceText":"bye","qrCodeText":"x"}'),
    ),
    (
        "set_user_price",
        {"id_tag": "A", "text": "0.30"},
        cost_message("SetUserPrice", '{"idToken":"A","priceText":"0.30"}'),
    ),
]


@pytest.mark.parametrize(("operation", "fields", "call"), ONLY_IN_16)
def test_each_operation_of_the_pricing_note(operation: str, fields: dict[str, Any], call: tuple[str, Any]) -> None:
    """By DataTransfer in 1.6; 2.x has another call, or none."""
    assert build(V16, operation, fields) == call
    assert validate_request(V16, *call) is None
    for version in (V201, V21):
        if operation == "update_cost" and "details" not in fields:
            assert build(version, operation, fields) == ("CostUpdated", {"totalCost": 1.5, "transactionId": "9"})
        else:
            with pytest.raises(OperationNotAvailable):
                build(version, operation, fields)


def test_a_final_cost_is_of_a_transaction_that_has_ended() -> None:
    """While both run there is none to name."""
    with pytest.raises(NothingToOperateOn, match="has ended"):
        build(V16, "final_cost", {"total": 1})


TARIFF = {"tariffId": "TARIFF-1", "currency": "EUR"}
ONLY_IN_21: list[tuple[str, dict[str, Any], tuple[str, dict[str, Any]]]] = [
    (
        "set_default_tariff",
        {"tariff": {"energy": 0.3}},
        ("SetDefaultTariff", {"evseId": 0, "tariff": {**TARIFF, "energy": {"prices": [{"priceKwh": 0.3}]}}}),
    ),
    (
        "set_default_tariff",
        {
            "evse_id": 2,
            "tariff": {
                "tariff_id": "T",
                "currency": "NOK",
                "idle_time": 1,
                "tax": 20,
                "max_cost": 9,
                "description": "cheap",
                "fixedFee": {"prices": [{"price_fixed": 1, "conditions": {"start_time_of_day": "08:00"}}]},
            },
        },
        (
            "SetDefaultTariff",
            {
                "evseId": 2,
                "tariff": {
                    "tariffId": "T",
                    "currency": "NOK",
                    "idleTime": {"prices": [{"priceMinute": 1}], "taxRates": [{"type": "VAT", "tax": 20}]},
                    "fixedFee": {
                        "prices": [{"priceFixed": 1, "conditions": {"startTimeOfDay": "08:00"}}],
                        "taxRates": [{"type": "VAT", "tax": 20}],
                    },
                    "maxCost": {"inclTax": 9, "taxRates": [{"type": "VAT", "tax": 20}]},
                    "description": [{"format": "UTF8", "content": "cheap"}],
                },
            },
        ),
    ),
    ("use_priority_charging", {}, ("UsePriorityCharging", {"transactionId": "9", "activate": True})),
    (
        "use_priority_charging",
        {"active": False, "evse_id": 1},
        ("UsePriorityCharging", {"transactionId": "7", "activate": False}),
    ),
    (
        "update_dynamic_schedule",
        {"limit": 8, "profile_id": 3},
        ("UpdateDynamicSchedule", {"chargingProfileId": 3, "scheduleUpdate": {"limit": 8}}),
    ),
    (
        "set_charging_profile",
        {"kind": "Dynamic", "limit": 8, "update_interval": "1m"},
        (
            "SetChargingProfile",
            {
                "evseId": 0,
                "chargingProfile": {
                    "id": 1,
                    "stackLevel": 0,
                    "chargingProfilePurpose": "TxDefaultProfile",
                    "chargingProfileKind": "Dynamic",
                    "dynUpdateInterval": 60,
                    "chargingSchedule": [
                        {
                            "id": 1,
                            "chargingRateUnit": "A",
                            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8}],
                        }
                    ],
                },
            },
        ),
    ),
    ("get_tariffs", {}, ("GetTariffs", {"evseId": 0})),
    ("clear_tariffs", {}, ("ClearTariffs", {})),
    ("clear_tariffs", {"tariff_ids": ["T"], "evse_id": 1}, ("ClearTariffs", {"tariffIds": ["T"], "evseId": 1})),
    (
        "change_transaction_tariff",
        {"tariff": {"fixed_fee": 1}, "evse_id": 1},
        (
            "ChangeTransactionTariff",
            {"tariff": {**TARIFF, "fixedFee": {"prices": [{"priceFixed": 1}]}}, "transactionId": "7"},
        ),
    ),
]


@pytest.mark.parametrize(("operation", "fields", "call"), ONLY_IN_21)
def test_each_operation_that_only_2_1_has(operation: str, fields: dict[str, Any], call: tuple[str, Any]) -> None:
    """As documented, and the versions before have no such thing."""
    assert build(V21, operation, fields) == call
    assert validate_request(V21, *call) is None
    for version in (V16, V201):
        with pytest.raises(OperationNotAvailable):
            build(version, operation, fields)


def test_a_message_in_several_languages() -> None:
    """Only 2.1 has a place for the others."""
    fields = {"message_id": 1, "text": "Welcome", "language": "en", "extra": [{"text": "Willkommen", "language": "de"}]}
    action, payload = build(V21, "set_display_message", fields)
    assert payload["message"]["messageExtra"] == [{"format": "UTF8", "language": "de", "content": "Willkommen"}]
    assert validate_request(V21, action, payload) is None
    with pytest.raises(OperationNotAvailable, match=r"`extra` is of 2\.1"):
        build(V201, "set_display_message", fields)


def test_the_table_is_complete() -> None:
    """Every operation that the language has can be built, and every row of this test names one."""
    verbs = {spec.name for spec in ACTING if spec.actions}
    tested = (
        {row[0] for row in ROWS}
        | {row[0] for row in (*ONLY_IN_16, *ONLY_IN_2X, *ONLY_IN_21)}
        | {"update_signed_firmware"}
    )
    assert set(OPERATIONS) == verbs == tested


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
@pytest.mark.parametrize("version", [V16, V201, V21])
def test_each_setting(version: OcppVersion, setting: Any) -> None:
    """A setting that a version has is read and written in valid messages; one that it lacks is not available."""
    value: Any = {"duration": "2m", "integer": 3, "boolean": True, "list": ["Voltage", "SoC"], "string": "x"}[
        setting.type
    ]
    wire = {"duration": "120", "integer": "3", "boolean": "true", "list": "Voltage,SoC", "string": "x"}[setting.type]
    change: dict[str, Any] = {setting.name: value}
    for operation, fields in (("change_configuration", change), ("get_configuration", {"settings": [setting.name]})):
        if not setting.exists_in(version):
            with pytest.raises(OperationNotAvailable, match=setting.name):
                build(version, operation, fields)
            continue
        action, payload = build(version, operation, fields)
        assert validate_request(version, action, payload) is None
        if operation == "change_configuration":
            assert wire in (payload.get("value"), payload.get("setVariableData", [{}])[0].get("attributeValue"))


@pytest.mark.parametrize(
    ("version", "operation", "fields", "reason"),
    [
        (V16, "reset", {"type": "Soft", "evse_id": 1}, "only the whole station"),
        (V16, "unlock", {"evse_id": 1, "connector_id": 2}, "one connector"),
        (V16, "change_availability", {"status": "Operative", "connector_id": 2}, "one connector"),
        (V16, "remote_stop", {"transaction_id": "abc"}, "is a number"),
        (V16, "trigger_message", {"message": "TransactionEvent"}, "cannot trigger TransactionEvent"),
        (V201, "trigger_message", {"message": "DiagnosticsStatusNotification"}, "cannot trigger"),
        (V16, "send_local_list", {"version": 1, "entries": {"A": "NoCredit"}}, "no status NoCredit"),
        (V201, "get_configuration", {"settings": ["minimum_status_duration"]}, "no variable"),
        (V21, "trigger_message", {"message": "DiagnosticsStatusNotification"}, "OCPP 2.1 cannot trigger"),
    ],
)
def test_what_a_version_lacks(version: OcppVersion, operation: str, fields: dict[str, Any], reason: str) -> None:
    """What a version cannot say is not available, with the reason."""
    with pytest.raises(OperationNotAvailable, match=reason):
        build(version, operation, fields)


def test_a_listed_card_has_its_type() -> None:
    """OCPP 2.x tells tokens apart by it; 1.6 has none."""
    fields = {"version": 1, "entries": {"A": {"status": "Accepted", "type": "eMAID"}, "B": "Accepted"}}
    for version in (V201, V21):
        _, payload = build(version, "send_local_list", fields)
        assert [one["idToken"]["type"] for one in payload["localAuthorizationList"]] == ["eMAID", "ISO14443"]
    _, payload = build(V16, "send_local_list", fields)
    assert payload["localAuthorizationList"][0] == {"idTag": "A", "idTagInfo": {"status": "Accepted"}}


def test_a_list_says_nothing_of_certificates() -> None:
    """Neither does OCPP."""
    listed = {"A": {"status": "Accepted", "certificate_status": "Accepted"}}
    with pytest.raises(ValueError, match="says nothing of certificates"):
        build(V201, "send_local_list", {"version": 1, "entries": listed})


def test_raw_lets_through_what_a_version_lacks() -> None:
    """On purpose, a card may have a status and a trigger a message that the version does not know."""
    _, payload = build(V16, "send_local_list", {"version": 1, "entries": {"A": "NoCredit"}}, raw=True)
    assert payload["localAuthorizationList"] == [{"idTag": "A", "idTagInfo": {"status": "NoCredit"}}]
    assert build(V16, "trigger_message", {"message": "Dance"}, raw=True)[1] == {"requestedMessage": "Dance"}


@pytest.mark.parametrize("version", [V16, V201, V21])
def test_defaults_that_are_not_there(version: OcppVersion) -> None:
    """An operation on the latest transaction or reservation says so when there is none."""
    with pytest.raises(NothingToOperateOn, match="no transaction is running on the station"):
        build(version, "remote_stop", {}, busy=False)
    with pytest.raises(NothingToOperateOn, match="EVSE 3"):
        build(version, "remote_stop", {"evse_id": 3})
    with pytest.raises(NothingToOperateOn, match="nothing has been reserved"):
        build(version, "cancel_reservation", {})


@pytest.mark.parametrize(
    ("operation", "fields", "error"),
    [
        ("change_configuration", {}, ValueError),
        ("change_configuration", {"connection_timeout": "1s", "heartbeat_interval": "1s"}, ValueError),
        ("change_configuration", {"no_such": 1}, ValueError),
        ("change_configuration", {"connection_timeout": "soon"}, ValueError),
        ("send_local_list", {"version": 1, "entries": {"A": None}}, ValueError),
        ("send_local_list", {"version": 1, "entries": {"A": {"colour": "red"}}}, ValueError),
        ("dance", {}, LookupError),
    ],
)
def test_fields_that_make_no_sense(operation: str, fields: dict[str, Any], error: type[Exception]) -> None:
    """Nonsense is refused instead of sent."""
    for version in (V16, V201, V21):
        with pytest.raises(error):
            build(version, operation, fields)


CARDS = st.dictionaries(
    st.text("ABCDEF0123456789", min_size=1, max_size=20),
    st.none()
    | st.sampled_from(["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"])
    | st.builds(
        lambda status, parent, hours: {"status": status, "parent_id_token": parent, "expires_in": f"{hours}h"},
        st.sampled_from(["Accepted", "Blocked"]),
        st.text("ABC", min_size=1, max_size=20),
        st.integers(0, 10_000),
    ),
    max_size=5,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CARDS, st.integers(-1, 1000), st.sampled_from([V16, V201, V21]))
def test_any_local_list_is_a_valid_message(cards: dict[str, Any], number: int, version: OcppVersion) -> None:
    """Whatever cards a differential update names, the message fits its schema."""
    fields = {"version": number, "update_type": "Differential", "entries": cards}
    action, payload = build(version, "send_local_list", fields)
    assert validate_request(version, action, payload) is None
