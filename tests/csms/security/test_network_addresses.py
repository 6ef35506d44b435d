"""Where a network profile leads (2.x B09): to the CSMS's own address, to its other one, or to any URL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ocpplab_runner.csms import CsmsConfig, NoAddressKnown
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import World, play

KNOWN = replace(CsmsConfig.from_given({}), address="here/ocpp", other_address="there/other")


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"profile": 1}, "ws://here/ocpp"),
        ({"profile": 2}, "wss://here/ocpp"),
        ({"profile": 2, "url": "another"}, "wss://there/other"),
        ({"profile": 2, "url": "wss://elsewhere/"}, "wss://elsewhere/"),
    ],
)
def test_where_it_leads(fields: dict[str, Any], url: str) -> None:
    """The scheme is that of the security profile."""

    async def scene(world: World) -> None:
        world.csms.begin_case(KNOWN, world.heard)
        station = await world.station(OcppVersion.V201)
        station.answers["SetNetworkProfile"] = {"status": "Accepted"}
        await world.csms.operate("CP-1", "set_security_profile", fields).future
        assert station.calls[-1].payload["connectionData"]["ocppCsmsUrl"] == url

    play(scene)


@pytest.mark.parametrize("url", [None, "another"])
def test_what_nobody_knows(url: str | None) -> None:
    """A CSMS that does not know how stations dial it asks for a URL."""

    async def scene(world: World) -> None:
        await world.station(OcppVersion.V201)
        with pytest.raises(NoAddressKnown, match="url"):
            world.csms.operate("CP-1", "set_security_profile", {"profile": 2, **({} if url is None else {"url": url})})

    play(scene)
