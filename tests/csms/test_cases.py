"""One CSMS serves case after case while a station stays connected: nothing of one case is in the next."""

from __future__ import annotations

import asyncio
from random import Random

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj import Call, Role, Session, counter_ids
from ocpplab_runner.ocppj.records import NO_REPLY, FrameRecord, NoReply, PeerViolation
from ocpplab_runner.ocppj.websocket import connect, pump, sender
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.csms.stations import Heard


class _Deaf:
    def frame(self, record: FrameRecord) -> None:
        pass

    def violation(self, violation: PeerViolation) -> None:
        pass


class Station:
    """Answers nothing until it is told to."""

    def __init__(self) -> None:
        self.asked: list[Call] = []
        self.session: Session

    def handle(self, call: Call) -> NoReply:
        self.asked.append(call)
        return NO_REPLY

    async def dial(self, port: int) -> asyncio.Task[str]:
        ws, version = await connect(f"ws://127.0.0.1:{port}/", identity="A", versions=[OcppVersion.V16])
        self.session = Session(
            version=version,
            role=Role.CHARGER,
            send_text=sender(ws),
            handler=self.handle,
            observer=_Deaf(),
            next_id=counter_ids("station"),
        )
        return asyncio.create_task(pump(ws, self.session))


BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


def test_an_answer_to_an_earlier_case_is_told_to_none() -> None:
    """Neither the late answer nor its lack; cards, programmed answers and observers are those of the new case."""

    async def main() -> None:
        csms, station = BuiltInCsms.for_nobody(Random(1)), Station()
        await csms.start()
        first, second = Heard(), Heard()
        csms.begin_case(CsmsConfig.from_given({"id_tokens": {"CARD": "Blocked"}}), first)
        serving = await station.dial(csms.port)
        await station.session.call("BootNotification", BOOT)
        csms.program("A", {"to": "Heartbeat", "error": "InternalError", "times": "always"})
        csms.call("A", "ClearCache", {})
        csms.call("A", "GetConfiguration", {})
        await clock.settled()
        assert len(first.frames) > 2

        csms.begin_case(CsmsConfig.from_given({"id_tokens": {"CARD": "Accepted"}}), second)
        told = len(first.frames)
        station.session.send_raw(f'[3,"{station.asked[0].message_id}",{{"status":"Accepted"}}]')
        await clock.settled()
        assert [f"{record.message}" for _, record in second.frames if "ClearCache" in (record.action or "")] == []
        answer = await station.session.call("Authorize", {"idTag": "CARD"})
        assert answer.payload["idTagInfo"]["status"] == "Accepted"  # type: ignore[union-attr]
        assert "currentTime" in (await station.session.call("Heartbeat", {})).payload  # type: ignore[union-attr]
        await asyncio.sleep(120)
        assert second.violations == []
        assert len(first.frames) == told
        await csms.stop()
        await serving

    clock.run(main())
