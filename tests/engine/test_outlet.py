"""Records on their way out of an attempt: in order, redacted, events as lines."""

from typing import Any

import orjson
import pytest

from ocpplab_runner.engine.running.outlet import Outlet
from ocpplab_runner.redaction.redactor import HIDDEN
from ocpplab_runner.reports.jsonl import encode


def _event(number: int, **fields: Any) -> Any:
    event = {"seq": number, "kind": "fact", "name": "x", "charger": "charger", "at": 0.0, "fields": fields}
    return {"type": "event", "case": "c", "event": event}


def _log(text: str) -> Any:
    return {"type": "log", "case": "c", "at": 0.0, "text": text}


class _Sink:
    """What came, in order; lines as the records that they hold."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.bursts: list[bytes] = []

    def lines(self, lines: bytes) -> None:
        self.bursts.append(lines)
        self.came += map(orjson.loads, lines.splitlines())


def _outlet(sink: _Sink, *, bursts: bool = True) -> Outlet:
    return Outlet(sink.came.append, sink.lines, bursts=bursts)


def test_events_wait_for_the_next_other_record_and_stay_before_it() -> None:
    """What is read is in the order in which it was made."""
    sink = _Sink()
    outlet = _outlet(sink)
    outlet.event(_event(0))
    outlet.event(_event(1))
    assert sink.came == []
    outlet.record(_log("a"))
    outlet.event(_event(2))
    outlet.flush()
    assert sink.came == [_event(0), _event(1), _log("a"), _event(2)]
    assert len(sink.bursts) == 2


def test_nothing_waits_where_time_is_real() -> None:
    """A reader of a run on the real clock sees an event when it happens."""
    sink = _Sink()
    _outlet(sink, bursts=False).event(_event(0))
    assert sink.came == [_event(0)]


def test_a_burst_is_bounded() -> None:
    """A flood does not wait in memory."""
    sink = _Sink()
    outlet = _outlet(sink)
    for number in range(100):
        outlet.event(_event(number, text="x" * 1000))
    assert sum(map(len, sink.bursts)) > 50_000


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "hunter2!"},
        {"id_token": "hunter2!"},
        {"payload": {"hunter2!": 1}},
        {"password": "other"},
        {"pass_word": "other"},
        {"token": "other"},
        {"text": "verdict passed, password=other"},
        {"text": "\udc00 hunter2!"},
    ],
)
def test_one_secret_in_a_burst_is_hidden_and_the_rest_is_left_alone(fields: dict[str, Any]) -> None:
    """The burst is looked at as a whole, but cleaned line by line."""
    sink = _Sink()
    outlet = _outlet(sink)
    outlet.redactor.add("hunter2!")
    plain = _event(0, status="passed", name="token_status", id_token="CARD-1")
    for event in (plain, _event(1, **fields), plain):
        outlet.event(event)
    outlet.flush()
    first, middle, last = sink.came
    assert (first, last) == (plain, plain)
    shown = str(middle)
    assert HIDDEN in shown
    assert "hunter2" not in shown
    assert "other" not in shown


def test_what_json_cannot_carry_goes_as_a_record() -> None:
    """A lone surrogate or an integer beyond 64 bits is made visible by the report."""
    sink = _Sink()
    outlet = _outlet(sink)
    outlet.event(_event(0))
    outlet.event(_event(1, text="\udc00", count=10**30))
    outlet.event(_event(2))
    outlet.flush()
    assert [record["event"]["seq"] for record in sink.came] == [0, 1, 2]
    assert b"#xDC00" in encode(sink.came[1])


def test_lines_are_those_of_the_report() -> None:
    """A line goes into the file as it is."""
    sink = _Sink()
    outlet = _outlet(sink)
    event = _event(0, z=1, a={"y": 1.5, "b": None})
    outlet.event(event)
    outlet.flush()
    assert sink.bursts == [encode(event)]


def test_without_lines_events_are_records() -> None:
    """Who asks for records gets each at once, cleaned."""
    came: list[Any] = []
    outlet = Outlet(came.append, bursts=True)
    outlet.event(_event(0, password="abc"))
    assert came == [_event(0, password=HIDDEN)]
