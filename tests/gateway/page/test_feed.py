"""What a page is told: each change once, in bounded batches, and nothing of anybody else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.gateway.server.errors import Unavailable
from ocpplab_runner.gateway.server.page import feed as feeds
from ocpplab_runner.gateway.server.page.feed import Feed, Feeds
from ocpplab_runner.web import event_stream
from tests.gateway.server.kit import OTHER_TOKEN, Site, run, site
from tests.thoroughness import examples


def watch(here: Site, organization: str = "acme") -> Feed:
    """A feed that hears everything from now on."""
    feed = Feed(here.fleet.organizations[organization])
    here.fleet.watchers.add(feed)
    return feed


def events(chunk: bytes) -> dict[str, Any]:
    """The data of one Server-Sent Event."""
    assert chunk.startswith(b"data: ") and chunk.endswith(b"\n\n") and chunk.count(b"\n") == 2
    return dict(json.loads(chunk[6:]))


def test_a_page_is_told_everything_once_and_then_only_changes() -> None:
    """The first batch has every charger; a quiet one is empty; a command shows at its connector alone."""

    async def main() -> None:
        async with site() as here:
            feed = watch(here)
            first, _ = await here.charger("CP-1"), await here.charger("CP-2")
            batch = feed.batch()
            assert [row["identity"] for row in batch["chargers"]] == ["CP-1", "CP-2"]
            row = batch["chargers"][0]
            assert row["stage"] == "online"
            assert [(one["evse_id"], one["status"]) for one in row["connectors"]] == [
                (1, "Available"),
                (2, "Available"),
            ]
            assert {"BootNotification", "StatusNotification"} == {frame["action"] for frame in batch["frames"]}
            assert feed.batch() == {}
            await here.command("plug-connector", first, {"evse_id": 2})
            batch = feed.batch()
            assert [row["identity"] for row in batch["chargers"]] == ["CP-1"]
            assert [one["status"] for one in batch["chargers"][0]["connectors"]] == ["Available", "Preparing"]
            assert [frame["direction"] for frame in batch["frames"]] == ["cp_to_csms", "csms_to_cp"]

    run(main())


def test_a_running_meter_is_no_change() -> None:
    """While it charges at one power nothing is sent: the page counts on by itself, and it counts right."""

    async def main() -> None:
        async with site() as here:
            feed = watch(here)
            charger = await here.charger("CP-1")
            await here.command("configuration", charger, {"configuration": {"MeterValueSampleInterval": "0"}})
            await here.command("start-session", charger, {"id_tag": "CARD-1"})
            (one, _) = feed.batch()["chargers"][0]["connectors"]
            assert one["power_w"] == 11_000 and one["transaction"]["id_tag"] == "CARD-1"
            await asyncio.sleep(60)
            batch = feed.batch()
            assert "chargers" not in batch
            await here.command("power-update", charger, {"power_w": 0})
            (after, _) = feed.batch()["chargers"][0]["connectors"]
            assert after["meter_wh"] - one["meter_wh"] == pytest.approx(11_000 / 60, abs=1)
            assert after["status"] == "SuspendedEVSE"

    run(main())


def test_others_never_appear() -> None:
    """Rows and frames of another organization are in no batch."""

    async def main() -> None:
        async with site() as here:
            mine, theirs = watch(here), watch(here, "beta")
            await here.charger("CP-1")
            bearer = {"Authorization": f"Bearer {OTHER_TOKEN}"}
            await here.post("/ocpp/chargers", here.new_charger("CP-BETA"), headers=bearer)
            await here.online("CP-BETA")
            for feed, identity in ((mine, "CP-1"), (theirs, "CP-BETA")):
                batch = feed.batch()
                assert [row["identity"] for row in batch["chargers"]] == [identity]
                assert {frame["charger_id"] for frame in batch["frames"]} == {batch["chargers"][0]["id"]}

    run(main())


def test_a_row_has_no_secrets() -> None:
    """The URL of the CSMS is told without user, password and query, where credentials stand."""

    async def main() -> None:
        async with site() as here:
            feed = watch(here)
            url = here.ws_url.replace("ws://", "ws://user:hush@") + "?token=quiet"
            await here.post("/ocpp/chargers", here.new_charger("CP-1", ws_url=url))
            await asyncio.sleep(5)
            batch = feed.batch()
            text = json.dumps(batch)
            assert "CP-1" in text and "hush" not in text and "user" not in text and "quiet" not in text
            assert [row["csms"] for row in batch["chargers"]] == [here.ws_url]

    run(main())


def test_what_is_deleted_is_gone() -> None:
    """A charger that is deleted is named once, and its last frames are not sent."""

    async def main() -> None:
        async with site() as here:
            feed = watch(here)
            charger = await here.charger("CP-1")
            feed.batch()
            await here.command("plug-connector", charger, {"evse_id": 1})
            with clock.hold():
                await here.client.delete(f"/ocpp/chargers/{charger}")
            assert feed.batch() == {"gone": [charger]}
            assert feed.batch() == {}

    run(main())


@pytest.mark.parametrize("count", [feeds.FRAMES - 1, feeds.FRAMES, feeds.FRAMES + 70])
def test_a_flood_is_cut_and_counted(count: int) -> None:
    """More frames than a batch takes leave out the oldest, and say how many."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger("CP-1")
            feed = watch(here)
            deployment = here.fleet.organizations["acme"].chargers[charger]
            row = deployment.log.page(limit=1).rows[0]
            for _ in range(count):
                feed.logged(deployment, row)
            batch = feed.batch()
            assert len(batch["frames"]) == min(count, feeds.FRAMES)
            assert batch.get("skipped", 0) == max(0, count - feeds.FRAMES)
            assert "skipped" not in feed.batch()

    run(main())


