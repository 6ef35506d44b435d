"""The ledger."""

from __future__ import annotations

from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.vocabulary.versions import OcppVersion


def heartbeat(at: float = 0.0, evidence: str = "charger") -> Observation:
    fields = {"direction": "to_csms", "type": "call", "message_id": "1", "payload": {}}
    return Observation("frame", "Heartbeat", "A", at, fields, evidence=evidence)


def note(name: str, at: float = 0.0, evidence: str = "charger") -> Observation:
    return Observation("note", name, "A", at, evidence=evidence)


def answer(at: float = 0.0) -> Observation:
    fields = {"direction": "to_charger", "type": "result", "message_id": "1", "payload": {"currentTime": "t"}}
    return Observation("frame", "Heartbeat", "A", at, fields)


def test_a_calls_fact_comes_with_its_answer_and_has_the_calls_time() -> None:
    """It says which frame shows it and stands where that frame does, however late it comes."""
    ledger = Ledger(now=lambda: 5.0)
    ledger.add_charger("A", OcppVersion.V16)
    heard: list[Event] = []
    ledger.subscribe(heard.append)
    frame = ledger.record(heartbeat(at=3.0))
    ledger.record(note("between", at=4.0))
    assert [event.kind for event in heard] == ["frame", "note"]
    ledger.record(answer(at=4.5))
    assert [(e.seq, e.kind, e.name, e.at, e.arrived, e.cause) for e in heard[2:]] == [
        (2, "frame", "Heartbeat", 4.5, 5.0, None),
        (3, "fact", "heartbeat", 3.0, 5.0, 0),
    ]
    assert ledger[3].place == frame.seq
    assert ledger[2].place == 2


def test_nothing_is_known_past_an_open_call() -> None:
    """What matters is whether it could show what is asked about; it is waited for until it has timed out."""
    time = [5.0]
    ledger = Ledger(now=lambda: time[0])
    ledger.add_charger("A", OcppVersion.V16)
    ledger.record(heartbeat(at=3.0))
    assert ledger.watermark("A", {"transaction"}) == 5.0
    assert ledger.watermark("B", {"heartbeat"}) == 5.0
    assert 2.999 < ledger.watermark("A", {"heartbeat"}) < 3.0
    time[0] = 33.0
    assert ledger.watermark("A", {"heartbeat"}) == 33.0
    time[0] = 5.0
    ledger.record(answer(at=5.0))
    assert ledger.watermark("A", {"heartbeat"}) == 5.0


def test_nobody_waits_for_a_call_whose_connection_is_gone() -> None:
    """It will not be answered."""
    ledger = Ledger(now=lambda: 5.0)
    ledger.add_charger("A", OcppVersion.V16)
    ledger.record(heartbeat(at=3.0))
    ledger.record(Observation("fact", "connection", "A", 4.0, {"is": "closed"}, source="inside"))
    assert ledger.watermark("A", {"heartbeat"}) == 5.0


def test_an_unknown_chargers_frames_stay_uninterpreted() -> None:
    """Without a version nothing can be read."""
    ledger = Ledger(now=lambda: 0.0)
    ledger.record(heartbeat())
    assert ledger.position == 1


def test_a_listener_may_record() -> None:
    """What it records comes after what is under way, for every listener."""
    ledger = Ledger(now=lambda: 0.0)
    first: list[str] = []
    second: list[str] = []

    def reacts(event: Event) -> None:
        first.append(event.name)
        if event.name == "a":
            ledger.record(note("b"))

    ledger.subscribe(reacts)
    stop = ledger.subscribe(lambda event: second.append(event.name))
    ledger.record(note("a"))
    stop()
    ledger.record(note("c"))
    assert (first, second) == (["a", "b", "c"], ["a", "b"])


def test_arrival_is_never_before_the_event() -> None:
    """A source whose clock runs ahead does not turn time round."""
    ledger = Ledger(now=lambda: 1.0)
    assert ledger.record(note("a", at=2.0)).arrived == 2.0


