"""Which versions a message of ours fits, and what is told of one that fits none."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.tools.asking import WrongRequestError, fitting
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201, V21 = OcppVersion
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


@pytest.mark.parametrize(
    ("action", "payload", "versions"),
    [
        ("Heartbeat", {}, (V16, V201, V21)),
        ("StatusNotification", STATUS, (V16,)),
        ("Authorize", {"idToken": {"idToken": "A", "type": "Central"}}, (V201, V21)),
        ("DataTransfer", {"vendorId": "v"}, (V16, V201, V21)),
        ("NotifyDERAlarm", {"controlType": "FreqDroop", "timestamp": "2026-01-01T00:00:00Z"}, (V21,)),
    ],
)
def test_versions_that_have_it(action: str, payload: Any, versions: tuple[OcppVersion, ...]) -> None:
    """In the order in which they were offered."""
    assert fitting(action, payload, (V16, V201, V21)) == versions
    assert fitting(action, payload, (V21, V201, V16)) == versions[::-1]


@pytest.mark.parametrize(
    ("action", "payload", "told"),
    [
        ("Heartbeet", {}, ["OCPP 1.6, 2.0.1, 2.1 have no action Heartbeet; did you mean 'Heartbeat'?"]),
        ("heartbeat", {}, ["OCPP 1.6, 2.0.1, 2.1 have no action heartbeat; did you mean 'Heartbeat'?"]),
        ("Reset", {"type": "Soft"}, ["OCPP 1.6, 2.0.1, 2.1 Reset: that is for the CSMS to send"]),
        ("Heartbeat", [], ["OCPP 1.6, 2.0.1, 2.1 Heartbeat: the payload is no JSON object"]),
        (
            "StopTransaction",
            {},
            [
                "OCPP 1.6 StopTransaction: transactionId is missing",
                "OCPP 1.6 StopTransaction: timestamp is missing",
                "OCPP 1.6 StopTransaction: meterStop is missing",
                "OCPP 2.0.1, 2.1: no action StopTransaction",
            ],
        ),
    ],
)
def test_what_is_wrong_everywhere_is_told_once(action: str, payload: Any, told: list[str]) -> None:
    """A line for each reason, with the versions for which it holds."""
    with pytest.raises(WrongRequestError) as error:
        fitting(action, payload, tuple(OcppVersion))
    assert sorted(str(error.value).splitlines()) == sorted(told)


@pytest.mark.parametrize(
    ("version", "action", "payload", "told"),
    [
        (V16, "Authorize", {"idtag": "A"}, "unknown property idtag; did you mean 'idTag'?"),
        (V16, "StatusNotification", STATUS | {"errorCode": "NoErorr"}, "; did you mean 'NoError'?"),
        (
            V201,
            "Authorize",
            {"idToken": {"idToken": "A", "tpye": "Central"}},
            "idToken unknown property tpye; did you mean 'type'?",
        ),
        (
            V201,
            "BootNotification",
            {"reason": "PowerUp", "chargingStation": {"model": 1}},
            "chargingStation.model is 1",
        ),
    ],
)
def test_what_may_have_been_meant(version: OcppVersion, action: str, payload: Any, told: str) -> None:
    """Keys and values, at any depth."""
    with pytest.raises(WrongRequestError) as error:
        fitting(action, payload, (version,))
    assert told in str(error.value)