def test_a_long_frame_is_cut() -> None:
    """What is too long for a page is marked; the log keeps all of it."""

    async def main() -> None:
        async with site() as here:
            charger = await here.charger("CP-1")
            feed = watch(here)
            payload = {"vendor_id": "x", "data": "y" * (feeds.FRAME_LENGTH + 1)}
            event = {"action": "data_transfer", "ocpp_version": "ocpp1.6", "payload": payload}
            assert (await here.command("proxy-message", charger, event)).status_code == 202
            frame = feed.batch()["frames"][0]
            assert frame["cut"] is True and len(frame["message"]) == feeds.FRAME_LENGTH

    run(main())


def test_silent_changes_are_found() -> None:
    """Every charger has its turn to be looked at, although nobody has said that it has changed."""

    async def main() -> None:
        async with site() as here:
            feed = watch(here)
            charger = await here.charger("CP-1")
            feed.batch()
            here.fleet.organizations["acme"].chargers[charger].record.name = "Renamed"
            batches = [feed.batch() for _ in range(3)]
            assert [batch["chargers"][0]["name"] for batch in batches if batch] == ["Renamed"]

    run(main())


@settings(deadline=None, max_examples=examples(25))
@given(st.lists(st.sampled_from(["plug", "unplug", "card", "stop", "fault", "repair", "look"]), max_size=12))
def test_batches_add_up(steps: list[str]) -> None:
    """Whatever happens and whenever one looks, the last row told is what is the case."""
    commands: dict[str, tuple[str, dict[str, Any]]] = {
        "plug": ("plug-connector", {"evse_id": 1}),
        "unplug": ("unplug-connector", {"evse_id": 1}),
        "card": ("authorize-id-tag", {"id_tag": "CARD-1"}),
        "stop": ("stop-transaction", {}),
        "fault": ("inject-fault", {"fault_type": "GroundFailure", "evse_id": 1}),
        "repair": ("clear-fault", {"evse_id": 1}),
    }

    async def main() -> None:
        async with site() as here:
            feed = watch(here)
            charger = await here.charger("CP-1")
            told: dict[str, Any] = {}

            def look() -> None:
                told.update({row["id"]: row for row in feed.batch().get("chargers", ())})

            for step in steps:
                if step == "look":
                    look()
                else:
                    await here.command(commands[step][0], charger, commands[step][1])
            look()
            now = feeds.charger_row(here.fleet.organizations["acme"].chargers[charger])
            assert feeds._lasting(told[charger]) == feeds._lasting(now)

    run(main())


def test_a_stream_greets_ticks_and_ends_with_the_gateway() -> None:
    """One event at once, one per tick with news, a line in a long silence; closing ends it and nobody watches on."""

    async def main() -> None:
        async with site() as here:
            await here.charger("CP-1")
            pages = Feeds(here.fleet)
            stream = pages.stream(here.fleet.organizations["acme"], {"organization": "acme"})
            first = events(await anext(stream))
            assert first["organization"] == "acme" and len(first["chargers"]) == 1
            assert [frame["action"] for frame in first["frames"][:2]] == ["BootNotification", "BootNotification"]
            assert len(here.fleet.watchers) == 1
            began = clock.now()
            assert await anext(stream) == b": still here\n\n"
            assert clock.now() - began == pytest.approx(event_stream.QUIET_TICKS * event_stream.TICK, rel=0.01)
            await here.charger("CP-2")
            assert [row["identity"] for row in events(await anext(stream))["chargers"]] == ["CP-2"]
            pages.close()
            # What came within the last tick may still be told.
            assert len([chunk async for chunk in stream]) <= 1
            assert not here.fleet.watchers

    run(main())


def test_so_many_pages_and_no_more() -> None:
    """Streams of one organization are bounded; those of another do not count; one that ends makes room."""

    async def main() -> None:
        async with site() as here:
            pages = Feeds(here.fleet)
            acme, beta = here.fleet.organizations["acme"], here.fleet.organizations["beta"]
            streams = [pages.stream(acme, {}) for _ in range(feeds.PAGES)]
            for stream in streams:
                await anext(stream)
            with pytest.raises(Unavailable):
                pages.require_room(acme)
            pages.require_room(beta)
            await streams[0].aclose()  # type: ignore[attr-defined]
            pages.require_room(acme)
            for stream in streams:
                await stream.aclose()  # type: ignore[attr-defined]
            assert not here.fleet.watchers

    run(main())
