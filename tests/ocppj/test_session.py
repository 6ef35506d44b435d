"""One end of a connection, the test playing the other: binding, queueing, answering, breaches, closing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ocpplab_runner import clock
from ocpplab_runner.ocppj import (
    NO_REPLY,
    Answer,
    Call,
    CallError,
    CallResult,
    CallTimeout,
    Direction,
    HandlerError,
    InvalidMessage,
    Malformed,
    Reply,
    Role,
    Send,
    SessionClosed,
)
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.ocppj.sessions import BOOT_16, V16, V21, V201, Wired, join, void

NOW = '"2026-01-01T00:00:00.000Z"'
HEARTBEAT_OK = f'{{"currentTime":{NOW}}}'


def test_an_answer_is_bound_by_its_id() -> None:
    """A call gives the CALLRESULT with its own id; both frames are recorded with action and direction."""

    async def main() -> None:
        wired = Wired()
        call = asyncio.create_task(wired.session.call("Heartbeat", {}))
        await clock.settled()
        assert wired.sent == ['[2,"m1","Heartbeat",{}]']
        wired.session.receive(f'[3,"m1",{HEARTBEAT_OK}]')
        answer = await call
        assert answer == CallResult("m1", {"currentTime": "2026-01-01T00:00:00.000Z"})
        assert [(r.direction, r.action, r.breach) for r in wired.heard.frames] == [
            (Direction.TO_CSMS, "Heartbeat", None),
            (Direction.TO_CHARGER, "Heartbeat", None),
        ]
        assert wired.heard.codes == []
        assert wired.session.outstanding is None

    clock.run(main())


def test_a_callerror_is_an_answer() -> None:
    """A CALLERROR is returned, not raised."""

    async def main() -> None:
        wired = Wired()
        sent = wired.session.enqueue("Heartbeat", {})
        wired.session.receive('[4,"m1","InternalError","no",{}]')
        assert await sent.future == CallError("m1", "InternalError", "no", {})

    clock.run(main())


def test_one_call_at_a_time_in_order() -> None:
    """Calls leave one by one in the order in which they were made; each waits for the answer to the one before."""

    async def main() -> None:
        wired = Wired()
        calls = [wired.session.enqueue("Heartbeat", {}) for _ in range(3)]
        assert [call.message_id for call in calls] == ["m1", "m2", "m3"]
        assert [call.sent for call in calls] == [True, False, False]
        assert wired.session.queued == 2
        for number in (1, 2, 3):
            assert wired.sent[-1] == f'[2,"m{number}","Heartbeat",{{}}]'
            assert len(wired.sent) == number
            wired.session.receive(f'[3,"m{number}",{HEARTBEAT_OK}]')
        assert [(await call.future).message_id for call in calls] == ["m1", "m2", "m3"]

    clock.run(main())


def test_a_timeout_frees_the_slot_and_a_late_answer_is_recorded() -> None:
    """The time-out runs from sending; the next call goes out; the answer that still comes changes nothing."""

    async def main() -> None:
        wired = Wired(call_timeout=10)
        first, second = wired.session.enqueue("Heartbeat", {}), wired.session.enqueue("Heartbeat", {}, timeout=3)
        with pytest.raises(CallTimeout, match=r"Heartbeat \(m1\) within 10 s"):
            await first.future
        assert clock.now() == 10
        assert wired.sent[-1] == '[2,"m2","Heartbeat",{}]'
        wired.session.receive(f'[3,"m1",{HEARTBEAT_OK}]')
        assert wired.heard.codes == ["late-answer"]
        assert wired.heard.violations[0].action == wired.heard.frames[-1].action == "Heartbeat"
        with pytest.raises(CallTimeout):
            await second.future
        assert clock.now() == 13
        wired.session.receive(f'[3,"m1",{HEARTBEAT_OK}]')
        assert wired.heard.codes == ["late-answer", "duplicate-answer"]

    clock.run(main())


def test_duplicate_and_unknown_answers_are_recorded() -> None:
    """A second answer and an answer to nothing are breaches of their own kinds."""

    async def main() -> None:
        wired = Wired()
        sent = wired.session.enqueue("Heartbeat", {})
        for message_id in ("nobody", "m1", "m1"):
            wired.session.receive(f'[3,"{message_id}",{HEARTBEAT_OK}]')
        wired.session.receive('[4,"m1","GenericError","",{}]')
        assert wired.heard.codes == ["unknown-message-id", "duplicate-answer", "duplicate-answer"]
        assert isinstance(await sent.future, CallResult)

    clock.run(main())


def test_a_cancelled_caller_keeps_the_slot_busy() -> None:
    """The peer still owes the answer: the next call waits for it, a cancelled queued call is never sent."""

    async def main() -> None:
        wired = Wired()
        first, second, third = (wired.session.enqueue("Heartbeat", {}) for _ in range(3))
        first.future.cancel()
        second.future.cancel()
        assert len(wired.sent) == 1
        wired.session.receive(f'[3,"m1",{HEARTBEAT_OK}]')
        assert wired.sent[1:] == ['[2,"m3","Heartbeat",{}]']
        wired.session.receive(f'[3,"m3",{HEARTBEAT_OK}]')
        assert (await third.future).message_id == "m3"
        assert wired.heard.codes == []

    clock.run(main())


def test_a_wrong_payload_of_ours_is_refused_unless_meant() -> None:
    """validate=True raises before anything is sent; validate=False sends it and records its violation."""

    async def main() -> None:
        wired = Wired()
        with pytest.raises(InvalidMessage, match="idTag is missing"):
            wired.session.enqueue("Authorize", {})
        with pytest.raises(InvalidMessage, match="no action"):
            await wired.session.call("Nonsense", {})
        with pytest.raises(InvalidMessage, match="JSON"):
            wired.session.enqueue("Authorize", {"idTag": object()}, validate=False)
        assert wired.sent == []
        wired.session.enqueue("Authorize", {}, message_id="own", validate=False)
        assert wired.sent == ['[2,"own","Authorize",{}]']
        breach = wired.heard.frames[0].breach
        assert breach is not None
        assert breach.code == "OccurenceConstraintViolation"

    clock.run(main())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ('[3,"m1",{}]', "OccurenceConstraintViolation"),
        ('[3,"m1",{"idTagInfo":{"status":1}}]', "TypeConstraintViolation"),
        ('[3,"m1",[]]', "FormationViolation"),
        ('[3,"m1",{"idTagInfo":]', "FormationViolation"),
        ('[3,"m1"]', "FormationViolation"),
        ('[4,"m1","GenericError"]', "FormationViolation"),
    ],
)
def test_an_answer_that_cannot_be_used_is_a_local_error(answer: str, code: str) -> None:
    """The call ends at once with a CALLERROR that says it is our own; nothing is sent; a breach is recorded."""

    async def main() -> None:
        wired = Wired()
        sent = wired.session.enqueue("Authorize", {"idTag": "CARD"})
        wired.session.receive(answer)
        result = await sent.future
        assert isinstance(result, CallError)
        assert (result.code, result.local) == (code, True)
        assert len(wired.heard.violations) == 1
        assert wired.heard.frames[-1].action == "Authorize"
        assert len(wired.sent) == 1

    clock.run(main())


def test_a_harmless_breach_leaves_the_answer_as_it_came() -> None:
    """A surplus property is recorded and the answer delivered."""

    async def main() -> None:
        wired = Wired()
        sent = wired.session.enqueue("Authorize", {"idTag": "CARD"})
        wired.session.receive('[3,"m1",{"idTagInfo":{"status":"Accepted"},"vendor":1}]')
        assert await sent.future == CallResult("m1", {"idTagInfo": {"status": "Accepted"}, "vendor": 1})
        assert wired.heard.codes == ["schema"]

    clock.run(main())


@pytest.mark.parametrize("coroutine", [False, True])
@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ({"status": "Accepted"}, '[3,"1",{"status":"Accepted"}]'),
        (Reply({"status": "Rejected"}), '[3,"1",{"status":"Rejected"}]'),
        (Reply({"status": "Odd"}, validate=False), '[3,"1",{"status":"Odd"}]'),
        (HandlerError("NotSupported", "no", {"a": 1}), '[4,"1","NotSupported","no",{"a":1}]'),
        (HandlerError("Strange"), '[4,"1","Strange","",{}]'),
        (NO_REPLY, None),
    ],
    ids=["dict", "reply", "wrong-on-purpose", "error", "unknown-error", "silence"],
)
def test_what_a_handler_can_answer(result: Any, answer: str | None, coroutine: bool) -> None:
    """A payload, a deliberately wrong payload, a CALLERROR or silence, from a function as from a coroutine."""

    def plain(_: Call) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    async def slow(call: Call) -> Any:
        await asyncio.sleep(1)
        return plain(call)

    async def main() -> None:
        wired = Wired(handler=slow if coroutine else plain)
        wired.session.receive('[2,"1","Reset",{"type":"Hard"}]')
        await asyncio.sleep(2)
        assert wired.sent == ([answer] if answer is not None else [])
        await wired.session.aclose()

    clock.run(main())


def test_a_failing_handler_answers_internal_error() -> None:
    """A crash and an invalid answer are our own bugs: InternalError goes out and the loop's handler is told."""

    async def main() -> None:
        told: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
        results: list[Any] = [ZeroDivisionError("oops"), {"status": "Odd"}, None, {"status": object()}]

        def handler(_: Call) -> Any:
            result = results.pop(0)
            if isinstance(result, Exception):
                raise result
            return result

        wired = Wired(handler=handler)
        for number in range(4):
            wired.session.receive(f'[2,"{number}","Reset",{{"type":"Hard"}}]')
            await clock.settled()
        assert [json.loads(text)[:3] for text in wired.sent] == [[4, str(n), "InternalError"] for n in range(4)]
        assert told == ["the handler of Reset failed"] * 4
        await wired.session.aclose()

    clock.run(main())


