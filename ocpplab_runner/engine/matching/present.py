"""Present states: what the latest facts say of each subject, and whether that is what ``still`` asks for.

Windows do not matter here and nothing is consumed: a state that came about long ago holds until another fact ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ocpplab_runner.engine.matching.views import brief, describe_fields
from ocpplab_runner.engine.recording.ledger import Ledger
from ocpplab_runner.plugin.events import Event
from ocpplab_runner.scenario.registry import FacetSpec, StateSpec
from ocpplab_runner.scenario.values import Difference, compare, is_unsure

_Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """The state of one subject.

    Attributes:
        fields: ``is`` in the state's own words, and what else holds on.
        event: the latest that says so.
    """

    fields: Mapping[str, Any]
    event: Event


class Answer(Enum):
    """What became of the question."""

    YES = "yes"
    NO = "no"
    #: Nothing has been said about it so far.
    UNKNOWN = "unknown"
    #: It is so of one subject and not of another.
    DIVIDED = "divided"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question.

    Attributes:
        answer: see :class:`Answer`.
        nearest: the state that decides, or comes nearest; None where there is none.
        differences: of that state.
        message: why it is not so, in one line without a time.
    """

    answer: Answer
    nearest: Present | None = None
    differences: Sequence[Difference] = field(default_factory=list)
    message: str = ""


class Presents:
    """The present states of all chargers, read off the ledger as far as it goes.

    Args:
        ledger: whose facts.
        facets: all of the language.
    """

    def __init__(self, ledger: Ledger, facets: Mapping[str, FacetSpec]) -> None:
        self._ledger = ledger
        self._specs: dict[str, list[FacetSpec]] = {}
        for spec in facets.values():
            if spec.state is not None and spec.kind == "fact" and spec.event is not None:
                self._specs.setdefault(spec.event, []).append(spec)
        self._read = 0
        self._known: dict[tuple[str, str], dict[_Key, Present]] = {}

    def of(self, facet: str, charger: str) -> list[Present]:
        """The states that a facet's facts tell of a charger now, in the order in which their subjects were met."""
        for event in self._ledger.since(self._read):
            if event.kind == "fact":
                for spec in self._specs.get(event.name, ()):
                    self._take(spec, event)
        self._read = self._ledger.position
        return list(self._known.get((facet, charger), {}).values())

    def _take(self, spec: FacetSpec, event: Event) -> None:
        state = spec.state
        assert state is not None
        word = state.words.get(event.fields.get("is", ""), "") if state.words else event.fields.get("is")
        if not word:
            return
        known = self._known.setdefault((spec.name, event.charger), {})
        # Id tokens have no letter case (1.6 IdToken, 2.x IdTokenType).
        key = tuple(_folded(event.fields.get(name)) for name in state.subject)
        before = known.get(key)
        if before is not None and (before.event.at, before.event.place) > (event.at, event.place):
            return  # a late report of what is over
        said = {name: event.fields[name] for name in state.fields if name in event.fields}
        if before is not None and state.gathered:
            said = {**{name: value for name, value in before.fields.items() if name != "is"}, **said}
        known[key] = Present({"is": word, **said}, event)


def judge_state(spec: FacetSpec, wanted: Mapping[str, Any], states: Sequence[Present]) -> Finding:
    """Whether a present state is what a step asks for.

    Args:
        spec: of the facet; it has a state.
        wanted: the fields asked for, as plain data with matchers.
        states: those of the charger.
    """
    state = spec.state
    assert state is not None
    return _of_what_ends(spec, state, wanted, states) if state.none else _of_what_lasts(spec, state, wanted, states)


def _of_what_ends(spec: FacetSpec, state: StateSpec, wanted: Mapping[str, Any], states: Sequence[Present]) -> Finding:
    """Whether there is one that fits; or, asked for none, that there is not."""
    rest = {name: value for name, value in wanted.items() if name != "is"}
    alive = [one for one in states if one.fields["is"] != state.none]
    fitting = [one for one in alive if not compare(rest, one.fields)]
    none_will_do = "is" in wanted and not compare({"is": wanted["is"]}, {"is": state.none})
    if any(not compare(wanted, one.fields) for one in fitting) or (none_will_do and not fitting):
        return Finding(Answer.YES)
    asked = describe_fields(wanted)
    nearest = max(fitting or alive or states, key=lambda one: one.event.seq, default=None)
    if nearest is None:
        return Finding(Answer.NO, message=f"{spec.name} should be {asked}, and there has been none")
    return _no(spec, wanted, nearest)


def _of_what_lasts(spec: FacetSpec, state: StateSpec, wanted: Mapping[str, Any], states: Sequence[Present]) -> Finding:
    """Whether every subject that is meant is so; where only some are, nobody knows which is meant."""
    named = {name: value for name, value in wanted.items() if name in state.subject}
    apart = {name: value for name, value in state.apart.items() if name not in named}
    meant = [one for one in states if not compare(named, one.fields)]
    meant = [one for one in meant if not apart or compare(apart, one.fields)]
    if not meant:
        whose = f" of {describe_fields(named)}" if named else ""
        return Finding(Answer.UNKNOWN, message=f"{spec.name}: nothing has been said{whose} so far")
    wrong = [one for one in meant if compare(wanted, one.fields)]
    if not wrong:
        return Finding(Answer.YES)
    if len(wrong) == len(meant):
        return _no(spec, wanted, max(wrong, key=lambda one: one.event.seq))
    unnamed = [name for name in state.subject if name not in named]
    told = " and ".join(describe_fields(_short(one.fields, state)) for one in meant)
    return Finding(
        Answer.DIVIDED, message=f"{spec.name} is {told}: say which one is meant, with {' or '.join(unnamed)}"
    )


def _no(spec: FacetSpec, wanted: Mapping[str, Any], nearest: Present) -> Finding:
    differences = compare(wanted, nearest.fields)
    if is_unsure(differences):
        return Finding(Answer.UNKNOWN, message=f"{spec.name} {differences[0].path}: it {differences[0].reason}")
    asked, is_ = describe_fields(wanted), brief(describe_fields(_short(nearest.fields, spec.state)))
    return Finding(Answer.NO, nearest, differences, f"{spec.name} should be {asked}, and is {is_}")


def _short(fields: Mapping[str, Any], state: StateSpec | None) -> Mapping[str, Any]:
    """The word and whose it is."""
    subject = state.subject if state is not None else ()
    return {name: value for name, value in fields.items() if name == "is" or name in subject}


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
