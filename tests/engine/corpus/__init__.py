"""Scenarios with a known verdict, most of them one that is not a pass: what the engine's own faults must not change.

:func:`corpus` makes them from three tables beside this file: what a facet shows and what it does not (``seen.yaml``),
what a value fits and what it does not (``values.yaml``), and rows by hand (``rows.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_CARDS = {"CARD-1": "Accepted", "CARD-2": "Blocked", "CARD-3": "Accepted"}
_STATES: Mapping[str, Any] = {
    "plugged": {"ev_connected": {"evse_id": 1}},
    "charging": {"charging": {"id_tag": "CARD-1"}},
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario of the corpus.

    Attributes:
        name: of it, for reports.
        scenario: as data.
        verdict: that it has.
        step: index of the first step that is not passed; None when each is.
        strict: whether it runs under ``--strict``.
    """

    name: str
    scenario: Mapping[str, Any]
    verdict: str
    step: str | None
    strict: bool = False

    @property
    def text(self) -> str:
        """As a file would have it."""
        text: str = yaml.dump(dict(self.scenario), Dumper=_DUMPER, sort_keys=False)
        return text


@cache
def corpus() -> list[Entry]:
    """All of it, in an order that never changes."""
    return [*_seen(), *_values(), *_rows()]


def _table(name: str) -> Any:
    return yaml.load((_HERE / name).read_text("utf-8"), _LOADER)


# -- what a step makes happen -----------------------------------------------------------------------------------------


def _seen() -> Iterator[Entry]:
    for number, one in enumerate(_table("seen.yaml"), 1):
        name = f"seen {number}, {one['facet']}"
        given = {"state": one["state"]} if "state" in one else {}
        makers = _of_own_step(one) if one.get("own") else _of_event(one)
        for what, verdict, step, steps, more in makers:
            world = given | more.get("given", {})
            scenario = {**more, **_scenario(f"{name}: {what}", one.get("ocpp", "1.6"), steps, world)}
            yield Entry(scenario["name"], scenario, verdict, step)


_Made = tuple[str, str, str | None, list[dict[str, Any]], dict[str, Any]]


def _of_own_step(one: Mapping[str, Any]) -> Iterator[_Made]:
    act, facet, right = one["act"], one["facet"], one["right"]
    yield "as it is", "passed", None, [act | {"expect": {facet: right}}], {}
    for field, value in one["wrong"].items():
        yield f"another {field}", "failed", "1", [act | {"expect": {facet: {**right, field: value}}}], {}
    for field, value in right.items() if not one.get("others") else ():
        yield f"not {field}", "failed", "1", [act | {"expect": {facet: {field: {"$not": value}}}}], {}


def _of_event(one: Mapping[str, Any]) -> Iterator[_Made]:
    act, facet, right = one["act"], one["facet"], one["right"]
    yield from _of_own_step(one)
    yield "never", "failed", "1", [act | {"never": {facet: right}, "for": "1s"}], {}
    yield "never, afterwards", "failed", "2", [act, {"never": {facet: right}, "for": "1s"}], {}
    yield (
        "throughout",
        "failed",
        None if one.get("late") else "1",
        [act, {"wait": "1s"}],
        {"throughout": {"never": {facet: right}}},
    )
    yield "too often", "failed", "1", [act | {"expect": {facet: {**right, "count": 9}}}], {}
    yield "at least too often", "failed", "1", [act | {"expect": {facet: {**right, "at_least": 9}}}], {}
    yield "nine in a row", "failed", "1", [act | {"expect": {facet: [right] * 9}}], {}
    yield "nine in order", "failed", "1", [act | {"expect": {facet: [right] * 9}, "in_order": True}], {}
    yield "nine in any order", "failed", "1", [act | {"expect": {facet: [right] * 9}, "in_any_order": True}], {}
    other = {"plug_connector": 3}
    pause = [{"wait": "1m"}] if one.get("late") else []
    before = [act, *pause, other, {"expect": {facet: right}, "within": "1s"}]
    yield "before the window", "failed", str(len(before)), before, {}
    both = {"given": {"chargers": {"A": _CHARGER, "B": _CHARGER}}}
    elsewhere = {"charger": "B", "since": "start", "within": "1s", "expect": {facet: right}}
    yield "on another charger", "failed", "2", [{**act, "charger": "A"}, elsewhere], both
    unseen = {"charger": "B", "since": "start", "for": "1s", "never": {facet: right}}
    yield "never on another charger", "passed", None, [{**act, "charger": "A"}, unseen], both


# -- what a value fits ------------------------------------------------------------------------------------------------


def _values() -> Iterator[Entry]:
    for one in _table("values.yaml"):
        sent = {"proxy_message": {"action": "DataTransfer", "payload": {"vendorId": "org.example", "data": one["has"]}}}
        for fits, values in ((True, one["fits"]), (False, one["other"])):
            for value in values:
                looked_for = {"message": {"action": "DataTransfer", "payload": {"data": value}}}
                name = f"{one['has']} {'fits' if fits else 'does not fit'} {value}"
                scenario = _scenario(f"expected: {name}", "2.0.1", [sent | {"expect": looked_for, "within": "1s"}], {})
                yield Entry(scenario["name"], scenario, "passed" if fits else "failed", None if fits else "1")
                if fits:
                    scenario = _scenario(f"never: {name}", "2.0.1", [sent | {"never": looked_for, "for": "1s"}], {})
                    yield Entry(scenario["name"], scenario, "failed", "1")


# -- by hand ----------------------------------------------------------------------------------------------------------


def _rows() -> Iterator[Entry]:
    for number, row in enumerate(_table("rows.yaml"), 1):
        left = dict(row)
        verdict, step = left.pop("is"), left.pop("at", None)
        given: dict[str, Any] = {}
        if "state" in left:
            given["state"] = _STATES[left.pop("state")]
        if "chargers" in left:
            given["chargers"] = dict.fromkeys(left.pop("chargers"), _CHARGER)
        if "settings" in left:
            given["charger"] = {**_CHARGER, "settings": left.pop("settings")}
        if "throughout" in left:
            left["throughout"] = {"never": left["throughout"]}
        strict = left.pop("strict", False)
        scenario = _scenario(f"row {number}", left.pop("ocpp", "1.6"), left.pop("steps"), given) | left
        yield Entry(f"row {number}", scenario, verdict, None if step is None else str(step), strict)


_CHARGER: dict[str, Any] = {"evses": 3}


def _scenario(name: str, ocpp: str, steps: list[dict[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    world = {"csms": {"id_tokens": _CARDS}, **given}
    if "chargers" not in world:
        world.setdefault("charger", _CHARGER)
    return {"name": name, "ocpp": [ocpp], "given": world, "steps": steps}