def test_the_watermark_is_that_of_the_slowest_source() -> None:
    """Only sources that have shown something count."""
    marks = {"charger": 9.0, "gateway-log": 3.0}
    ledger = Ledger(now=lambda: 9.0, watermark=marks.__getitem__)
    assert ledger.watermark("A") == 9.0
    ledger.record(note("a"))
    assert ledger.watermark("A") == 9.0
    ledger.record(note("b", evidence="gateway-log"))
    assert ledger.watermark("A") == 3.0


def test_an_open_call_is_waited_for_as_long_as_its_charger_waits() -> None:
    """What its answer may still show is not known before; the time is the target's."""
    for patience in (4.0, 30.0, 60.0):
        times = [0.0]
        ledger = Ledger(now=lambda times=times: times[-1], patience=patience)  # type: ignore[misc]
        ledger.add_charger("A", OcppVersion.V16)
        ledger.record(heartbeat(at=0.0))
        times.append(patience - 0.1)
        assert ledger.watermark("A", {"heartbeat"}) < 0.0
        assert ledger.watermark("A", {"meter"}) == times[-1]
        times.append(patience)
        assert ledger.watermark("A", {"heartbeat"}) == patience


def test_violations_are_kept() -> None:
    """Every protocol violation is at hand at the end."""
    ledger = Ledger(now=lambda: 0.0)
    ledger.record(Observation("violation", "schema", "A", 0.0))
    assert [event.name for event in ledger.violations] == ["schema"]


def test_old_events_are_read_back_as_they_were() -> None:
    """A ledger that spills says the same of everything as one that keeps all."""
    spilling, keeping = Ledger(now=lambda: 5.0, kept=500), Ledger(now=lambda: 5.0)
    for ledger in (spilling, keeping):
        ledger.add_charger("A", OcppVersion.V16)
        for number in range(2_000):
            ledger.record(heartbeat(at=number / 1000))
            ledger.record(answer(at=number / 1000))
            ledger.record(Observation("violation", "schema", "A", number / 1000, {"number": number}))
    assert spilling.position == keeping.position == 8_000
    assert list(spilling.since(0)) == list(keeping.since(0))
    assert [spilling[seq] for seq in (7_999, 0, 4_321, 999, 1_000)] == [
        keeping[seq] for seq in (7_999, 0, 4_321, 999, 1_000)
    ]
    assert list(spilling.violations) == list(keeping.violations)
    assert len(spilling._events) < 2_000


def test_what_no_file_takes_stays_in_memory() -> None:
    """A plugin's fields may hold what cannot be written; nothing is lost by it."""
    ledger = Ledger(now=lambda: 0.0, kept=500)
    for _ in range(4_000):
        ledger.record(Observation("note", "odd", "A", 0.0, {"odd": lambda: None}))
    assert [event.seq for event in ledger.since(0)] == list(range(4_000))


def test_who_has_consumed_an_event_is_known() -> None:
    """Also of the ones between and after those that nobody has."""
    ledger = Ledger(now=lambda: 0.0)
    ledger.consume([5, 2], "step 1")
    ledger.consume([2, 900_000], "step 2")
    assert [ledger.consumer(seq) for seq in (0, 2, 4, 5, 899_999, 900_000, 900_001)] == [
        *(None, "step 2", None, "step 1", None, "step 2", None)
    ]
    assert [ledger.is_consumed(seq) for seq in (2, 3, 900_000, 10**7)] == [True, False, True, False]


def test_a_reader_loses_no_event_that_is_spilled_while_it_reads() -> None:
    """Who goes through a ledger that grows and spills meanwhile sees what was there when it began, each once."""
    ledger = Ledger(now=lambda: 0.0, kept=100)
    for number in range(900):
        ledger.record(Observation("note", str(number), "A", 0.0))
    seen = []
    for event in ledger.since(3):
        seen.append(event.seq)
        for _ in range(5):
            ledger.record(Observation("note", "more", "A", 0.0))
    assert seen == list(range(3, 900))
    assert ledger.position > 5_000
    assert len(ledger._events) < 1_500
