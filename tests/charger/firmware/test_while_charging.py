"""A station that fetches no firmware while an EV is charged: ``firmware: {while_charging: waits}``."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.transfers.firmware_image import firmware_image
from ocpplab_runner.transfers.shelf import Trouble
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.charger.files import BASE, files
from tests.charger.rig import rig

V16, V201, V21 = OcppVersion
WAITS = {"firmware": {"while_charging": "waits"}}
IMAGE = firmware_image("2.0.0", 1000)


async def update(it, at="2026-01-01T00:00:00Z"):
    """The CSMS asks for one, which is not signed."""
    place = {"location": f"{BASE}/files/new"}
    if it.version is V16:
        await it.call("UpdateFirmware", retrieveDate=at, **place)
    else:
        await it.call("UpdateFirmware", requestId=1, firmware={**place, "retrieveDateTime": at})


def told(it):
    return [payload["status"] for payload in it.sent("FirmwareStatusNotification")]


DONE = ["Downloading", "Downloaded", "Installing", "InstallRebooting", "Installed"]


@pytest.mark.parametrize(
    ("version", "meanwhile"), [(V16, []), (V201, ["DownloadScheduled"]), (V21, ["DownloadScheduled"])]
)
def test_it_fetches_once_nobody_charges(version, meanwhile):
    """The last session's end lets it begin, not one of two; 1.6 has no word for the wait."""

    async def main():
        async with (
            files(new=(IMAGE, Trouble())),
            rig({**WAITS, "evses": 2}, version=version, csms={"id_tokens": {"A": "Accepted", "B": "Accepted"}}) as it,
        ):
            await it.charge("A", 1)
            await it.charge("B", 2)
            await update(it)
            await it.wait(60)
            await it.do("stop_session", evse_id=1)
            await it.wait(60)
            assert told(it) == meanwhile
            await it.do("stop_session", evse_id=2)
            await it.wait(60)
            done = [one for one in DONE if version is not V16 or one != "InstallRebooting"]
            assert told(it) == [*meanwhile, *done]

    clock.run(main())


def test_its_time_comes_while_somebody_charges():
    """DownloadScheduled is told once, and nothing is fetched at the time that was set."""

    async def main():
        async with files(new=(IMAGE, Trouble())), rig(WAITS, version=V201) as it:
            await update(it, "2026-01-01T00:10:00Z")
            await it.wait(300)
            await it.charge("A")
            await it.wait(600)
            assert told(it) == ["DownloadScheduled"]
            await it.do("stop_session")
            await it.wait(60)
            assert told(it) == ["DownloadScheduled", *DONE]

    clock.run(main())


def test_nobody_begins_to_charge_while_it_fetches():
    """Since it cannot do both, whether or not new sessions may begin before."""

    async def main():
        allows = {"configuration": {"ChargingStation.AllowNewSessionsPendingFirmwareUpdate": "true"}}
        async with files(new=(IMAGE, Trouble(takes=100.0))), rig({**WAITS, **allows}, version=V201) as it:
            await update(it)
            await it.wait(30)
            assert told(it) == ["Downloading"]
            assert it.statuses()[-1] == "Unavailable"
            await it.wait(120)
            assert told(it) == DONE

    clock.run(main())


def test_it_goes_on_after_a_loss_of_power():
    """What charged is over then."""

    async def main():
        async with files(new=(IMAGE, Trouble())), rig(WAITS, version=V201) as it:
            await it.charge("A")
            await update(it)
            await it.do("power", off_for="30s")
            await it.wait(120)
            assert told(it)[-1] == "Installed"

    clock.run(main())