def test_then_runs_after_the_answer_has_gone() -> None:
    """What a reply starts cannot overtake it."""

    async def main() -> None:
        def handler(_: Call) -> Reply:
            return Reply({"status": "Accepted"}, then=lambda: void(wired.session.enqueue("Heartbeat", {})))

        wired = Wired(handler=handler)
        wired.session.receive('[2,"1","TriggerMessage",{"requestedMessage":"Heartbeat"}]')
        assert wired.sent == ['[3,"1",{"status":"Accepted"}]', '[2,"m1","Heartbeat",{}]']

    clock.run(main())


@pytest.mark.parametrize(
    ("version", "text", "answer", "breach"),
    [
        (V16, '[2,"1","Nonsense",{}]', ["1", "NotImplemented"], "not-implemented-action"),
        (V16, '[2,"1","Reset",{}]', ["1", "OccurenceConstraintViolation"], "schema"),
        (V16, '[2,"1","Reset",{"type":1}]', ["1", "TypeConstraintViolation"], "schema"),
        (V16, '[2,"1","Reset",{"type":"Odd"}]', ["1", "PropertyConstraintViolation"], "schema"),
        (V16, '[2,"1","Reset",{"type":"Hard","x":1}]', ["1", "FormationViolation"], "schema"),
        (V16, '[2,"1","Reset",[]]', ["1", "FormationViolation"], "schema"),
        (V16, '[2,"1","Reset"]', ["1", "FormationViolation"], "malformed-frame"),
        (V16, '[2,"1","Reset",{"type":"Hard"]', ["1", "FormationViolation"], "malformed-frame"),
        (V16, f'[2,"{"x" * 40}","Reset",{{}}]', ["x" * 40, "FormationViolation"], "message-id-too-long"),
        (V16, "rubbish", None, "malformed-frame"),
        (V16, '[9,"1",{}]', None, "unexpected-message-type"),
        (V201, '[2,"1","Nonsense",{}]', ["1", "NotImplemented"], "not-implemented-action"),
        (V201, '[2,"1","Reset",{}]', ["1", "OccurrenceConstraintViolation"], "schema"),
        (V201, '[2,"1","Reset",{"type":"Immediate","x":1}]', ["1", "FormatViolation"], "schema"),
        (V201, "rubbish", ["-1", "RpcFrameworkError"], "malformed-frame"),
        (V201, "[3]", None, "malformed-frame"),
        (V201, f'[2,"{"x" * 37}","Reset",{{}}]', ["x" * 37, "RpcFrameworkError"], "message-id-too-long"),
        (V201, '[6,"1","Heartbeat",{}]', ["1", "MessageTypeNotSupported"], "unexpected-message-type"),
        (V201, '[4,"-1","RpcFrameworkError","",{}]', None, None),
        (V21, '[6,"1","Heartbeat",{}]', None, "not-implemented-action"),
        (V21, '[6,"1","NotifyPeriodicEventStream",{}]', None, "schema"),
        (V21, '[5,"1","GenericError","",{}]', None, "unknown-message-id"),
        (V21, '[9,"1",{}]', None, "unexpected-message-type"),
        (V16, '[4,"-1","GenericError","",{}]', None, "unknown-message-id"),
    ],
)
def test_each_breach_has_its_answer(
    version: OcppVersion, text: str, answer: list[str] | None, breach: str | None
) -> None:
    """Every kind of wrong frame is answered or ignored as its version says, and recorded; no handler sees it."""

    async def main() -> None:
        wired = Wired(version)
        wired.session.receive(text)
        sent = [json.loads(text) for text in wired.sent]
        assert [frame[:3] for frame in sent] == ([[4, *answer]] if answer is not None else [])
        assert wired.heard.codes == ([breach] if breach is not None else [])
        assert wired.calls == []
        assert wired.heard.texts[0] == text

    clock.run(main())


