"""Firmware updates in OCPP 1.6: sections 4.5 and 6.19."""

import json

import pytest

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.charger.persistence import recall, remember
from ocpplab_runner.transfers.shelf import Trouble
from tests.charger.files import BASE, files
from tests.charger.rig import rig

NOW = "2026-01-01T00:00:00Z"
GOOD = (None, Trouble())


def _statuses(it):
    return [payload["status"] for payload in it.sent("FirmwareStatusNotification")]


async def _update(it, file="new", **more):
    return await it.call("UpdateFirmware", location=f"{BASE}/files/{file}", retrieveDate=NOW, **more)


async def _triggered(it):
    it.forget()
    await it.call("TriggerMessage", requestedMessage="FirmwareStatusNotification")
    return _statuses(it)


def test_an_update_from_the_request_to_the_boot():
    """Every status in its order; the new version is told by the boot that follows, and Installed after it."""

    async def main():
        async with files(new=GOOD), rig({"firmware": {"install_takes": "10s"}}) as it:
            it.forget()
            assert await _update(it) == {}
            await it.wait(0)
            assert _statuses(it) == ["Downloading", "Downloaded", "Installing"]
            assert it.statuses() == ["Unavailable"]
            await it.wait(9.9)
            assert "BootNotification" not in it.actions()
            await it.wait(2)
            assert it.sent("BootNotification")[0]["firmwareVersion"] == "2.0.0"
            assert it.actions()[-1] == "FirmwareStatusNotification"
            assert _statuses(it)[3:] == ["Installed"]
            assert it.statuses()[-1] == "Available"
            assert await _triggered(it) == ["Idle"]

    clock.run(main())


@pytest.mark.parametrize(("retries", "attempts"), [(None, 1), (0, 1), (1, 1), (3, 3)])
def test_attempts(retries, attempts):
    """``retries`` says how often it is tried before it is given up; the pause between them is the CSMS's."""

    async def main():
        more = {} if retries is None else {"retries": retries, "retryInterval": 30}
        async with files(new=(None, Trouble(status=404))) as served, rig() as it:
            await _update(it, **more)
            await it.wait(300)
            assert [at for at, *_ in served.told] == [30.0 * number for number in range(attempts)]
            assert _statuses(it) == ["Downloading", "DownloadFailed"]
            assert await _triggered(it) == ["Idle"]

    clock.run(main())


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:1/new", "gopher://127.0.0.1/new", "http://", "http://h:99999/"],
)
def test_what_cannot_be_fetched(location):
    """Nobody listens, or it is no URL: the download fails, and nothing else of the station."""

    async def main():
        async with rig() as it:
            assert await it.call("UpdateFirmware", location=location, retrieveDate=NOW) == {}
            await it.wait(1)
            assert _statuses(it) == ["Downloading", "DownloadFailed"]

    clock.run(main())


def test_a_file_that_comes_in_part_is_none():
    """The connection breaks before the announced length."""

    async def main():
        async with files(new=(None, Trouble(cut_after=900))) as served, rig() as it:
            await _update(it)
            await it.wait(1)
            assert _statuses(it) == ["Downloading", "DownloadFailed"]
            assert served.told[0][2] == {"is": "cut", "file": "new"}

    clock.run(main())


@pytest.mark.parametrize("workings", [{"install": "fails"}, {"verification": "fails"}])
def test_an_installation_that_fails(workings):
    """1.6 has one word for it; the station goes on with what it has, and is in service again."""

    async def main():
        async with files(new=GOOD), rig() as it:
            assert (await it.do("firmware", **workings)).status == "done"
            it.forget()
            await _update(it)
            await it.wait(60)
            assert _statuses(it) == ["Downloading", "Downloaded", "Installing", "InstallationFailed"]
            assert it.statuses() == ["Unavailable", "Available"]
            assert "BootNotification" not in it.actions()
            assert it.charger.context.equipment.firmware_version == "1.0.0"

    clock.run(main())


def test_an_empty_file_is_not_installed():
    """It came whole, and is no firmware."""

    async def main():
        async with files(new=(b"", Trouble())), rig() as it:
            await _update(it)
            await it.wait(60)
            assert _statuses(it)[-1] == "InstallationFailed"

    clock.run(main())


def test_firmware_of_another_make_is_called_after_its_file():
    """A CSMS may serve any file; no more than 50 characters fit (section 6.3)."""

    async def main():
        name = "other-" + "x" * 60
        async with files(**{name: (b"\x00\x01", Trouble())}), rig() as it:
            await _update(it, name)
            await it.wait(60)
            assert it.sent("BootNotification")[-1]["firmwareVersion"] == name[:50]

    clock.run(main())


