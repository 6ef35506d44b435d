"""The requests that the drivers make; no CitrineOS and no SteVe has answered them."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from ocpplab_csms_drivers import CALLING, CitrineOs, SteVe, ocpplab_csms_driver, own

from ocpplab_runner.api import BlockedError, CsmsOrder, OcppVersion, OrderRefusedError

V16, V201, V21 = OcppVersion.V16, OcppVersion.V201, OcppVersion.V21


def sent(make: Any, options: Mapping[str, Any], order: CsmsOrder, answer: httpx.Response) -> tuple[httpx.Request, Any]:
    """The request that an order becomes, and the message id."""
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    driver = make(options, transport=httpx.MockTransport(handle))

    async def main() -> Any:
        try:
            return await driver.perform(order)
        finally:
            await driver.close()

    told = asyncio.run(main())
    return seen[0], told


def order(version: OcppVersion, action: str, payload: Any, operation: str = "csms_call", **fields: Any) -> CsmsOrder:
    """An order for cp001."""
    return CsmsOrder(
        station="cp001", version=version, operation=operation, fields=fields, action=action, payload=payload
    )


CITRINE = [
    (V16, "RemoteStartTransaction", {"idTag": "A", "connectorId": 1}, "/ocpp/1.6/evdriver/remoteStartTransaction"),
    (V16, "ChangeConfiguration", {"key": "K", "value": "1"}, "/ocpp/1.6/configuration/changeConfiguration"),
    (V201, "RequestStopTransaction", {"transactionId": "t"}, "/ocpp/2.0.1/evdriver/requestStopTransaction"),
    (V201, "SetVariables", {"setVariableData": []}, "/ocpp/2.0.1/monitoring/setVariables"),
    (V201, "SetVariableMonitoring", {"setMonitoringData": []}, "/ocpp/2.0.1/monitoring/setVariableMonitoring"),
    (V201, "SetChargingProfile", {"evseId": 1}, "/ocpp/2.0.1/smartcharging/setChargingProfile"),
    (V201, "GetLog", {"logType": "SecurityLog"}, "/ocpp/2.0.1/reporting/getLog"),
    (V201, "UpdateFirmware", {"requestId": 1}, "/ocpp/2.0.1/configuration/updateFirmware"),
    (V201, "InstallCertificate", {"certificate": "x"}, "/ocpp/2.0.1/certificates/installCertificate"),
    (V16, "GetDiagnostics", {"location": "ftp://x"}, "/ocpp/1.6/reporting/getDiagnostics"),
]


@pytest.mark.parametrize(("version", "action", "payload", "path"), CITRINE)
def test_citrineos(version: OcppVersion, action: str, payload: Any, path: str) -> None:
    """The payload as it is, at the module that has the call."""
    yes = httpx.Response(200, json=[{"success": True}])
    request, _ = sent(CitrineOs, {"tenant": 7}, order(version, action, payload), yes)
    assert (request.method, request.url.path) == ("POST", path)
    assert dict(request.url.params) == {"identifier": "cp001", "tenantId": "7"}
    assert json.loads(request.content) == payload


@pytest.mark.parametrize(("success", "refused"), [(True, False), (False, True)])
def test_citrineos_confirms_reports_alone(success: bool, refused: bool) -> None:
    """By one confirmation, and not by a list of them."""
    answer = httpx.Response(200, json={"success": success, "payload": "why"})
    wanted = order(V201, "GetMonitoringReport", {"requestId": 1})
    if refused:
        with pytest.raises(OrderRefusedError, match="why"):
            sent(CitrineOs, {}, wanted, answer)
    else:
        request, _ = sent(CitrineOs, {}, wanted, answer)
        assert request.url.path == "/ocpp/2.0.1/reporting/getMonitoringReport"


def test_citrineos_says_no() -> None:
    """In an answer of 200; and what it does not have is blocked, most of it before anything runs."""
    with pytest.raises(OrderRefusedError, match="not connected"):
        no = httpx.Response(200, json=[{"success": False, "payload": "cp001 is not connected"}])
        sent(CitrineOs, {}, order(V16, "ClearCache", {}), no)
    with pytest.raises(BlockedError, match="cannot be asked to send CostUpdated"):
        sent(CitrineOs, {}, order(V201, "CostUpdated", {}), httpx.Response(200))
    driver = CitrineOs({})
    assert driver.why_not("reserve_now", [], V16) == "CitrineOS has no reserve_now in OCPP 1.6"
    assert driver.why_not("reserve_now", [], V201) is None
    assert driver.why_not("get_log", [], V16) == "CitrineOS has no get_log in OCPP 1.6"
    assert driver.why_not("reset", [], V21) == "CitrineOS does not speak OCPP 2.1"
    assert "breaks its schema" in str(driver.why_not("csms_call", [], V16, raw=True))


STEVE = [
    ("RemoteStartTransaction", {"idTag": "A"}, {"idTag": "A"}),
    ("Reset", {"type": "Hard"}, {"resetType": "HARD"}),
    ("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}, {"connectorId": 0, "availType": "INOPERATIVE"}),
    (
        "ChangeConfiguration",
        {"key": "K", "value": "1"},
        {"keyType": "CUSTOM", "customConfKey": "K", "value": "1"},
    ),
    ("GetConfiguration", {"key": ["A", "B"]}, {"commaSeparatedCustomConfKeys": "A,B"}),
    ("TriggerMessage", {"requestedMessage": "Heartbeat"}, {"triggerMessage": "Heartbeat"}),
    ("GetCompositeSchedule", {"connectorId": 1, "duration": 60}, {"connectorId": 1, "durationInSeconds": 60}),
    ("ClearChargingProfile", {"stackLevel": 2}, {"filterType": "OtherParameters", "stackLevel": 2}),
    ("GetDiagnostics", {"location": "ftp://x"}, {"location": "ftp://x"}),
    (
        "GetLog",
        {"logType": "SecurityLog", "requestId": 1, "log": {"remoteLocation": "http://x"}},
        {"logType": "SecurityLog", "location": "http://x"},
    ),
    (
        "ExtendedTriggerMessage",
        {"requestedMessage": "SignChargePointCertificate"},
        {"triggerMessage": "SignChargePointCertificate"},
    ),
    (
        "InstallCertificate",
        {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"},
        {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"},
    ),
]


@pytest.mark.parametrize(("action", "payload", "form"), STEVE, ids=[action for action, _, _ in STEVE])
def test_steve(action: str, payload: Any, form: Mapping[str, Any]) -> None:
    """A form for one charge box."""
    options = {"user": "api", "password": "hush"}
    request, _ = sent(SteVe, options, order(V16, action, payload), httpx.Response(200, json={"taskId": 1}))
    assert request.url.path == f"/steve/api/v1/operations/{action}"
    assert request.headers["Authorization"] == "Basic YXBpOmh1c2g="
    assert json.loads(request.content) == {"chargeBoxIdList": ["cp001"], **form}


def test_what_steve_cannot_do() -> None:
    """Lists of cards that it does not know, numbers of reservations, other versions; its password is a secret."""
    driver = SteVe({"password": "hush"})
    assert driver.why_not("send_local_list", [], V16) == "SteVe has no send_local_list in OCPP 1.6"
    assert driver.why_not("reserve_now", ["id_tag", "reservation_id"], V16) == "SteVe reserves without reservation_id"
    assert driver.why_not("reset", [], V201) == "SteVe does not speak OCPP 2.0.1"
    assert driver.why_not("get_log", ["log", "since"], V16) == "SteVe is asked for logs without since"
    assert driver.why_not("update_firmware", [], V16) == "SteVe has no update_firmware in OCPP 1.6"
    with pytest.raises(BlockedError, match="ClearChargingProfile with id"):
        sent(SteVe, {}, order(V16, "ClearChargingProfile", {"id": 3}), httpx.Response(200))
    assert "hush" in driver.secrets


def test_the_runners_own() -> None:
    """A route for each verb, with the token."""
    answer = httpx.Response(202, json={"message_id": "m-1", "action": "Reset"})
    wanted = order(V16, "Reset", {"type": "Hard"}, "reset", type="Hard")
    request, message_id = sent(own, {"token": "t"}, wanted, answer)
    assert (str(request.url), message_id) == ("http://127.0.0.1:9080/stations/cp001/reset?raw=false", "m-1")
    assert (json.loads(request.content), request.headers["Authorization"]) == ({"type": "Hard"}, "Bearer t")
    assert set(own({}).operations) >= CALLING | {"csms_reply", "update_id_tokens", "begin_case"}


def test_the_hook() -> None:
    """Each by its kind; other kinds are left to others, wrong options told."""
    assert ocpplab_csms_driver("http", {}) is None
    for kind in ("citrineos", "steve", "ocpplab-csms"):
        driver = ocpplab_csms_driver(kind, {})
        assert driver is not None and set(driver.operations) >= CALLING
        with pytest.raises(ValueError, match="no option bas_url"):
            ocpplab_csms_driver(kind, {"bas_url": "x"})