def test_reused_ids_and_overlapping_calls_are_recorded() -> None:
    """An id in use is refused, a used one is noted; a second call within seconds of an unanswered one is noted."""

    async def main() -> None:
        gate = asyncio.Event()

        async def handler(call: Call) -> dict[str, Any]:
            await gate.wait()
            return {"status": "Accepted"}

        wired = Wired(V201, handler=handler)
        reset = '"Reset",{"type":"Immediate"}]'
        wired.session.receive(f'[2,"1",{reset}')
        wired.session.receive(f'[2,"1",{reset}')
        assert wired.heard.codes == ["duplicate-message-id"]
        assert json.loads(wired.sent[-1])[:3] == [4, "1", "RpcFrameworkError"]
        wired.session.receive(f'[2,"2",{reset}')
        assert wired.heard.codes == ["duplicate-message-id", "overlapping-call"]
        await asyncio.sleep(6)
        wired.session.receive(f'[2,"3",{reset}')
        assert len(wired.heard.codes) == 2
        await clock.settled()
        gate.set()
        await clock.settled()
        assert [json.loads(text)[1] for text in wired.sent[1:]] == ["1", "2", "3"]
        wired.session.receive(f'[2,"3",{reset}')
        assert wired.heard.codes[2:] == ["duplicate-message-id"]
        await wired.session.aclose()

    clock.run(main())


