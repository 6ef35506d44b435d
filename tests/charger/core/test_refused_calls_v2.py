"""Calls that a 2.x station does not do."""

from __future__ import annotations

from typing import Any

import pytest

from ocpplab_runner.ocppj.validation import actions, validate_request
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, is_error, play


def test_what_is_not_built_says_so() -> None:
    """Every CSMS action that the station has not is answered NotSupported, never faked."""

    async def scene(it: Rig) -> None:
        unbuilt = {
            "RequestBatterySwap": {"requestId": 1, "idToken": {"idToken": "A", "type": "ISO14443"}},
        }
        for action, payload in unbuilt.items():
            assert action in actions(OcppVersion.V21)
            assert validate_request(OcppVersion.V21, action, payload) is None, action
            assert is_error(await it.call(action, payload), "NotSupported"), action

    play(scene, version=OcppVersion.V21)


@pytest.mark.parametrize(
    ("missing", "action", "payload"),
    [
        ("LocalAuthListManagement", "GetLocalListVersion", {}),
        ("RemoteTrigger", "TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("Reservation", "CancelReservation", {"reservationId": 1}),
    ],
)
def test_a_station_without_a_feature(missing: str, action: str, payload: dict[str, Any]) -> None:
    """What ``features`` leaves out is not supported."""

    async def scene(it: Rig) -> None:
        assert is_error(await it.call(action, payload), "NotSupported")

    features = [f for f in ("Core", "LocalAuthListManagement", "RemoteTrigger", "Reservation") if f != missing]
    play(scene, given={"features": features})
