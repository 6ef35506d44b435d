"""The calls and answers of one OCPP 1.6 charging session, ten round trips: what several rows exchange."""

from __future__ import annotations

from typing import Any

AT = "2026-01-01T00:00:00.000Z"

SESSION: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "BootNotification",
        {"chargePointVendor": "ocpplab", "chargePointModel": "Simulated"},
        {"currentTime": AT, "interval": 300, "status": "Accepted"},
    ),
    ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": AT}, {}),
    ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing", "timestamp": AT}, {}),
    ("Authorize", {"idTag": "CARD-1"}, {"idTagInfo": {"status": "Accepted"}}),
    (
        "StartTransaction",
        {"connectorId": 1, "idTag": "CARD-1", "meterStart": 0, "timestamp": AT},
        {"transactionId": 1, "idTagInfo": {"status": "Accepted"}},
    ),
    ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": AT}, {}),
    (
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": 1,
            "meterValue": [
                {
                    "timestamp": AT,
                    "sampledValue": [
                        {"value": "1234.5", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
                        {"value": "11000", "measurand": "Power.Active.Import", "unit": "W"},
                    ],
                }
            ],
        },
        {},
    ),
    ("Heartbeat", {}, {"currentTime": AT}),
    (
        "StopTransaction",
        {"transactionId": 1, "idTag": "CARD-1", "meterStop": 1234, "timestamp": AT, "reason": "Local"},
        {"idTagInfo": {"status": "Accepted"}},
    ),
    ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": AT}, {}),
]

ANSWERS = {action: answer for action, _, answer in SESSION}