def test_a_call_after_silence_is_an_overlap_for_a_while() -> None:
    """A handler that stays silent owes an answer; calls soon after are noted, later ones and a reused id are not."""

    async def main() -> None:
        wired = Wired(V21, handler=lambda _: NO_REPLY)
        heartbeat = '"Reset",{"type":"Immediate"}]'
        wired.session.receive(f'[2,"1",{heartbeat}')
        wired.session.receive(f'[2,"2",{heartbeat}')
        assert wired.heard.codes == ["overlapping-call"]
        await asyncio.sleep(10)
        wired.session.receive(f'[2,"1",{heartbeat}')
        assert wired.heard.codes == ["overlapping-call"]
        assert wired.sent == []

    clock.run(main())


def test_raw_text_is_sent_as_it_is() -> None:
    """Anything goes out unchanged and at once; the answer to a raw call is expected, its second answer is not."""

    async def main() -> None:
        wired = Wired()
        wired.session.enqueue("Heartbeat", {})
        for text in ("rubbish", '[2,"r1","Nonsense",{}]', '[2,"r2","Reset"]', '[3,"r3",{}]'):
            wired.session.send_raw(text)
            assert wired.sent[-1] == wired.heard.frames[-1].text == text
        assert isinstance(wired.heard.frames[1].message, Malformed)
        wired.session.receive('[4,"r1","NotImplemented","",{}]')
        wired.session.receive('[4,"r2","FormationViolation","",{}]')
        assert wired.heard.codes == []
        wired.session.receive('[4,"r1","NotImplemented","",{}]')
        assert wired.heard.codes == ["duplicate-answer"]
        with pytest.raises(ValueError, match="surrogates"):
            wired.session.send_raw("\ud800")
        wired.session.send_raw("é", binary=True)
        assert (wired.sent[-1], wired.heard.frames[-1].text) == (b"\xc3\xa9", "é")
        wired.session.close("over")
        with pytest.raises(SessionClosed, match="over"):
            wired.session.send_raw("x")

    clock.run(main())


