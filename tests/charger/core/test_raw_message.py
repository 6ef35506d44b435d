"""Messages that a scenario sends as they are, and answers that it gives instead of the station."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj.records import Direction
from tests.charger.rig import is_error, rig


@pytest.mark.parametrize(
    ("action", "payload", "sent"),
    [
        ("heartbeat", {}, ("Heartbeat", {})),
        (
            "data_transfer",
            {"vendor_id": "V", "messageId": "m"},
            ("DataTransfer", {"vendorId": "V", "messageId": "m"}),
        ),
        (
            "meter_values",
            {
                "connector_id": 1,
                "meter_value": [{"timestamp": "2026-01-01T00:00:00Z", "sampled_value": [{"value": "1"}]}],
            },
            (
                "MeterValues",
                {
                    "connectorId": 1,
                    "meterValue": [{"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": "1"}]}],
                },
            ),
        ),
    ],
)
def test_proxy_message(action, payload, sent):
    """Actions and keys may be written in snake_case, at every depth."""

    async def main():
        async with rig() as it:
            it.forget()
            result = await it.do("proxy_message", action=action, payload=payload)
            assert result.detail["action"] == sent[0]
            assert [(m.action, m.payload) for m in it.messages()] == [sent]
            assert it.messages()[0].message_id == result.detail["message_id"]

    clock.run(main())


def test_raw_proxy_message_goes_out_wrong_as_it_is():
    """With raw a payload that breaks its schema reaches the wire, and the record says so."""

    async def main():
        async with rig() as it:
            await it.charger.perform("proxy_message", {"action": "MakeCoffee", "payload": {"cups": 2}}, raw=True)
            await clock.settled()
            record = it.frames[-2]
            assert (record.action, record.breach is not None) == ("MakeCoffee", True)
            it.frames.clear()

    clock.run(main())


@pytest.mark.parametrize("binary", [False, True])
def test_proxied_text_goes_out_as_it_stands(binary):
    """It is a message of its own even while a call is unanswered; a CALL is known by the id that it has."""

    async def main():
        async with rig() as it:
            texts = ["no OCPP-J", '[2,"mine","Heartbeat",{}]', '[3,"nobody\'s",{}]']
            results = [await it.do("proxy_message", text=text, binary=binary) for text in texts]
            assert [result.detail for result in results] == [{}, {"message_id": "mine", "action": "Heartbeat"}, {}]
            await clock.settled()
            assert [frame.text for frame in it.frames if frame.direction is Direction.TO_CSMS][-3:] == texts
            it.frames.clear()

    clock.run(main())


def test_proxied_text_must_be_one_that_a_socket_carries():
    """A lone surrogate has no UTF-8."""

    async def main():
        async with rig() as it:
            assert (await it.do("proxy_message", text="\ud800")).reason == "the text cannot be written as UTF-8"

    clock.run(main())


def test_proxy_message_needs_a_connection():
    """Offline a proxied message is refused, it is not queued."""

    async def main():
        async with rig() as it:
            await it.do("network", state="down")
            result = await it.do("proxy_message", action="Heartbeat", payload={})
            assert result.reason == "the charger is not connected"

    clock.run(main())


def test_programmed_payload_stands_for_a_station_that_did_nothing():
    """A programmed answer takes the place of the deed; a patch or a delay changes only the answer."""

    async def main():
        async with rig() as it:
            await it.do("charger_reply", to="Reset", payload={"status": "Rejected"})
            assert await it.call("Reset", type="Hard") == {"status": "Rejected"}
            await it.wait(60)
            assert it.actions().count("BootNotification") == 1
            await it.do("charger_reply", to="ChangeAvailability", patch={"status": "Scheduled"})
            assert await it.call("ChangeAvailability", connectorId=1, type="Inoperative") == {"status": "Scheduled"}
            assert it.statuses()[-1] == "Unavailable"
            await it.do("charger_reply", to="ChangeAvailability", delay="7s")
            before = clock.now()
            assert await it.call("ChangeAvailability", connectorId=1, type="Operative") == {"status": "Accepted"}
            assert clock.now() - before == 7.0
            assert it.statuses()[-1] == "Available"

    clock.run(main())


def test_programmed_error_silence_garbage_and_matching():
    """Errors, silence and garbage, each as often as told and only for calls that match."""

    async def main():
        async with rig() as it:
            await it.do("charger_reply", to="GetConfiguration", error="GenericError", times=2)
            for _ in range(2):
                assert is_error(await it.call("GetConfiguration"), "GenericError")
            assert "configurationKey" in await it.call("GetConfiguration")
            await it.do("charger_reply", to="Reset", error="SecurityError", matching={"type": "Hard"})
            assert is_error(await it.call("Reset", type="Hard"), "SecurityError")
            for fields in ({"silence": True}, {"garbage": "?!"}):
                await it.do("charger_reply", to="ClearCache", **fields)
                sent = it.session.enqueue("ClearCache", {})
                await it.wait(31)
                assert sent.future.exception() is not None
            assert it.frames[-1].text == "?!"

    clock.run(main())
