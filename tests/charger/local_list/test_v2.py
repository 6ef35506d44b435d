"""The local list in OCPP 2.x: D01, D02 and C14."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.charger.rig import Rig, play


def entry(card: str, status: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {"idToken": {"idToken": card, "type": "ISO14443"}}
    return data if status is None else {**data, "idTokenInfo": {"status": status}}


def test_the_local_list() -> None:
    """D01 and D02: versions, both kinds of update, and what the list then does."""

    async def scene(it: Rig) -> None:
        async def send(version: int, kind: str, *entries: dict[str, Any]) -> str:
            payload: dict[str, Any] = {"versionNumber": version, "updateType": kind}
            if entries:
                payload["localAuthorizationList"] = list(entries)
            return str((await it.call("SendLocalList", payload))["status"])

        async def version() -> int:
            return int((await it.call("GetLocalListVersion", {}))["versionNumber"])

        assert await version() == 0
        assert await send(3, "Full", entry("L", "Accepted"), entry("M", "Blocked")) == "Accepted"
        assert await send(3, "Differential", entry("N", "Accepted")) == "VersionMismatch"
        assert await send(4, "Differential", entry("M", None), entry("N", "Accepted")) == "Accepted"
        assert await send(5, "Full", entry("X", "Accepted"), entry("x", "Blocked")) == "Failed"
        assert await send(0, "Full") == "Failed"
        assert await version() == 4
        await it.charge("N")
        assert it.verdicts() == ["local_list Accepted"]
        assert it.sent("Authorize") == []
        await it.do("set_configuration", settings={"local_list_enabled": False})
        assert await version() == 0
        assert await send(9, "Full") == "Failed"

    play(scene)


def test_a_bad_list_entry_is_checked_with_the_csms() -> None:
    """C14.FR.03 online; offline it decides by itself."""

    async def scene(it: Rig) -> None:
        await it.do("plug_connector")
        await it.do("network", state="down")
        await it.do("authorize_id_tag", id_tag="A")
        assert it.verdicts() == ["local_list Expired"]
        await it.do("network", state="up")
        await asyncio.sleep(10)
        await it.do("authorize_id_tag", id_tag="A")

    it = play(scene, given={"local_list": {"version": 1, "entries": {"A": "Expired"}}})
    assert len(it.sent("Authorize")) == 1
    assert len(it.events()) == 1
