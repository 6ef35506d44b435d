"""What a CSMS may say though hardly anybody does: dates at the edge of time, integers written 1.0, giant intervals."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import CallError
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import rig

V16, V201 = OcppVersion.V16, OcppVersion.V201
TOKEN = {"idToken": "A", "type": "ISO14443"}


@pytest.mark.parametrize("version", [V16, V201])
@pytest.mark.parametrize(
    ("expiry", "status"),
    [
        ("2026-06-30T23:59:60Z", "Accepted"),
        ("2026-06-01t12:00:00z", "Accepted"),
        ("9999-12-31T23:59:59.999999999Z", "Accepted"),
        ("9999-12-31T23:59:59-23:59", "Accepted"),
        ("0001-01-01T00:00:00+23:59", "Rejected"),
        ("0000-01-01T00:00:00Z", "Rejected"),
    ],
)
def test_reservations_until_any_moment(version: OcppVersion, expiry: str, status: str) -> None:
    """RFC 3339 has leap seconds, lower case letters and a year 0: none of them is the charger's undoing."""

    async def main() -> None:
        async with rig(version=version) as it:
            payload: dict[str, Any] = {"connectorId": 1, "reservationId": 1, "idTag": "A", "expiryDate": expiry}
            if version is V201:
                payload = {"evseId": 1, "id": 1, "idToken": TOKEN, "expiryDateTime": expiry}
            answer = await it.call("ReserveNow", **payload)
            assert not isinstance(answer, CallError), answer
            assert answer["status"] == status

    clock.run(main())


@pytest.mark.parametrize("version", [V16, V201])
def test_a_local_list_entry_that_expired_in_the_year_zero(version: OcppVersion) -> None:
    """An expiry date before all dates is one that has passed."""

    async def main() -> None:
        async with rig(version=version) as it:
            info = {"status": "Accepted", "expiryDate": "0000-01-01T00:00:00Z"}
            payload: dict[str, Any] = {"listVersion": 1, "localAuthorizationList": [{"idTag": "A", "idTagInfo": info}]}
            if version is V201:
                info = {"status": "Accepted", "cacheExpiryDateTime": "0000-01-01T00:00:00Z"}
                payload = {"versionNumber": 1, "localAuthorizationList": [{"idToken": TOKEN, "idTokenInfo": info}]}
            assert await it.call("SendLocalList", updateType="Full", **payload) == {"status": "Accepted"}

    clock.run(main())


@pytest.mark.parametrize("interval", [2**31, 2**63, 2**64 - 1])
@pytest.mark.parametrize("version", [V16, V201])
def test_a_boot_with_a_giant_interval(version: OcppVersion, interval: int) -> None:
    """An interval beyond what a heartbeat interval may be is one beyond the end of the test; the boot counts."""
    boot = {"status": "Accepted", "currentTime": "2026-01-01T00:00:00Z", "interval": interval}

    async def main() -> None:
        async with rig(version=version, answers={"BootNotification": boot}) as it:
            assert it.charger.booted
            assert it.charger.context.variables.integer("heartbeat_interval") == 2**31 - 1

    clock.run(main())


@pytest.mark.parametrize("status", ["Pending", "Accepted"])
def test_an_interval_that_is_written_with_a_fraction(status: str) -> None:
    """To JSON Schema draft 6 the number 20.0 is an integer."""
    boot = {"status": status, "currentTime": "2026-01-01T00:00:00Z", "interval": 20.0}

    async def main() -> None:
        async with rig(version=V201, answers={"BootNotification": boot}) as it:
            assert it.charger.booted is (status == "Accepted")
            await asyncio.sleep(20)
            await clock.settled()
            assert it.actions().count("BootNotification" if status == "Pending" else "Heartbeat") >= 1

    clock.run(main())


@pytest.mark.parametrize(
    ("action", "payload", "status"),
    [
        ("UnlockConnector", {"evseId": 1.0, "connectorId": 1.0}, "Unlocked"),
        ("UnlockConnector", {"evseId": 1.0, "connectorId": 2.0}, "UnknownConnector"),
        ("ChangeAvailability", {"operationalStatus": "Operative", "evse": {"id": 1.0, "connectorId": 1.0}}, "Accepted"),
        ("RequestStartTransaction", {"evseId": 1.0, "remoteStartId": 7.0, "idToken": TOKEN}, "Accepted"),
        (
            "ReserveNow",
            {"evseId": 1.0, "id": 1.0, "idToken": TOKEN, "expiryDateTime": "2026-06-01T12:00:00Z"},
            "Accepted",
        ),
        (
            "TriggerMessage",
            {"requestedMessage": "StatusNotification", "evse": {"id": 1.0, "connectorId": 1.0}},
            "Accepted",
        ),
    ],
)
def test_numbers_of_evses_that_are_written_with_a_fraction(action: str, payload: dict[str, Any], status: str) -> None:
    """To JSON Schema draft 6 the number 1.0 is an integer, so EVSE 1.0 is EVSE 1."""

    async def main() -> None:
        async with rig(version=V201) as it:
            answer = await it.call(action, **payload)
            assert not isinstance(answer, CallError), answer
            assert answer["status"] == status

    clock.run(main())
