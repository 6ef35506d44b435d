"""Well-formed messages that facts are read from, each with its answer: one for each action and version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ocpplab_runner.certificates.ocmf import as_text, meter_key, signed_value
from ocpplab_runner.ocppj.plug_and_charge import request, response
from ocpplab_runner.vocabulary.vendors import COST_MESSAGES
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21
UP, DOWN = "to_csms", "to_charger"
SIGNED = signed_value({"RD": [{"RV": 5.0, "RU": "Wh"}]}, meter_key("A"))
NOW = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Exchange:
    """A call and its answer, both well-formed, which show facts."""

    version: OcppVersion
    direction: str
    action: str
    call: dict[str, Any]
    answer: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.version.value} {self.action}"


_INFO = {"status": "Accepted", "expiryDate": NOW, "parentIdTag": "GROUP"}
_READINGS_16 = [
    {
        "timestamp": NOW,
        "sampledValue": [
            {"value": "5", "unit": "Wh", "measurand": "Energy.Active.Import.Register", "context": "Sample.Periodic"},
            {"value": "5", "measurand": "Power.Active.Import"},
            {"value": "5", "measurand": "Current.Import"},
            {"value": "5", "measurand": "Voltage"},
            {"value": "5", "measurand": "SoC"},
            {"value": "five", "measurand": "SoC"},
            {"value": as_text(SIGNED), "format": "SignedData"},
        ],
    }
]
_READINGS = [
    {
        "timestamp": NOW,
        "sampledValue": [
            {
                "value": 5,
                "measurand": "Energy.Active.Import.Register",
                "context": "Sample.Periodic",
                "unitOfMeasure": {"unit": "Wh", "multiplier": 0},
            }
        ],
    }
]
_TOKEN = {"idToken": "CARD", "type": "ISO14443"}
_TOKEN_INFO = {"idTokenInfo": {"status": "Accepted", "groupIdToken": _TOKEN}}
_PLACE = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
_STATION = {"vendorName": "V", "model": "M"}
CORE = [
    Exchange(V16, UP, "Authorize", {"idTag": "CARD"}, {"idTagInfo": _INFO}),
    Exchange(
        V16,
        UP,
        "BootNotification",
        {"chargePointVendor": "V", "chargePointModel": "M"},
        {"status": "Accepted", "currentTime": NOW, "interval": 300},
    ),
    Exchange(V16, UP, "Heartbeat", {}, {"currentTime": NOW}),
    Exchange(V16, UP, "MeterValues", {"connectorId": 1, "transactionId": 1, "meterValue": _READINGS_16}, {}),
    Exchange(
        V16,
        UP,
        "StartTransaction",
        {"connectorId": 1, "idTag": "CARD", "meterStart": 0, "timestamp": NOW, "reservationId": 1},
        {"transactionId": 1, "idTagInfo": _INFO},
    ),
    Exchange(
        V16,
        UP,
        "StatusNotification",
        {
            "connectorId": 1,
            "errorCode": "NoError",
            "status": "Charging",
            "timestamp": NOW,
            "info": "x",
            "vendorErrorCode": "y",
        },
        {},
    ),
    Exchange(
        V16,
        UP,
        "StopTransaction",
        {
            "transactionId": 1,
            "meterStop": 5,
            "timestamp": NOW,
            "reason": "Local",
            "idTag": "CARD",
            "transactionData": _READINGS_16,
        },
        {"idTagInfo": _INFO},
    ),
    Exchange(V16, DOWN, "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "5"}, {"status": "Accepted"}),
    Exchange(
        V16,
        DOWN,
        "GetConfiguration",
        {"key": ["HeartbeatInterval"]},
        {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "5"}], "unknownKey": ["x"]},
    ),
    Exchange(V16, DOWN, "GetLocalListVersion", {}, {"listVersion": 1}),
    Exchange(V16, DOWN, "SendLocalList", {"listVersion": 1, "updateType": "Full"}, {"status": "Accepted"}),
    Exchange(V201, UP, "Authorize", {"idToken": _TOKEN}, _TOKEN_INFO),
    Exchange(
        V201,
        UP,
        "BootNotification",
        {"reason": "PowerUp", "chargingStation": _STATION},
        {"status": "Accepted", "currentTime": NOW, "interval": 300},
    ),
    Exchange(V201, UP, "Heartbeat", {}, {"currentTime": NOW}),
    Exchange(V201, UP, "MeterValues", {"evseId": 1, "meterValue": _READINGS}, {}),
    Exchange(
        V201,
        UP,
        "StatusNotification",
        {"timestamp": NOW, "evseId": 1, "connectorId": 1, "connectorStatus": "Occupied"},
        {},
    ),
    Exchange(
        V201,
        UP,
        "TransactionEvent",
        {
            "eventType": "Started",
            "timestamp": NOW,
            "triggerReason": "Authorized",
            "seqNo": 0,
            "offline": False,
            "reservationId": 1,
            "evse": {"id": 1, "connectorId": 1},
            "idToken": _TOKEN,
            "transactionInfo": {"transactionId": "t", "chargingState": "Charging", "remoteStartId": 1},
            "meterValue": _READINGS,
        },
        _TOKEN_INFO,
    ),
    Exchange(
        V201,
        DOWN,
        "GetVariables",
        {"getVariableData": [_PLACE]},
        {"getVariableResult": [{**_PLACE, "attributeStatus": "Accepted", "attributeValue": "5"}]},
    ),
    Exchange(
        V201,
        DOWN,
        "SetVariables",
        {"setVariableData": [{**_PLACE, "attributeValue": "5"}]},
        {"setVariableResult": [{**_PLACE, "attributeStatus": "Accepted"}]},
    ),
    Exchange(V201, DOWN, "GetLocalListVersion", {}, {"versionNumber": 1}),
    Exchange(V201, DOWN, "SendLocalList", {"versionNumber": 1, "updateType": "Full"}, {"status": "Accepted"}),
]

_STATUS = {"status": "Accepted"}
_HASH = {"hashAlgorithm": "SHA256", "issuerNameHash": "A", "issuerKeyHash": "B", "serialNumber": "1"}
_PEM = "-----BEGIN CERTIFICATE-----"
_PERIODS = [{"startPeriod": 0, "limit": 16.0, "numberPhases": 3}]
_SCHEDULE = {"chargingRateUnit": "A", "chargingSchedulePeriod": _PERIODS}
_PROFILE = {"stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Relative"}
_COMPOSITE = {"duration": 60, "chargingRateUnit": "A", "chargingSchedulePeriod": _PERIODS}
_MONITOR = {"type": "UpperThreshold", "severity": 5}
_OF_PLACE = {"component": {"name": "EVSE", "evse": {"id": 1, "connectorId": 1}}, "variable": {"name": "Power"}}

SECURITY = [
    Exchange(V16, UP, "SecurityEventNotification", {"type": "X", "timestamp": NOW, "techInfo": "y"}, {}),
    Exchange(V16, UP, "SignCertificate", {"csr": "x"}, _STATUS),
    Exchange(V16, DOWN, "CertificateSigned", {"certificateChain": _PEM}, _STATUS),
    Exchange(V201, UP, "SecurityEventNotification", {"type": "X", "timestamp": NOW, "techInfo": "y"}, {}),
    Exchange(V201, UP, "SignCertificate", {"csr": "x", "certificateType": "V2GCertificate"}, _STATUS),
    Exchange(
        V201,
        DOWN,
        "CertificateSigned",
        {"certificateChain": _PEM, "certificateType": "ChargingStationCertificate"},
        _STATUS,
    ),
]
CERTIFICATES = [
    Exchange(
        V16,
        DOWN,
        "InstallCertificate",
        {"certificateType": "CentralSystemRootCertificate", "certificate": _PEM},
        _STATUS,
    ),
    Exchange(V16, DOWN, "DeleteCertificate", {"certificateHashData": _HASH}, _STATUS),
    Exchange(
        V16,
        DOWN,
        "GetInstalledCertificateIds",
        {"certificateType": "CentralSystemRootCertificate"},
        {**_STATUS, "certificateHashData": [_HASH]},
    ),
    Exchange(
        V201, DOWN, "InstallCertificate", {"certificateType": "CSMSRootCertificate", "certificate": _PEM}, _STATUS
    ),
    Exchange(V201, DOWN, "DeleteCertificate", {"certificateHashData": _HASH}, _STATUS),
    Exchange(
        V201,
        DOWN,
        "GetInstalledCertificateIds",
        {},
        {
            **_STATUS,
            "certificateHashDataChain": [
                {"certificateType": "V2GCertificateChain", "certificateHashData": _HASH},
            ],
        },
    ),
    Exchange(
        V201,
        UP,
        "GetCertificateStatus",
        {"ocspRequestData": {**_HASH, "responderURL": "http://ocsp.test"}},
        {**_STATUS, "ocspResult": "x"},
    ),
    Exchange(
        V201,
        UP,
        "Get15118EVCertificate",
        {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "x"},
        {**_STATUS, "exiResponse": "y"},
    ),
]
FILES = [
    Exchange(V16, UP, "DiagnosticsStatusNotification", {"status": "Uploaded"}, {}),
    Exchange(V16, UP, "LogStatusNotification", {"status": "Uploaded", "requestId": 1}, {}),
    Exchange(V16, UP, "FirmwareStatusNotification", {"status": "Installed"}, {}),
    Exchange(V16, UP, "SignedFirmwareStatusNotification", {"status": "Installed", "requestId": 1}, {}),
    Exchange(V201, UP, "LogStatusNotification", {"status": "Uploaded", "requestId": 1}, {}),
    Exchange(V201, UP, "FirmwareStatusNotification", {"status": "Installed", "requestId": 1}, {}),
]
MONITORING = [
    Exchange(
        V201,
        DOWN,
        "SetVariableMonitoring",
        {"setMonitoringData": [{**_OF_PLACE, **_MONITOR, "value": 5}]},
        {"setMonitoringResult": [{**_OF_PLACE, **_MONITOR, **_STATUS, "id": 1}]},
    ),
    Exchange(
        V201, DOWN, "ClearVariableMonitoring", {"id": [1]}, {"clearMonitoringResult": [{"status": "Accepted", "id": 1}]}
    ),
    Exchange(
        V201,
        UP,
        "NotifyReport",
        {
            "requestId": 1,
            "seqNo": 0,
            "generatedAt": NOW,
            "reportData": [
                {
                    **_OF_PLACE,
                    "variableAttribute": [{"type": "Actual", "value": "5", "mutability": "ReadOnly"}],
                    "variableCharacteristics": {
                        "dataType": "integer",
                        "unit": "s",
                        "minLimit": 0,
                        "maxLimit": 9,
                        "valuesList": "5,6",
                        "supportsMonitoring": True,
                    },
                }
            ],
        },
        {},
    ),
    Exchange(
        V201,
        UP,
        "NotifyDisplayMessages",
        {
            "requestId": 1,
            "messageInfo": [
                {
                    "id": 1,
                    "priority": "InFront",
                    "state": "Idle",
                    "transactionId": "t",
                    "message": {"format": "UTF8", "language": "en", "content": "Welcome"},
                }
            ],
        },
        {},
    ),
    Exchange(
        V201,
        UP,
        "NotifyMonitoringReport",
        {
            "requestId": 1,
            "seqNo": 0,
            "generatedAt": NOW,
            "monitor": [
                {**_OF_PLACE, "variableMonitoring": [{**_MONITOR, "id": 1, "value": 5, "transaction": False}]},
            ],
        },
        {},
    ),
    Exchange(
        V201,
        UP,
        "NotifyEvent",
        {
            "generatedAt": NOW,
            "seqNo": 0,
            "eventData": [
                {
                    **_OF_PLACE,
                    "eventId": 1,
                    "timestamp": NOW,
                    "trigger": "Alerting",
                    "actualValue": "6",
                    "eventNotificationType": "CustomMonitor",
                    "variableMonitoringId": 1,
                    "cleared": False,
                    "transactionId": "t",
                }
            ],
        },
        {},
    ),
    Exchange(
        V201,
        UP,
        "NotifyCustomerInformation",
        {"data": "x", "seqNo": 0, "generatedAt": NOW, "requestId": 1},
        {},
    ),
]
SMART_CHARGING = [
    Exchange(
        V16,
        DOWN,
        "SetChargingProfile",
        {"connectorId": 1, "csChargingProfiles": {**_PROFILE, "chargingProfileId": 1, "chargingSchedule": _SCHEDULE}},
        _STATUS,
    ),
    Exchange(
        V16,
        DOWN,
        "GetCompositeSchedule",
        {"connectorId": 1, "duration": 60},
        {**_STATUS, "connectorId": 1, "scheduleStart": NOW, "chargingSchedule": _COMPOSITE},
    ),
    Exchange(
        V201,
        DOWN,
        "SetChargingProfile",
        {"evseId": 1, "chargingProfile": {**_PROFILE, "id": 1, "chargingSchedule": [{**_SCHEDULE, "id": 1}]}},
        _STATUS,
    ),
    Exchange(
        V201,
        DOWN,
        "GetCompositeSchedule",
        {"evseId": 1, "duration": 60},
        {**_STATUS, "schedule": {**_COMPOSITE, "evseId": 1, "scheduleStart": NOW}},
    ),
]
TARIFF_AND_COST = [
    Exchange(
        V16,
        DOWN,
        "DataTransfer",
        {"vendorId": COST_MESSAGES, "messageId": "RunningCost", "data": '{"transactionId": 1, "cost": 1.5}'},
        _STATUS,
    ),
    Exchange(V201, DOWN, "CostUpdated", {"totalCost": 1.5, "transactionId": "T-1"}, {}),
]


def _plug_and_charge(direction: str, message: str, data: dict[str, Any], answer: dict[str, Any]) -> Exchange:
    return Exchange(V16, direction, "DataTransfer", request(message, data), response(answer))


PLUG_AND_CHARGE = [
    _plug_and_charge(UP, "Authorize", {"idToken": "DEAB1C00000001"}, {"idTokenInfo": _STATUS}),
    _plug_and_charge(UP, "SignCertificate", {"csr": "x"}, _STATUS),
    _plug_and_charge(UP, "GetCertificateStatus", {"ocspRequestData": {**_HASH, "responderURL": "u"}}, _STATUS),
    _plug_and_charge(
        UP,
        "Get15118EVCertificate",
        {"iso15118SchemaVersion": "x", "action": "Install", "exiRequest": "x"},
        {**_STATUS, "exiResponse": "x"},
    ),
    _plug_and_charge(DOWN, "CertificateSigned", {"certificateChain": _PEM}, _STATUS),
    _plug_and_charge(
        DOWN, "InstallCertificate", {"certificateType": "MORootCertificate", "certificate": _PEM}, _STATUS
    ),
    _plug_and_charge(DOWN, "DeleteCertificate", {"certificateHashData": _HASH}, _STATUS),
    _plug_and_charge(DOWN, "GetInstalledCertificateIds", {}, {"status": "NotFound"}),
]
#: What 2.1 alone has, or demands, in a message of 2.0.1.
ONLY_21 = [
    Exchange(
        V21,
        UP,
        "TransactionEvent",
        {
            "eventType": "Ended",
            "timestamp": NOW,
            "triggerReason": "EVDeparted",
            "seqNo": 1,
            "evse": {"id": 1, "connectorId": 1},
            "transactionInfo": {"transactionId": "t"},
            "costDetails": {
                "totalCost": {"currency": "EUR", "typeOfCost": "NormalCost", "total": {"inclTax": 1.5}},
                "totalUsage": {"energy": 1.0, "chargingTime": 60, "idleTime": 0},
            },
        },
        {"totalCost": 1.5},
    ),
    Exchange(
        V21,
        UP,
        "NotifyMonitoringReport",
        {
            "requestId": 1,
            "seqNo": 0,
            "generatedAt": NOW,
            "monitor": [
                {
                    **_OF_PLACE,
                    "variableMonitoring": [
                        {
                            **_MONITOR,
                            "id": 1,
                            "value": 5,
                            "transaction": False,
                            "eventNotificationType": "CustomMonitor",
                        }
                    ],
                },
            ],
        },
        {},
    ),
]
#: The SEND of 2.1: its action and its payload.
STREAM = (
    "NotifyPeriodicEventStream",
    {"id": 1, "pending": 0, "basetime": NOW, "data": [{"t": 0.5, "v": "5"}, {"t": 1.5, "v": "6"}]},
)
_BEFORE_21 = [*CORE, *SECURITY, *CERTIFICATES, *FILES, *MONITORING, *SMART_CHARGING, *TARIFF_AND_COST, *PLUG_AND_CHARGE]
#: 2.1 has the messages of 2.0.1 with schemas of its own: wider ones, and other enums.
AGAIN_21 = [
    replace(one, version=V21)
    for one in _BEFORE_21
    if one.version is V201 and one.action not in {only.action for only in ONLY_21}
]
EXCHANGES = [*_BEFORE_21, *ONLY_21, *AGAIN_21]
