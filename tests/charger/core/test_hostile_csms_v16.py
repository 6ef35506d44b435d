"""A CSMS that sends nonsense: the charger answers or ignores it as OCPP-J says, and goes on."""

import asyncio
import json
from random import Random

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Call, CallError, CallResult, Direction
from tests.charger.rig import rig

CALLS = [
    ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}),
    ("ChangeAvailability", {"connectorId": 0, "type": "Operative"}),
    ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "600"}),
    ("ChangeConfiguration", {"key": "MeterValuesSampledData", "value": "Voltage"}),
    ("ChangeConfiguration", {"key": "ClockAlignedDataInterval", "value": "900"}),
    ("ClearCache", {}),
    ("DataTransfer", {"vendorId": "v", "data": "d"}),
    ("GetConfiguration", {"key": ["HeartbeatInterval", "x"]}),
    ("GetLocalListVersion", {}),
    ("RemoteStartTransaction", {"idTag": "A", "connectorId": 1}),
    ("RemoteStopTransaction", {"transactionId": 1}),
    ("Reset", {"type": "Soft"}),
    ("Reset", {"type": "Hard"}),
    (
        "SendLocalList",
        {
            "listVersion": 1,
            "updateType": "Full",
            "localAuthorizationList": [
                {"idTag": "A", "idTagInfo": {"status": "Accepted", "expiryDate": "2026-01-01T00:00:00Z"}}
            ],
        },
    ),
    ("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1}),
    ("TriggerMessage", {"requestedMessage": "BootNotification"}),
    ("UnlockConnector", {"connectorId": 1}),
    ("ReserveNow", {"connectorId": 1, "expiryDate": "2026-01-02T00:00:00", "idTag": "A", "reservationId": 1}),
    ("CancelReservation", {"reservationId": 1}),
    ("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": {}}),
]
VALUES = [
    None,
    True,
    -1,
    0,
    1,
    2**40,
    0.1,
    "",
    "x" * 600,
    "Accepted",
    "2026-13-45T00:00:00Z",
    [],
    {},
    [[]],
    "\u0000",
    "é",
]


def _mutated(random, value):
    """The value with something wrong in it, at any depth."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        changed = dict(value)
        key = random.choice(list(changed))
        what = random.random()
        if what < 0.2:
            del changed[key]
        elif what < 0.3:
            changed[key + "x"] = random.choice(VALUES)
        else:
            changed[key] = _mutated(random, changed[key])
        return changed
    if isinstance(value, list) and value and random.random() < 0.8:
        return [_mutated(random, value[0]), *value[1:]] * random.choice([1, 2])
    return random.choice(VALUES)


def _text(random, number):
    action, payload = random.choice(CALLS)
    kind = random.random()
    frame = [2, f"f{number}", action, payload]
    if kind < 0.25:
        return json.dumps(frame)
    if kind < 0.65:
        frame[3] = _mutated(random, payload)
        return json.dumps(frame)
    if kind < 0.75:
        frame[random.randrange(4)] = random.choice(VALUES)
        return json.dumps(frame)
    if kind < 0.85:
        return json.dumps(
            [random.choice([3, 4, 5, 6, 7]), f"f{number}", *([random.choice(VALUES)] * random.randrange(4))]
        )
    text = json.dumps(frame)
    cut = random.randrange(len(text))
    if kind < 0.95:
        return text[:cut] + random.choice(["", "[", "}", '"', "\u2028", "0"]) + text[cut + random.randrange(3) :]
    return "".join(chr(random.randrange(1, 0x2FF)) for _ in range(random.randrange(60)))


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_from_the_csms(seed):
    """A thousand random and mutated frames: no crash, and every readable call has one answer while it is connected."""

    async def main():
        crashes = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: crashes.append(context))
        random = Random(seed)
        async with rig({"evses": 2}) as it:
            for number in range(1000):
                while not it.charger.connected or it.session is None or it.session.closed:
                    await it.wait(5)
                it.session.send_raw(_text(random, number))
                if number % 10 == 0:
                    await it.do(*random.choice([("plug_connector",), ("unplug_connector",), ("clear_fault",)]))
                    await it.wait(random.choice([0, 1, 40]))
            await it.wait(100)
            assert crashes == []
            answered = [
                record.message.message_id
                for record in it.frames
                if record.direction is Direction.TO_CSMS and isinstance(record.message, CallResult | CallError)
            ]
            asked = [
                record.message.message_id
                for record in it.frames
                if record.direction is Direction.TO_CHARGER and isinstance(record.message, Call)
            ]
            assert len(answered) > 300
            lost = set(asked) - set(answered)
            assert not lost, lost
            assert await it.call("GetLocalListVersion")

    clock.run(main())
