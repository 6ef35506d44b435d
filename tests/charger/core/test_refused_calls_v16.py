"""Calls that a 1.6 station does not do."""

import pytest

from ocpplab_runner import clock
from tests.charger.rig import is_error, rig


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("MakeCoffee", {}, "NotImplemented"),
        ("Reset", {"type": "Gently"}, "PropertyConstraintViolation"),
    ],
)
def test_what_the_station_does_not_do(action, payload, code):
    """What is not built, unknown or wrong is answered with the right CALLERROR."""

    async def main():
        async with rig() as it:
            assert is_error(await it.call(action, **payload), code)

    clock.run(main())


@pytest.mark.parametrize(
    ("feature", "action", "payload"),
    [
        ("RemoteTrigger", "TriggerMessage", {"requestedMessage": "Heartbeat"}),
        ("Reservation", "CancelReservation", {"reservationId": 1}),
    ],
)
def test_absent_profile(feature, action, payload):
    """A call of a profile that the station does not have is NotSupported."""

    async def main():
        features = sorted({"Core", "RemoteTrigger", "Reservation"} - {feature})
        async with rig({"features": features}) as it:
            assert is_error(await it.call(action, **payload), "NotSupported")

    clock.run(main())
