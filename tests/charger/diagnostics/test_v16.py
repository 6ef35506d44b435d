"""Diagnostics in OCPP 1.6: sections 4.4 and 6.1."""

import pytest

from ocpplab_runner import clock
from ocpplab_runner.transfers.shelf import Trouble
from tests.charger.files import BASE, files
from tests.charger.rig import rig

HERE = f"{BASE}/uploads/"


def _statuses(it):
    return [payload["status"] for payload in it.sent("DiagnosticsStatusNotification")]


def _came(served):
    return [fields for _, name, fields in served.told if name == "upload"]


def test_what_has_happened_is_sent():
    """Messages both ways, facts and notes, under the name that the answer gives."""

    async def main():
        async with files() as served, rig() as it:
            await it.do("plug_connector")
            answer = await it.call("GetDiagnostics", location=HERE)
            await it.wait(1)
            (came,) = _came(served)
            assert came["is"] == "arrived"
            assert answer == {"fileName": came["file"]} == {"fileName": "diagnostics-CP-1-20260101T000000Z.log"}
            lines = came["content"].splitlines()
            assert all(line.startswith("2026-01-01T00:00:00.000Z ") for line in lines)
            for part in (' sent [2,"', '"BootNotification"', " received [3,", "Preparing", "connection is=opened"):
                assert any(part in line for line in lines), part
            assert came["size"] == len(came["content"])
            assert _statuses(it) == ["Uploading", "Uploaded"]

    clock.run(main())


@pytest.mark.parametrize(
    ("window", "wanted"),
    [
        ({}, ["BootNotification", "Preparing"]),
        ({"startTime": "2026-01-01T00:30:00Z"}, ["Preparing"]),
        ({"stopTime": "2026-01-01T00:30:00Z"}, ["BootNotification"]),
        ({"startTime": "2026-01-01T00:31:00Z", "stopTime": "2026-01-01T00:34:00Z"}, None),
    ],
)
def test_of_a_time(window, wanted):
    """startTime and stopTime; without anything to send there is no file, and no status."""

    async def main():
        async with files() as served, rig() as it:
            await it.wait(3600)
            await it.do("plug_connector")
            answer = await it.call("GetDiagnostics", location=HERE, **window)
            await it.wait(1)
            if wanted is None:
                assert (answer, _came(served), _statuses(it)) == ({}, [], [])
                return
            content = _came(served)[0]["content"]
            assert [word for word in ("BootNotification", "Preparing") if word in content] == wanted

    clock.run(main())


@pytest.mark.parametrize("trouble", [Trouble(status=403), Trouble(status=500), Trouble(cut_after=10)])
def test_what_nobody_takes(trouble):
    """1.6 has one word for it."""

    async def main():
        async with files(trouble) as served, rig() as it:
            await it.call("GetDiagnostics", location=HERE, retries=2, retryInterval=20)
            await it.wait(60)
            assert _statuses(it) == ["Uploading", "UploadFailed"]
            assert [at for at, *_ in served.told] == [0.0, 20.0]

    clock.run(main())


def test_what_the_csms_asks_for():
    """Uploading while it is, Idle before and afterwards."""

    async def main():
        async with files(Trouble(takes=30)), rig() as it:

            async def asked():
                it.forget()
                await it.call("TriggerMessage", requestedMessage="DiagnosticsStatusNotification")
                return _statuses(it)

            assert await asked() == ["Idle"]
            await it.call("GetDiagnostics", location=HERE)
            assert await asked() == ["Uploading"]
            await it.wait(31)
            assert await asked() == ["Idle"]

    clock.run(main())


def test_power_and_network():
    """A loss of power, or of the network, ends the upload; the CSMS is told when it can be."""

    async def main():
        for off, on in (
            (("power", {"state": "off"}), ("power", {"state": "on"})),
            (("network", {"state": "down"}), ("network", {"state": "up"})),
        ):
            async with files(Trouble(takes=30)) as served, rig() as it:
                await it.call("GetDiagnostics", location=HERE)
                await it.wait(5)
                await it.do(off[0], **off[1])
                await it.wait(60)
                assert _statuses(it) == ["Uploading"]
                await it.do(on[0], **on[1])
                await it.wait(10)
                assert _statuses(it) == ["Uploading", "UploadFailed"]
                assert "arrived" not in [fields["is"] for fields in _came(served)]

    clock.run(main())
