"""Random and mutated frames against a session: no crash, each call answered as OCPP-J says, nothing left behind."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocpplab_runner import clock
from ocpplab_runner.ocppj import Call, Malformed, Reply, actions, parse
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.ocppj.sessions import V16, V21, Wired
from tests.thoroughness import examples

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=examples(150))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1", "2", "m1"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
IDS = st.sampled_from(["1", "2", "m1", "m2", "", "-1", "x" * 37]) | JSON
ACTIONS = st.sampled_from(["Heartbeat", "Reset", "BootNotification", "NotifyPeriodicEventStream", "Nonsense"])
FRAMES = st.one_of(
    st.tuples(st.just(2), IDS, ACTIONS, st.just({}) | JSON),
    st.tuples(st.just(3), IDS, JSON | st.just({"currentTime": "2026-01-01T00:00:00Z"})),
    st.tuples(st.just(4), IDS, st.sampled_from(["GenericError", "Odd"]) | JSON, JSON, JSON),
    st.tuples(st.sampled_from([5, 6, 7, 0, -1]), IDS, ACTIONS, JSON, JSON),
    st.lists(JSON, max_size=6),
).map(json.dumps)
TEXTS = (
    FRAMES
    | st.text(max_size=30)
    | st.binary(max_size=30)
    | st.tuples(FRAMES, st.integers(0, 80)).map(lambda pair: pair[0][: pair[1]])
)


def frames_of(texts: list[str]) -> list[list[Any]]:
    """What was sent, each as the JSON array it must be."""
    return [json.loads(text) for text in texts]


@CALM
@given(st.lists(TEXTS, max_size=12), st.sampled_from(OcppVersion), st.booleans())
def test_each_frame_is_answered_or_ignored_as_it_should(
    texts: list[str | bytes], version: OcppVersion, slow: bool
) -> None:
    """Every CALL gets exactly one answer under its id, malformed text the one its version has for it, the rest none."""

    async def handler(call: Call) -> Reply:
        await asyncio.sleep(1)
        return Reply({}, validate=False)

    async def main() -> None:
        wired = Wired(version, handler=handler if slow else lambda _: Reply({}, validate=False))
        wired.session.enqueue("Heartbeat", {}, timeout=1000)
        expected: Counter[str] = Counter()
        for text in texts:
            read = parse(text, version)
            if isinstance(read, Call) or (isinstance(read, Malformed) and read.code is not None):
                expected[str(read.message_id)] += 1
            wired.session.receive(text)
        await asyncio.sleep(2)
        sent = frames_of(wired.sent)
        answered = Counter(frame[1] for frame in sent if frame[0] in (3, 4))
        assert answered == expected
        assert len(wired.heard.frames) == len(texts) + len(sent)
        assert all(frame[0] != 5 for frame in sent) or version is V21
        await wired.session.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    clock.run(main())


@CALM
@given(st.lists(st.sampled_from(["call", "answer", "wrong", "late", "wait", "cancel", "frame", "raw"]), max_size=25))
def test_any_course_of_events_ends_cleanly(steps: list[str]) -> None:
    """Calls, answers, time-outs, cancellations and raw frames in any order: at most one call is outstanding, calls
    leave in order, every future is done after closing."""

    async def main() -> None:
        wired = Wired(V16, call_timeout=10, handler=lambda _: {"status": "Accepted"})
        calls = []
        for number, step in enumerate(steps):
            outstanding = wired.session.outstanding
            match step:
                case "call":
                    calls.append(wired.session.enqueue("Heartbeat", {}))
                case "answer" if outstanding is not None:
                    wired.session.receive(f'[3,"{outstanding.message_id}",{{"currentTime":"2026-01-01T00:00:00Z"}}]')
                case "wrong" if outstanding is not None:
                    wired.session.receive(f'[3,"{outstanding.message_id}",{{}}]')
                case "late":
                    wired.session.receive('[3,"m1",{"currentTime":"2026-01-01T00:00:00Z"}]')
                case "wait":
                    await asyncio.sleep(4)
                case "cancel" if calls:
                    calls[number % len(calls)].future.cancel()
                case "frame":
                    wired.session.receive(f'[2,"p{number}","Reset",{{"type":"Hard"}}]')
                case "raw":
                    wired.session.send_raw('[2,"raw","Reset"]')
        sent = [frame[1] for frame in map(json.loads, wired.sent) if frame[0] == 2 and frame[1] != "raw"]
        assert sent == sorted(sent, key=lambda text: int(text[1:]))
        assert len(sent) == len(set(sent))
        await wired.session.aclose()
        assert all(call.future.done() for call in calls)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    clock.run(main())


def test_ten_thousand_mutated_frames() -> None:
    """Seeded mutations of real frames, 3,400 for each version: never a crash, never a task left."""

    async def main(version: OcppVersion) -> None:
        random = Random(version.value)
        names = sorted(actions(version))
        wired = Wired(version, handler=lambda _: Reply({}, validate=False))
        for number in range(3400):
            frame: list[Any] = [
                random.choice([2, 2, 2, 3, 4, 5, 6, 7]),
                random.choice(["1", str(number), "m1"]),
                random.choice(names),
                {"idTag": "CARD", "type": random.choice(["Hard", 1, None])},
            ]
            text = json.dumps(frame)
            for _ in range(random.randrange(4)):
                start = random.randrange(len(text) + 1)
                end = min(len(text), start + random.randrange(6))
                text = (
                    text[:start]
                    + random.choice(["", '"', "[", "}", "NaN", "\\ud800", "\x00", "é", "1e999"])
                    + text[end:]
                )
            wired.session.receive(text)
        assert len(wired.heard.frames) == 3400 + len(wired.sent)
        frames_of(wired.sent)
        await wired.session.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    for version in OcppVersion:
        clock.run(main(version))


def test_bombs_and_giants_do_no_harm() -> None:
    """Nesting bombs, eight-megabyte frames and absurd numbers are answered or ignored, and the session lives on."""

    async def main(version: OcppVersion) -> None:
        wired = Wired(version, handler=lambda _: {"status": "Accepted"})
        big = "x" * 8_000_000
        for text in (
            "[" * 1_000_000,
            '[2,"1","Reset",' + '{"a":' * 900 + "1" + "}" * 900 + "]",
            f'[2,"2","Reset",{{"type":"{big}"}}]',
            f'[2,"3","{big}",{{}}]',
            f'[2,"{big}","Reset",{{}}]',
            f'[2,"4","Reset",{{"type":{"9" * 100_000}}}]',
            big,
            f'[4,"5","{big}","{big}",{{}}]',
        ):
            wired.session.receive(text)
        assert all(len(text) < 600 for text in wired.sent)
        count = len(wired.sent)
        kind = "Hard" if version is V16 else "Immediate"
        wired.session.receive(f'[2,"6","Reset",{{"type":"{kind}"}}]')
        assert wired.sent[count:] == ['[3,"6",{"status":"Accepted"}]']
        await wired.session.aclose()

    for version in OcppVersion:
        clock.run(main(version))
