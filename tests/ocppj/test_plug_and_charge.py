"""The messages of Plug & Charge in 1.6: what is one, and what its answer says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocpplab_runner.ocppj.plug_and_charge import (
    VENDOR,
    Exchange,
    answered,
    emaid,
    exchange,
    request,
    response,
    wrong_request,
)

HASH = {"hashAlgorithm": "SHA256", "issuerNameHash": "n", "issuerKeyHash": "k", "serialNumber": "1"}


def test_a_message_is_json_text_under_the_name_of_the_application_note() -> None:
    """TriggerMessage has no fields, and no text."""
    assert request("SignCertificate", {"csr": "x"}) == {
        "vendorId": "org.openchargealliance.iso15118pnc",
        "messageId": "SignCertificate",
        "data": '{"csr":"x"}',
    }
    assert request("TriggerMessage", {}) == {"vendorId": VENDOR, "messageId": "TriggerMessage"}
    assert response({"status": "Rejected"}) == {"status": "Accepted", "data": '{"status":"Rejected"}'}


@pytest.mark.parametrize(
    ("message", "data", "wrong"),
    [
        ("TriggerMessage", {}, None),
        ("SignCertificate", {"csr": "x"}, None),
        ("SignCertificate", {}, "csr"),
        ("SignCertificate", {"csr": "x" * 5501}, "csr"),
        ("InstallCertificate", {"certificateType": "MORootCertificate", "certificate": "x"}, None),
        (
            "InstallCertificate",
            {"certificateType": "CSMSRootCertificate", "certificate": "x"},
            "no CSMSRootCertificate",
        ),
        ("GetInstalledCertificateIds", {}, None),
        ("GetInstalledCertificateIds", {"certificateType": ["V2GCertificateChain", "V2GRootCertificate"]}, None),
        ("GetInstalledCertificateIds", {"certificateType": ["ManufacturerRootCertificate"]}, "no ManufacturerRoot"),
        ("GetInstalledCertificateIds", {"certificateType": ["Nothing"]}, "certificateType"),
        ("DeleteCertificate", {"certificateHashData": HASH}, None),
        ("DeleteCertificate", {"certificateHashData": {**HASH, "serialNumber": 1}}, "serialNumber"),
        ("Authorize", {"idToken": "DE-AB1-C00000001"}, None),
        ("Authorize", {"idToken": {"idToken": "DE-AB1-C00000001", "type": "eMAID"}, "certificate": "PEM"}, None),
        ("Authorize", {"idToken": 5}, "idToken"),
        ("Authorize", {}, "idToken"),
        ("Authorize", {"idToken": "A", "iso15118CertificateHashData": [HASH]}, "responderURL"),
    ],
)
def test_a_message_is_judged_by_its_fields(message: str, data: dict[str, Any], wrong: str | None) -> None:
    """As 2.0.1 judges its own."""
    told = wrong_request(message, data)
    assert told is None if wrong is None else told is not None and wrong in told


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"status": "Rejected"}, "answered Rejected"),
        ({"status": "UnknownMessageId", "data": '{"status":"Accepted"}'}, "answered UnknownMessageId"),
        ({"status": "Accepted"}, "no JSON object"),
        ({"status": "Accepted", "data": "[]"}, "no JSON object"),
        ({"status": "Accepted", "data": "{}"}, "does not fit"),
        ({"status": "Accepted", "data": '{"status":"Perhaps"}'}, "does not fit"),
    ],
)
def test_an_answer_that_says_nothing_is_none(payload: dict[str, Any], told: str) -> None:
    """And a DataTransfer with it shows nothing."""
    with pytest.raises(ValueError, match=told):
        answered("SignCertificate", payload)
    assert exchange(request("SignCertificate", {"csr": "x"}), payload) is None


@pytest.mark.parametrize(
    "info",
    [
        {"groupIdToken": {"idToken": "GROUP", "type": "Central"}, "cacheExpiryDateTime": "2030-01-01T00:00:00Z"},
        {"groupIdToken": "GROUP", "cacheExpiryDateTime": "2030-01-01T00:00:00Z"},
        {"parentIdTag": "GROUP", "expiryDate": "2030-01-01T00:00:00Z"},
    ],
)
def test_a_verdict_may_be_spelled_as_in_any_version(info: dict[str, Any]) -> None:
    """Implementations differ, and all mean the same."""
    told = {"idTokenInfo": {"status": "Accepted", **info}, "certificateStatus": "Accepted"}
    assert answered("Authorize", {"status": "Accepted", "data": json.dumps(told)}) == {
        "idTokenInfo": {
            "status": "Accepted",
            "groupIdToken": {"idToken": "GROUP", "type": "Central"},
            "cacheExpiryDateTime": "2030-01-01T00:00:00Z",
        },
        "certificateStatus": "Accepted",
    }


def test_an_exchange_is_of_this_vendor_and_one_of_its_messages() -> None:
    """What was taken and fits; the eMAID stays as it was written."""
    asked, said = request("Authorize", {"idToken": "A"}), response({"idTokenInfo": {"status": "Accepted"}})
    told = exchange(asked, said)
    assert told == Exchange("Authorize", {"idToken": "A"}, {"idTokenInfo": {"status": "Accepted"}})
    assert emaid(told.data) == emaid({"idToken": {"idToken": "A", "type": "eMAID"}}) == "A"
    assert exchange({**asked, "vendorId": "org.example"}, said) is None
    assert exchange({**asked, "messageId": "Heartbeat"}, said) is None
    assert exchange({**asked, "data": "{}"}, said) is None
    assert exchange({**asked, "data": "no JSON"}, said) is None
    assert exchange(request("TriggerMessage", {}), response({"status": "Accepted"})) is not None
