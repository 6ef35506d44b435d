"""One CSMS serves case after case while a station stays connected: nothing of one case is in the next."""

from __future__ import annotations

import asyncio
from random import Random

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj.records import NO_REPLY
from ocpplab_runner.ocppj.websocket import connect
from tests.csms.stations import V16, Heard, Station


def test_an_answer_to_an_earlier_case_is_told_to_none() -> None:
    """Neither the late answer nor its lack; cards, programmed answers and observers are those of the new case."""

    async def main() -> None:
        csms = BuiltInCsms.for_nobody(Random(1))
        await csms.start()
        first, second = Heard(), Heard()
        csms.begin_case(CsmsConfig.from_given({"id_tokens": {"CARD": "Blocked"}}), first)
        station = Station(*await connect(f"ws://127.0.0.1:{csms.port}/", identity="A", versions=[V16]))
        station.answers = {"ClearCache": NO_REPLY, "GetConfiguration": NO_REPLY}
        await station.boot()
        csms.program("A", {"to": "Heartbeat", "error": "InternalError", "times": "always"})
        csms.call("A", "ClearCache", {})
        csms.call("A", "GetConfiguration", {})
        await clock.settled()
        assert len(first.frames) > 2

        csms.begin_case(CsmsConfig.from_given({"id_tokens": {"CARD": "Accepted"}}), second)
        told = len(first.frames)
        station.session.send_raw(f'[3,"{station.calls[0].message_id}",{{"status":"Accepted"}}]')
        await clock.settled()
        assert [f"{record.message}" for _, record in second.frames if "ClearCache" in (record.action or "")] == []
        assert (await station.tell("Authorize", {"idTag": "CARD"}))["idTagInfo"]["status"] == "Accepted"
        assert "currentTime" in await station.tell("Heartbeat")
        await asyncio.sleep(120)
        assert second.violations == []
        assert len(first.frames) == told
        await station.leave()
        await csms.stop()

    clock.run(main())