@pytest.mark.parametrize("version", [OcppVersion.V16, OcppVersion.V201])
def test_the_peer_is_not_accused_of_what_our_raw_text_got_wrong(version: OcppVersion) -> None:
    """It answers under an id that was too long, twice under one that we used twice, and a type that there is not."""

    async def main() -> None:
        wired = Wired(version=version)
        for message_id in ("x" * 37, "twice", "twice"):
            wired.session.send_raw(f'[2,"{message_id}","Heartbeat",{{}}]')
        wired.session.send_raw('[9,"type","Heartbeat",{}]')
        for message_id in ("x" * 37, "twice", "twice", "type"):
            wired.session.receive(f'[4,"{message_id}","GenericError","",{{}}]')
        assert wired.heard.codes == []
        for message_id in ("x" * 37, "twice", "type"):
            wired.session.receive(f'[4,"{message_id}","GenericError","",{{}}]')
        assert wired.heard.codes == ["message-id-too-long", "duplicate-answer", "duplicate-answer"]

    clock.run(main())


def test_a_raw_answer_ends_the_call_it_answers() -> None:
    """A handler may answer with raw text and stay silent; the frame is judged by the call's schema."""

    async def main() -> None:
        async def handler(call: Call) -> Any:
            wired.session.send_raw(f'[3,"{call.message_id}",{{"garbage":1}}]')
            return NO_REPLY

        wired = Wired(handler=handler)
        wired.session.receive('[2,"1","Reset",{"type":"Hard"}]')
        await clock.settled()
        record = wired.heard.frames[-1]
        assert (record.text, record.action) == ('[3,"1",{"garbage":1}]', "Reset")
        assert record.breach is not None
        wired.session.receive('[2,"2","Reset",{"type":"Hard"}]')
        assert wired.heard.codes == []
        await wired.session.aclose()

    clock.run(main())


