"""What OCPP tells of the reservations of a station, and of contract certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.targets.station.certificate_verdicts import CertificateVerdicts
from ocpplab_runner.targets.station.reservation_news import ReservationNews


def frame(
    action: str, payload: Any, *, kind: str = "call", to_csms: bool = True, number: str = "1", **more: Any
) -> Any:
    """A frame as an observation."""
    fields = {
        "direction": "to_csms" if to_csms else "to_charger",
        "type": kind,
        "message_id": number,
        "payload": payload,
        **more,
    }
    return Observation("frame", action, "charger", 0.0, fields)


def _asked(action: str, payload: Any, status: str) -> Mapping[str, Any] | None:
    news = ReservationNews()
    assert news.read(frame(action, payload, to_csms=False)) is None, "asked for is not done"
    return news.read(frame(action, {"status": status}, kind="result"))


@pytest.mark.parametrize(
    ("action", "payload", "fact"),
    [
        ("ReserveNow", {"reservationId": 7, "connectorId": 2}, {"is": "Placed", "reservation_id": 7, "evse_id": 2}),
        ("ReserveNow", {"reservationId": 7, "connectorId": 0}, {"is": "Placed", "reservation_id": 7}),
        ("ReserveNow", {"id": 7, "evseId": 2}, {"is": "Placed", "reservation_id": 7, "evse_id": 2}),
        ("ReserveNow", {"id": 7}, {"is": "Placed", "reservation_id": 7}),
        ("CancelReservation", {"reservationId": 7}, {"is": "Cancelled", "reservation_id": 7}),
    ],
)
def test_an_accepted_request_is_news(action: str, payload: Any, fact: Any) -> None:
    """Of either version; a refused one is none."""
    assert _asked(action, payload, "Accepted") == fact
    assert _asked(action, payload, "Rejected") is None


@pytest.mark.parametrize(
    ("action", "payload", "place"),
    [
        ("StartTransaction", {"connectorId": 1, "reservationId": 7}, 1),
        ("TransactionEvent", {"evse": {"id": 2}, "reservationId": 7}, 2),
    ],
)
def test_a_transaction_uses_a_reservation_once(action: str, payload: Any, place: int) -> None:
    """Later messages of the transaction repeat the number; a new reservation of that number can be used again."""
    news = ReservationNews()
    assert news.read(frame(action, payload)) == {"is": "Used", "reservation_id": 7, "evse_id": place}
    assert news.read(frame(action, payload)) is None
    news.read(frame("ReserveNow", {"id": 7}, to_csms=False, number="2"))
    assert news.read(frame(action, payload)) is not None


@pytest.mark.parametrize(("told", "fact"), [("Removed", "Removed"), ("Expired", "Expired"), ("NoTransaction", None)])
def test_the_station_tells_of_an_end(told: str, fact: str | None) -> None:
    """Two of the three statuses are ends of the language."""
    read = ReservationNews().read(
        frame("ReservationStatusUpdate", {"reservationId": 7, "reservationUpdateStatus": told})
    )
    assert read == (None if fact is None else {"is": fact, "reservation_id": 7})


def test_a_message_that_breaks_its_schema_is_no_news() -> None:
    """As everywhere."""
    update = {"reservationId": "7", "reservationUpdateStatus": "Removed"}
    assert ReservationNews().read(frame("ReservationStatusUpdate", update, invalid="reservationId: a text")) is None


def test_the_csms_says_something_of_a_certificate() -> None:
    """With its verdict on the contract; where it says nothing there is no fact."""
    verdicts = CertificateVerdicts()
    asked = {"idToken": {"idToken": "DEAB1C1", "type": "eMAID"}, "certificate": "c"}
    verdicts.read(frame("Authorize", asked))
    told = {"idTokenInfo": {"status": "Invalid"}, "certificateStatus": "CertificateRevoked"}
    fact = verdicts.read(frame("", told, kind="result", to_csms=False))
    assert fact == {"is": "CertificateRevoked", "id_tag": "DEAB1C1"}
    verdicts.read(frame("Authorize", asked, number="2"))
    plain = frame("", {"idTokenInfo": {"status": "Accepted"}}, kind="result", to_csms=False, number="2")
    assert verdicts.read(plain) is None
