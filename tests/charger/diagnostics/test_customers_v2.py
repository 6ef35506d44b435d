"""What the station knows of a customer, in OCPP 2.x: N09 and N10."""

from __future__ import annotations

from typing import Any

from tests.charger.rig import V201, Rig, play

CARD = {"idToken": "CARD-1", "type": "ISO14443"}
CACHED = {"cache": {"CARD-1": "Accepted"}}


def told(given: dict[str, Any], **wanted: Any) -> list[str]:
    """The data of each NotifyCustomerInformation that follows a request."""

    async def scene(it: Rig) -> None:
        request = {"requestId": 7, "report": False, "clear": False, "idToken": CARD, **wanted}
        assert (await it.call("CustomerInformation", request))["status"] == "Accepted"

    return [message["data"] for message in play(scene, given=given, version=V201).sent("NotifyCustomerInformation")]


def test_what_is_cleared_is_told() -> None:
    """N10.FR.03: a customer is looked up before they are forgotten."""
    assert told(CACHED, report=True, clear=True) == ["authorization cache: CARD-1 Accepted"]


def test_nothing_is_known() -> None:
    """N09.FR.06, N10.FR.04: one message says that no data was found."""
    assert told({}, report=True) == ["no data was found"]
    assert told({}, report=True, clear=True) == ["no data was found"]


def test_a_clearing_that_nobody_wants_a_report_of() -> None:
    """N10.FR.06: one message says that the data was cleared, whether or not there was any."""
    assert told(CACHED, clear=True) == ["the data was cleared"]
    assert told({}, clear=True) == ["the data was cleared"]