def test_who_charges_is_waited_for():
    """Nobody else begins meanwhile, and what the CSMS asks for is told as it is."""

    async def main():
        async with files(new=GOOD), rig({"evses": 2}) as it:
            await it.do("start_session", id_tag="A", evse_id=1)
            it.forget()
            await _update(it)
            await it.wait(3600)
            assert _statuses(it) == ["Downloading", "Downloaded"]
            assert (it.statuses(1), it.statuses(2)) == ([], ["Unavailable"])
            assert await it.call("RemoteStartTransaction", idTag="B", connectorId=2) == {"status": "Rejected"}
            assert await _triggered(it) == ["Downloaded"]
            await it.do("stop_session", evse_id=1)
            assert _statuses(it)[-1] == "Installing"
            await it.wait(60)
            assert _statuses(it)[-1] == "Installed"

    clock.run(main())


def test_a_date_ahead_is_waited_for():
    """Nothing is fetched before ``retrieveDate``."""

    async def main():
        async with files(new=GOOD) as served, rig() as it:
            await it.call("UpdateFirmware", location=f"{BASE}/files/new", retrieveDate="2026-01-01T01:00:00Z")
            await it.wait(3599)
            assert _statuses(it) == []
            await it.wait(1)
            assert _statuses(it)[:1] == ["Downloading"]
            assert served.told[0][0] == 3600.0

    clock.run(main())


def test_another_update_takes_the_place_of_one_that_is_fetched():
    """Section 6.19 says nothing of it: the later wish counts, until the earlier is being installed."""

    async def main():
        async with files(slow=(None, Trouble(takes=60)), new=GOOD) as served, rig() as it:
            await _update(it, "slow")
            await it.wait(10)
            assert await _triggered(it) == ["Downloading"]
            await _update(it)
            await it.wait(1)
            assert _statuses(it)[-1] == "Installing"
            await _update(it, "slow")
            await it.wait(120)
            assert _statuses(it)[-1] == "Installed"
            assert [fields["file"] for _, _, fields in served.told if fields["is"] == "served"] == ["new"]

    clock.run(main())


def test_no_network_no_file():
    """What happens without a network is told when it is back, in its order."""

    async def main():
        async with files(new=(None, Trouble(takes=60))), rig() as it:
            await _update(it, retries=2, retryInterval=60)
            await it.wait(10)
            await it.do("network", state="down")
            await it.wait(300)
            assert _statuses(it) == ["Downloading"]
            await it.do("network", state="up")
            await it.wait(1)
            assert _statuses(it) == ["Downloading", "DownloadFailed"]

    clock.run(main())


@pytest.mark.parametrize(
    ("after", "then"),
    [
        (5, ["Downloading", "Downloaded", "Installing", "Installed"]),
        (35, ["InstallationFailed"]),
    ],
)
def test_a_loss_of_power(after, then):
    """What was fetched is fetched anew; what was half installed has failed."""

    async def main():
        async with files(new=(None, Trouble(takes=30))), rig() as it:
            await _update(it)
            await it.wait(after)
            it.forget()
            await it.do("power", state="off")
            await it.wait(60)
            await it.do("power", state="on")
            await it.wait(120)
            assert _statuses(it)[-len(then) :] == then
            assert it.statuses()[-1] == "Available"

    clock.run(main())


def test_another_process_goes_on():
    """Version and update outlive the process, the fetched file does not."""

    async def main():
        async with rig() as it, files(new=(None, Trouble(takes=30))):
            await _update(it, retries=2)
            await it.wait(5)
            memory = json.loads(json.dumps(remember(it.charger)))
            assert memory["firmware"]["version"] == "1.0.0"
            assert memory["firmware"]["update"]["phase"] == "downloading"
        async with files(new=(None, Trouble(takes=30))), rig(start=False) as other:
            recall(other.charger, memory)
            await other.charger.start()
            await other.wait(60)
            assert _statuses(other)[-1] == "Installed"
            assert other.charger.context.equipment.firmware_version == "2.0.0"

    clock.run(main())


def test_workings_are_checked_words():
    """``given.charger.firmware`` reaches the station."""
    assert ChargerConfig.from_given({"firmware": {"install": "fails"}}).firmware == {"install": "fails"}


def test_a_station_without_the_profile():
    """It does neither."""

    async def main():
        async with rig({"features": ["Core"]}) as it:
            for action, payload in (
                ("UpdateFirmware", {"location": "http://h/f", "retrieveDate": NOW}),
                ("GetDiagnostics", {"location": "http://h/"}),
            ):
                assert (await it.call(action, **payload)).code == "NotSupported"

    clock.run(main())
