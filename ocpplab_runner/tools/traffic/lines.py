"""The live log: a line for each call with its answer, each fact, each violation with its rule, each connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from ocpplab_runner.csms import VIOLATIONS
from ocpplab_runner.ocppj.violations import FRAME_VIOLATIONS
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.tools.traffic.exchanges import Exchange, Exchanges
from ocpplab_runner.vocabulary.texts import shortened, unbroken

_ARROWS = {"to_csms": "→", "to_charger": "←"}
#: Columns of a station's name at least, and at most.
_NARROW, _WIDE = 8, 24
_ACTION = 28
_LATENCY = 8
#: Characters of a call's payload, and of an answer's, where nobody says how wide a line is.
_BRIEF = 120
_COLORS = {"!": "red", "·": "cyan", "*": "magenta"}


class LiveLog:
    """Writes lines.

    Args:
        say: prints one line.
        moment: date and time of a point of time on the loop's clock.
        color: whether lines have colours.
        width: of a line; None for as much of the payloads as helps.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        moment: Callable[[float], datetime],
        color: bool = False,
        width: int | None = None,
    ) -> None:
        self._say = say
        self._moment = moment
        self._color = color
        self._width = width
        self._column = _NARROW
        self._exchanges = Exchanges(self._exchange)

    def hear(self, event: Event) -> None:
        """Take the next event in."""
        self._exchanges.hear(event)
        match event.kind:
            case "fact" if event.name == "connection":
                self._line(event.at, event.charger, "*", _connection(event.fields))
            case "fact":
                room = None if self._width is None else max(20, self._width - 18 - self._column)
                told = f"{event.name}: {_told(event.fields)}"
                # When it became known: a fact of a call has the call's time, and is held until its answer.
                self._line(event.arrived, event.charger, "·", told if room is None else shortened(told, room))
            case "violation":
                self._line(event.at, event.charger, "!", violation_text(event))
            case "note":
                self._line(event.at, event.charger, "*", event.name)

    def _exchange(self, exchange: Exchange) -> None:
        if exchange.outcome == "waiting":
            return
        at = exchange.at if exchange.answered is None else exchange.answered
        arrow = _ARROWS[exchange.direction]
        took = "" if exchange.latency is None else milliseconds(exchange.latency)
        head = f"{exchange.action:<{_ACTION}} {took:>{_LATENCY}}  "
        room = None if self._width is None else max(20, self._width - 16 - self._column - 2 - len(head))
        self._line(at, exchange.station, arrow, head + _payloads(exchange, room), bad=exchange.outcome != "result")

    def _line(self, at: float, station: str, mark: str, text: str, *, bad: bool = False) -> None:
        station, text = unbroken(station), unbroken(text)
        self._column = max(self._column, min(len(station), _WIDE))
        time = self._moment(at).astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]
        who = f"{shortened(station, _WIDE):<{self._column}}"
        if self._color:
            time = click.style(time, dim=True)
            color = _COLORS.get(mark) or ("yellow" if bad else None)
            mark, text = click.style(mark, fg=color), click.style(text, fg=color) if color else text
        self._say(f"{time}  {who}  {mark} {text}".rstrip())


def violation_text(event: Event) -> str:
    """A violation of the protocol with its rule, in one line."""
    rule = rule_of(event.name)
    source = f" [{rule}]" if rule else ""
    return f"{event.name} ({event.fields.get('weight')}): {event.fields.get('description')}{source}"


def rule_of(code: str) -> str:
    """Where the specification has the rule that a violation of that code breaks."""
    rule = VIOLATIONS.get(code) or FRAME_VIOLATIONS.get(code)
    return "" if rule is None else rule.source


def milliseconds(seconds: float) -> str:
    """A latency for people."""
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _connection(fields: Mapping[str, Any]) -> str:
    if fields.get("is") == "opened":
        return f"connected, OCPP {fields['ocpp']}"
    told = [f"by {fields['by']}"] if "by" in fields else []
    told += [f"code {fields['code']}"] if "code" in fields else []
    told += [str(fields["reason"])] if fields.get("reason") else []
    return ", ".join(["disconnected", *told])


def _payloads(exchange: Exchange, room: int | None) -> str:
    match exchange.outcome:
        case "error":
            code, description = exchange.answer.get("code"), exchange.answer.get("description")
            answer = f"{code}: {description}" if description else str(code)
        case "lost":
            answer = "no answer"
        case "one-way":
            return shortened(_json(exchange.payload), room or _BRIEF)
        case "stray":
            return shortened(f"belongs to no call: {_json(exchange.payload)}", room or _BRIEF)
        case _:
            answer = _json(exchange.answer)
    call = _json(exchange.payload)
    if room is None:
        return f"{shortened(call, _BRIEF)} ⇒ {shortened(answer, _BRIEF)}"
    # The answer is what most look for: it may take what the call leaves, and at least half.
    share = max(room // 2, room - 3 - len(call))
    answer = shortened(answer, max(1, share))
    return f"{shortened(call, max(1, room - 3 - len(answer)))} ⇒ {answer}"


def _told(fields: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in fields.items() if name != "is"}
    parts = [str(fields["is"])] if "is" in fields else []
    return ", ".join([*parts, *(f"{name} {_plain(value)}" for name, value in rest.items())])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except (TypeError, UnicodeError):
        return repr(value)
