"""Security events: what is written down, what is sent, and when."""

from __future__ import annotations

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.core.services.security import SECURITY
from ocpplab_runner.vocabulary.security_events import SECURITY_EVENTS, neutral_name, wire_name
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.rig import Rig, error, rig

SECURE = {"security_profile": 0}
ALL = tuple(OcppVersion)


def events(it: Rig) -> list[str]:
    """The types of what was sent."""
    return [payload["type"] for payload in it.sent("SecurityEventNotification")]


def log(it: Rig) -> list[str]:
    """The events of the security log."""
    return [entry.event for entry in it.charger.context.ask(SECURITY).log]


@pytest.mark.parametrize("version", ALL)
def test_a_boot_is_told_after_it_was_accepted_and_a_reset_is_another_thing(version: OcppVersion) -> None:
    """StartupOfTheDevice, ResetOrReboot."""

    async def main() -> None:
        async with rig(SECURE, version=version) as it:
            assert events(it) == ["StartupOfTheDevice"]
            assert it.actions().index("SecurityEventNotification") > it.actions().index("BootNotification")
            kind = "Soft" if version is OcppVersion.V16 else "OnIdle"
            assert (await it.call("Reset", type=kind))["status"] == "Accepted"
            await it.wait(5)
            assert events(it) == ["StartupOfTheDevice", "ResetOrReboot"]
            await it.do("power", off_for="10s")
            await it.wait(20)
            assert events(it)[2:] == ["StartupOfTheDevice"]

    clock.run(main())


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("event", sorted(SECURITY_EVENTS))
def test_each_event_is_logged_and_the_critical_ones_are_sent(version: OcppVersion, event: str) -> None:
    """By the name that the version has for it, with what there is to say."""

    async def main() -> None:
        async with rig(SECURE, version=version) as it:
            it.forget()
            await it.do("security_event", type=event, info="x" * 300)
            assert log(it)[-1] == event
            told = it.sent("SecurityEventNotification")
            assert bool(told) is SECURITY_EVENTS[event].told
            for payload in told:
                assert payload["type"] == wire_name(event, version)
                assert neutral_name(payload["type"]) == event
                assert payload["timestamp"] == clock.timestamp()
                assert payload.get("techInfo", "x" * 255) == "x" * 255

    clock.run(main())


def test_what_happens_offline_is_told_later_in_its_order_with_its_time() -> None:
    """A04.FR.02: none is lost, also not by a loss of power."""

    async def main() -> None:
        async with rig(SECURE) as it:
            it.forget()
            await it.do("network", state="down")
            await it.do("security_event", type="TamperDetectionActivated")
            moment = clock.timestamp()
            await it.wait(5)
            await it.do("security_event", type="MemoryExhaustion")
            await it.do("power", state="off")
            await it.do("power", state="on")
            assert events(it) == []
            await it.do("network", state="up")
            await it.wait(1)
            assert events(it) == ["TamperDetectionActivated", "MemoryExhaustion", "StartupOfTheDevice"]
            assert it.sent("SecurityEventNotification")[0]["timestamp"] == moment

    clock.run(main())


def test_what_was_not_answered_goes_again_and_what_was_refused_does_not() -> None:
    """One at a time; the order stays."""

    async def main() -> None:
        async with rig(SECURE) as it:
            it.forget()
            await it.do("network", state="down")
            await it.do("security_event", type="TamperDetectionActivated")
            await it.do("security_event", type="MemoryExhaustion")
            await it.do("network", state="up")
            await it.wait(1)
            assert events(it) == ["TamperDetectionActivated", "MemoryExhaustion"]
            it.answers["SecurityEventNotification"] = error("NotImplemented")
            await it.do("security_event", type="FirmwareUpdated")
            await it.wait(300)
            assert events(it) == ["TamperDetectionActivated", "MemoryExhaustion", "FirmwareUpdated"]

    clock.run(main())


def test_a_clock_that_is_set_is_told() -> None:
    """SettingSystemTime; a clock that agrees is not set."""

    async def main() -> None:
        async with rig(SECURE) as it:
            it.forget()
            await it.call("TriggerMessage", requestedMessage="Heartbeat")
            assert events(it) == []
            it.answers["Heartbeat"] = {"currentTime": "2026-05-01T00:00:00Z"}
            await it.call("TriggerMessage", requestedMessage="Heartbeat")
            assert events(it) == ["SettingSystemTime"]
            assert it.sent("SecurityEventNotification")[0]["timestamp"].startswith("2026-05-01T00:00:00")

    clock.run(main())


def test_a_cleared_log_says_so() -> None:
    """And holds nothing else."""

    async def main() -> None:
        async with rig(SECURE) as it:
            assert log(it) == ["StartupOfTheDevice"]
            await it.do("security_event", type="SecurityLogWasCleared")
            assert log(it) == ["SecurityLogWasCleared"]
            assert events(it)[-1] == "SecurityLogWasCleared"

    clock.run(main())


@pytest.mark.parametrize("version", ALL)
def test_a_station_that_was_given_no_profile_tells_of_nothing_ordinary(version: OcppVersion) -> None:
    """It logs its boots; what endangers it is told all the same."""

    async def main() -> None:
        async with rig(version=version) as it:
            await it.do("power", off_for="5s")
            await it.wait(10)
            assert events(it) == []
            assert log(it) == ["StartupOfTheDevice", "StartupOfTheDevice"]
            await it.do("security_event", type="TamperDetectionActivated")
            assert events(it) == ["TamperDetectionActivated"]

    clock.run(main())