def test_unconfirmed_messages_pass_calls_by() -> None:
    """2.1: SEND needs no slot and gets no answer; the other side's SEND reaches its handler."""

    async def main() -> None:
        got: list[Send] = []
        wired = Wired(V21, on_send=got.append)
        stream = {"id": 1, "pending": 0, "basetime": "2026-01-01T00:00:00Z", "data": [{"t": 0.0, "v": "1"}]}
        wired.session.enqueue("Heartbeat", {})
        assert wired.session.send("NotifyPeriodicEventStream", stream) == "m2"
        assert json.loads(wired.sent[-1]) == [6, "m2", "NotifyPeriodicEventStream", stream]
        wired.session.receive(wired.sent[-1])
        assert [message.payload for message in got] == [stream]
        assert len(wired.sent) == 2
        with pytest.raises(InvalidMessage):
            wired.session.send("NotifyPeriodicEventStream", {})
        with pytest.raises(InvalidMessage, match="no unconfirmed message"):
            Wired(V16).session.send("NotifyPeriodicEventStream", stream)

    clock.run(main())


def test_a_wrong_answer_is_refused_in_2_1_and_a_refusal_is_recorded() -> None:
    """2.1: a CALLRESULT that breaks its schema is told so with CALLRESULTERROR; one about our answer is a breach."""

    async def main() -> None:
        wired = Wired(V21, handler=lambda _: {"status": "Accepted"})
        wired.session.enqueue("Heartbeat", {})
        wired.session.receive('[3,"m1",{}]')
        assert json.loads(wired.sent[-1])[:3] == [5, "m1", "OccurrenceConstraintViolation"]
        wired.session.receive('[2,"1","Reset",{"type":"Immediate"}]')
        wired.session.receive('[5,"1","FormatViolation","unreadable",{}]')
        assert wired.heard.codes == ["schema", "error-for-answer"]
        assert wired.heard.frames[-1].action == "Reset"

    clock.run(main())


def test_binary_messages_are_read_and_recorded() -> None:
    """OCPP-J is text; a binary message is a breach, and handled all the same."""

    async def main() -> None:
        wired = Wired(handler=lambda _: {"status": "Accepted"})
        wired.session.receive(b'[2,"1","Reset",{"type":"Hard"}]')
        wired.session.receive(b"\xff\xfe")
        assert wired.sent == ['[3,"1",{"status":"Accepted"}]']
        assert wired.heard.codes == ["binary-frame", "malformed-frame", "binary-frame"]
        assert wired.heard.texts[-1] == "\\xff\\xfe"

    clock.run(main())


def test_closing_fails_what_waits_and_leaves_no_task() -> None:
    """Outstanding and queued calls fail with the reason; handlers are cancelled; later frames are ignored."""

    async def main() -> None:
        ended: list[str] = []

        async def handler(_: Call) -> dict[str, Any]:
            try:
                await asyncio.sleep(1000)
            finally:
                ended.append("cancelled")
            return {}

        wired = Wired(handler=handler)
        waiting = [asyncio.create_task(wired.session.call("Heartbeat", {})) for _ in range(2)]
        wired.session.receive('[2,"1","Reset",{"type":"Hard"}]')
        await clock.settled()
        wired.session.receive('[2,"2","Reset",{"type":"Hard"}]')  # its handler has not begun when the session closes
        await wired.session.aclose("the network is gone")
        for call in waiting:
            with pytest.raises(SessionClosed, match="the network is gone"):
                await call
        assert ended == ["cancelled"]
        assert asyncio.all_tasks() == {asyncio.current_task()}
        before = len(wired.heard.frames)
        wired.session.receive('[2,"3","Reset",{"type":"Hard"}]')
        assert len(wired.heard.frames) == before
        with pytest.raises(SessionClosed):
            await wired.session.call("Heartbeat", {})
        wired.session.close()
        assert wired.session.closed

    clock.run(main())


def test_a_handler_may_close_its_own_session() -> None:
    """Closing from within a handler neither deadlocks nor leaves the handler behind."""

    async def main() -> None:
        async def handler(_: Call) -> dict[str, Any]:
            await wired.session.aclose("reset")
            return {"status": "Accepted"}

        wired = Wired(handler=handler)
        wired.session.receive('[2,"1","Reset",{"type":"Hard"}]')
        await clock.settled()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert wired.sent == []

    clock.run(main())


