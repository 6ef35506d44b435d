"""Data of vendors whom the station knows, and of others."""

from __future__ import annotations

from ocpplab_runner import clock
from tests.charger.rig import Rig, play, rig

VENDORS = {"org.example": {"hello": {"data": {"said": "hello"}}, "no": "Rejected"}}


def test_known_vendors_in_16() -> None:
    """Section 5.6: each message has the answer that was agreed on, and data is text."""

    async def main() -> None:
        async with rig({"vendors": VENDORS}) as it:
            asked = {"vendorId": "org.example"}
            answer = await it.call("DataTransfer", **asked, messageId="hello", data="x")
            assert answer == {"status": "Accepted", "data": '{"said":"hello"}'}
            assert await it.call("DataTransfer", **asked, messageId="no") == {"status": "Rejected"}
            assert await it.call("DataTransfer", **asked, messageId="other") == {"status": "UnknownMessageId"}
            assert await it.call("DataTransfer", vendorId="org.other") == {"status": "UnknownVendorId"}

    clock.run(main())


def test_known_vendors_in_2x() -> None:
    """P01: data stays as it is."""

    async def scene(it: Rig) -> None:
        asked = {"vendorId": "org.example"}
        answer = await it.call("DataTransfer", {**asked, "messageId": "hello"})
        assert answer == {"status": "Accepted", "data": {"said": "hello"}}
        assert await it.call("DataTransfer", {**asked, "messageId": "other"}) == {"status": "UnknownMessageId"}

    play(scene, given={"vendors": VENDORS})


def test_data_transfer():
    """The station knows no vendor's data."""

    async def main():
        async with rig() as it:
            assert await it.call("DataTransfer", vendorId="org.example") == {"status": "UnknownVendorId"}

    clock.run(main())


def test_data_transfer_knows_no_vendor() -> None:
    """P01."""

    async def scene(it: Rig) -> None:
        assert await it.call("DataTransfer", {"vendorId": "acme"}) == {"status": "UnknownVendorId"}

    play(scene)
