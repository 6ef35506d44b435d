"""What an end agrees on with vendors: one table for both ends and all versions."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.vocabulary.vendors import Vendors
from ocpplab_runner.vocabulary.versions import OcppVersion

V16, V201 = OcppVersion.V16, OcppVersion.V201
GIVEN = {
    "org.example": {
        "hello": "Accepted",
        "price": {"data": {"kwh": 0.3}},
        "later": {"status": "Rejected", "data": "tomorrow"},
        "empty": {},
    },
    "org.open": {"*": {"data": "whatever"}, "closed": "Rejected"},
    "org.silent": {},
}


@pytest.mark.parametrize(
    ("vendor", "message", "answer"),
    [
        ("org.example", "hello", {"status": "Accepted"}),
        ("org.example", "empty", {"status": "Accepted"}),
        ("org.example", "later", {"status": "Rejected", "data": "tomorrow"}),
        ("org.example", "Hello", {"status": "UnknownMessageId"}),
        ("org.example", None, {"status": "Rejected"}),
        ("org.open", "anything", {"status": "Accepted", "data": "whatever"}),
        ("org.open", None, {"status": "Accepted", "data": "whatever"}),
        ("org.open", "closed", {"status": "Rejected"}),
        ("org.silent", "hello", {"status": "UnknownMessageId"}),
        ("org.silent", None, {"status": "Rejected"}),
        ("org.nobody", "hello", {"status": "UnknownVendorId"}),
        ("org.nobody", None, {"status": "UnknownVendorId"}),
    ],
)
@pytest.mark.parametrize("version", OcppVersion)
def test_answers(version: OcppVersion, vendor: str, message: str | None, answer: dict[str, Any]) -> None:
    """An unknown vendor comes before an unknown message, and neither has data (1.6 section 4.3, 2.x P01)."""
    request = {"vendorId": vendor, **({} if message is None else {"messageId": message})}
    assert Vendors.from_given(GIVEN).answer(request, version) == answer


def test_data_is_text_in_16() -> None:
    """What has a structure goes as JSON."""
    vendors, request = Vendors.from_given(GIVEN), {"vendorId": "org.example", "messageId": "price"}
    assert vendors.answer(request, V16) == {"status": "Accepted", "data": '{"kwh":0.3}'}
    assert vendors.answer(request, V201) == {"status": "Accepted", "data": {"kwh": 0.3}}


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ([], "vendors"),
        ({"v": "Accepted"}, "v"),
        ({"v": {"m": "UnknownVendorId"}}, "UnknownVendorId"),
        ({"v": {"m": {"state": "Accepted"}}}, "state"),
        ({"v": {"m": 7}}, "m"),
    ],
)
def test_what_is_no_agreement(given: Any, word: str) -> None:
    """The text names what is wrong."""
    with pytest.raises(ValueError, match=word):
        Vendors.from_given(given)