def test_nobody_has_to_await_a_call() -> None:
    """A call that fails unobserved is not reported as a lost exception."""

    async def main() -> None:
        told: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        wired = Wired(call_timeout=1)
        wired.session.enqueue("Heartbeat", {})
        await asyncio.sleep(2)
        wired.session.enqueue("Heartbeat", {})
        wired.session.close()
        assert told == []

    clock.run(main())


def test_a_slow_send_keeps_the_order() -> None:
    """While one send waits, later texts line up behind it, raw ones and answers too."""

    async def main() -> None:
        out: list[str] = []

        async def slowly(text: str) -> None:
            await asyncio.sleep(len(out) == 0)
            out.append(text)

        wired = Wired(send=slowly, handler=lambda _: {"status": "Accepted"})
        wired.session.enqueue("Heartbeat", {})
        wired.session.receive('[2,"1","Reset",{"type":"Hard"}]')
        wired.session.send_raw("raw")
        assert out == []
        await asyncio.sleep(5)
        assert out == ['[2,"m1","Heartbeat",{}]', '[3,"1",{"status":"Accepted"}]', "raw"]
        assert wired.heard.texts[0] == out[0]
        wired.session.enqueue("Heartbeat", {})
        await wired.session.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    clock.run(main())


def refuse(_: str) -> None:
    """A WebSocket that is gone."""
    raise ConnectionError("gone")


async def refuse_later(_: str) -> None:
    """A WebSocket that goes while it sends."""
    await asyncio.sleep(1)
    raise ConnectionError("gone")


@pytest.mark.parametrize("send", [refuse, refuse_later])
def test_a_failed_send_closes_the_session(send: Any) -> None:
    """The calls that wait learn why."""

    async def main() -> None:
        wired = Wired(send=send)
        calls = [wired.session.enqueue("Heartbeat", {}) for _ in range(2)]
        for call in calls:
            with pytest.raises(SessionClosed, match="cannot send: gone"):
                await call.future
        assert wired.session.closed
        await wired.session.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    clock.run(main())


@pytest.mark.parametrize("starter", [Role.CHARGER, Role.CSMS])
def test_a_handler_may_call_back_before_it_answers(starter: Role) -> None:
    """A call, a call from within its handler, both answers: at one instant and without a breach, from either end."""

    async def main() -> None:
        async def on_charger(call: Call) -> dict[str, Any]:
            if call.action == "RemoteStopTransaction":
                assert isinstance(await charger.call("Authorize", {"idTag": "CARD"}), CallResult)
            return {"status": "Accepted"}

        async def on_csms(call: Call) -> dict[str, Any]:
            if call.action == "BootNotification":
                assert isinstance(await csms.call("Reset", {"type": "Soft"}), CallResult)
                return {"status": "Accepted", "interval": 300, "currentTime": clock.timestamp()}
            return {"idTagInfo": {"status": "Accepted"}}

        charger, csms, charger_heard, csms_heard = join(on_charger, on_csms)
        if starter is Role.CHARGER:
            answer = await charger.call("BootNotification", BOOT_16)
        else:
            answer = await csms.call("RemoteStopTransaction", {"transactionId": 1})
        assert isinstance(answer, CallResult)
        assert clock.now() == 0
        assert charger_heard.codes == csms_heard.codes == []
        assert len(charger_heard.texts) == 4
        assert sorted(charger_heard.texts) == sorted(csms_heard.texts)
        await asyncio.gather(charger.aclose(), csms.aclose())

    clock.run(main())


def test_a_ring_of_calls_opens_with_the_time_out() -> None:
    """Each end's handler waits for a call that queues behind the end's own: one outstanding call per direction makes
    that a ring, which the first time-out opens. Everything ends; what was late is recorded."""

    async def main() -> None:
        async def on_charger(call: Call) -> dict[str, Any]:
            if call.action == "RemoteStopTransaction":
                inner.append(await charger.call("Authorize", {"idTag": "CARD"}))
            return {"status": "Accepted"}

        async def on_csms(call: Call) -> dict[str, Any]:
            if call.action == "Authorize":
                return {"idTagInfo": {"status": "Accepted"}}
            inner.append(await csms.call("Reset", {"type": "Soft"}))
            return {"status": "Accepted", "interval": 300, "currentTime": clock.timestamp()}

        inner: list[Any] = []
        charger, csms, charger_heard, csms_heard = join(on_charger, on_csms)
        booted = charger.enqueue("BootNotification", BOOT_16, timeout=20)
        stopped = csms.enqueue("RemoteStopTransaction", {"transactionId": 1}, timeout=30)
        with pytest.raises(CallTimeout):
            await booted.future
        assert isinstance(await stopped.future, CallResult)
        await clock.settled()
        assert clock.now() == 20
        assert [type(answer) for answer in inner] == [CallResult, CallResult]
        assert charger_heard.codes == ["late-answer"]
        assert csms_heard.codes == []
        assert charger.outstanding is csms.outstanding is None
        await asyncio.gather(charger.aclose(), csms.aclose())
        assert asyncio.all_tasks() == {asyncio.current_task()}

    clock.run(main())


def test_many_calls_both_ways_at_once() -> None:
    """A hundred calls from each end cross each other; all are answered, in order, one outstanding at a time."""

    async def main() -> None:
        charger, csms, charger_heard, csms_heard = join(
            lambda _: {"status": "Accepted"}, lambda _: {"currentTime": clock.timestamp()}
        )
        calls = [
            *(charger.enqueue("Heartbeat", {}) for _ in range(100)),
            *(csms.enqueue("ClearCache", {}) for _ in range(100)),
        ]
        answers = [await call.future for call in calls]
        assert [answer.message_id for answer in answers] == [call.message_id for call in calls]
        assert charger_heard.codes == csms_heard.codes == []
        for heard, direction in ((csms_heard, Direction.TO_CSMS), (charger_heard, Direction.TO_CHARGER)):
            numbers = [
                r.message.message_id[1:]
                for r in heard.frames
                if r.direction is direction and isinstance(r.message, Call)
            ]
            assert numbers == [str(n) for n in range(1, 101)]

    clock.run(main())


@pytest.mark.parametrize("version", [V16, V201, V21])
def test_a_time_without_an_offset_is_minded_and_taken(version: OcppVersion) -> None:
    """As a call, an answer and an unconfirmed message; neither frame counts as one that breaks its schema."""
    boot = {"status": "Accepted", "interval": 300, "currentTime": "2026-01-01T00:00:00"}
    mine = BOOT_16 if version is V16 else {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": "2026-01-01T00:00:00"}
    if version is not V16:
        status = {
            "evseId": 1, "connectorId": 1, "connectorStatus": "Available", "timestamp": "2026-01-01T00:00:00"
        }  # fmt: skip

    async def scene() -> tuple[Wired, Answer]:
        wired = Wired(version)
        call = asyncio.ensure_future(wired.session.call("BootNotification", mine))
        await asyncio.sleep(0)
        wired.session.receive(json.dumps([3, "m1", boot]))
        wired.session.receive(json.dumps([2, "x1", "StatusNotification", status]))
        return wired, await call

    wired, answer = clock.run(scene())
    assert isinstance(answer, CallResult) and answer.payload == boot
    assert [call.action for call in wired.calls] == ["StatusNotification"]
    assert wired.heard.codes == ["missing-offset", "missing-offset"]
    assert {violation.weight for violation in wired.heard.violations} == {"should" if version is V16 else "must"}
    assert all(record.breach is None for record in wired.heard.frames)
