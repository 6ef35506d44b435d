"""Checked data to the model that the engine runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.language import Language
from ocpplab_runner.scenario.model import (
    Case,
    Duration,
    Expectation,
    FacetExpectation,
    Order,
    Presence,
    Prohibition,
    Scenario,
    Step,
    Xfail,
)
from ocpplab_runner.scenario.sources import Sources, resolve_include
from ocpplab_runner.scenario.values import bind
from ocpplab_runner.vocabulary.durations import parse_duration
from ocpplab_runner.vocabulary.versions import OcppVersion

#: The name of the only charger of a scenario.
ONLY_CHARGER = "charger"


def merged(root: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's data over its defaults: key by key in every mapping; lists and scalars are replaced whole.

    ``tags`` and ``secrets`` are joined. ``given.charger`` and ``given.chargers`` replace each other.
    """
    out = {**defaults, **root}
    for key in ("tags", "secrets"):
        lists = [words for words in (defaults.get(key), root.get(key)) if isinstance(words, list)]
        if len(lists) == 2:
            out[key] = [*lists[0], *(word for word in lists[1] if word not in lists[0])]
    for key in ("given", "vars"):
        if isinstance(defaults.get(key), Mapping) and isinstance(root.get(key), Mapping):
            below = dict(defaults[key])
            if key == "given" and ("charger" in root[key]) != ("chargers" in root[key]):
                below.pop("chargers" if "charger" in root[key] else "charger", None)
            out[key] = _deep(below, root[key])
    return out


def _deep(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(below)
    for key, value in above.items():
        under = out.get(key)
        # A named state is one value: its single key must not be joined with another state's.
        if isinstance(under, Mapping) and isinstance(value, Mapping) and key != "state":
            out[key] = _deep(under, value)
        else:
            out[key] = value
    return out


def _xfail(value: Any) -> Xfail | None:
    if not isinstance(value, dict):
        return None if value is None else Xfail(value)
    failure = value.get("failure", "")
    named = failure if isinstance(failure, dict) else {"message": failure}
    return Xfail(value["reason"], named.get("message", ""), named.get("step", ""))


class Builder:
    """Makes the model of one scenario. Its data must have passed every check."""

    def __init__(self, language: Language, sources: Sources) -> None:
        self.language = language
        self.sources = sources
        self.within: Duration | None = None

    def scenario(self, document: Document, defaults: Document | None) -> Scenario:
        """The scenario of that document."""
        root = document.root
        if defaults is not None:
            root = merged(root, defaults.root)
        self.within = _duration(root.get("within"))
        given = root.get("given") or {}
        chargers = given.get("chargers")
        if chargers is None:
            chargers = {ONLY_CHARGER: given.get("charger") or {}}
        never = (root.get("throughout") or {}).get("never")
        throughout: tuple[Prohibition, ...] = ()
        if never is not None:
            span = document.key_span(root["throughout"], "never")
            throughout = (Prohibition(self.facets(document, never), span=span),)
        return Scenario(
            path=document.path,
            name=root["name"],
            steps=self.steps(document, root["steps"]),
            description=root.get("description", ""),
            tags=tuple(root.get("tags", ())),
            covers=tuple(root.get("covers", ())),
            ocpp=_versions(root.get("ocpp")),
            chargers={name: value or {} for name, value in chargers.items()},
            csms=given.get("csms") or {},
            state=given.get("state"),
            files=given.get("files") or {},
            uploads=given.get("uploads") or {},
            vars=root.get("vars") or {},
            secrets=tuple(root.get("secrets", ())),
            cases=tuple(
                Case(
                    name=row["name"],
                    vars={key: value for key, value in row.items() if key not in ("name", "only")},
                    only=_versions(row.get("only")),
                    span=document.value_span(root["cases"], index),
                )
                for index, row in enumerate(root.get("cases", ()))
            ),
            throughout=throughout,
            finally_=self.steps(document, root.get("finally", ())),
            xfail=_xfail(root.get("xfail")),
            smoke=root.get("smoke", False),
            timeout=_duration(root.get("timeout")),
            span=document.span_at([]),
        )

    def steps(self, document: Document, steps: Any) -> tuple[Step, ...]:
        """A list of steps."""
        return tuple(self.step(document, steps, index) for index in range(len(steps)))

    def step(self, document: Document, steps: list[Any], index: int) -> Step:
        """One step with everything nested in it."""
        data = steps[index]
        verbs = self.language.verbs
        verb = next((key for key in data if key in verbs), None)
        fields: Mapping[str, Any] = {}
        blocks: dict[str, tuple[Step, ...]] = {}
        if verb is not None:
            fields = self.fields(verb, data[verb])
            fields = self.blocks(document, verb, fields, blocks)
        return Step(
            verb=verb,
            fields=fields,
            span=document.key_span(data, verb) if verb else document.value_span(steps, index),
            path=document.path,
            id=data.get("id"),
            name=data.get("name"),
            charger=data.get("charger"),
            only=_versions(data.get("only")),
            expect=self.expectation(document, data),
            still=self.presence(document, data),
            never=self.prohibition(document, data),
            save=data.get("save", {}),
            timeout=_duration(data.get("timeout")),
            raw=data.get("raw", False),
            blocks=blocks,
        )

    def fields(self, verb: str, value: Any) -> Mapping[str, Any]:
        """A verb's value as fields, whichever form it was written in."""
        spec = self.language.verbs[verb]
        if spec.value is not None:
            return {".": value}
        if isinstance(value, Mapping):
            return value
        if value is None:
            return {}
        return {str(spec.shorthand): value}

    def blocks(
        self, document: Document, verb: str, fields: Mapping[str, Any], blocks: dict[str, tuple[Step, ...]]
    ) -> Mapping[str, Any]:
        """Move nested steps from the fields to the blocks; returns the other fields."""
        if verb == "include":
            included = resolve_include(self.sources, document, fields["file"])
            blocks["steps"] = self.steps(included.document, included.steps)
            if included.variables:
                return {**fields, "with": {**included.variables, **fields.get("with", {})}}
            return fields
        nested = self.language.verbs[verb].nested
        if not nested:
            return fields
        for name in nested:
            steps = fields.get(name)
            if steps is None:
                continue
            if steps and isinstance(steps[0], list):
                for index, branch in enumerate(steps):
                    blocks[str(index)] = self.steps(document, branch)
            else:
                blocks[name] = self.steps(document, steps)
        return {key: value for key, value in fields.items() if key not in nested}

    def expectation(self, document: Document, step: Mapping[str, Any]) -> Expectation | None:
        """A step's ``expect`` with the modifiers that belong to it."""
        value = step.get("expect")
        if value is None:
            return None
        ordered = isinstance(value, list)
        if isinstance(value, str):
            span = document.value_span(step, "expect")
            facets: tuple[FacetExpectation, ...] = (FacetExpectation("auth_status", {"is": value}, span=span),)
        elif isinstance(value, list):
            facets = tuple(facet for item in value for facet in self.facets(document, item))
        else:
            facets = self.facets(document, value)
        return Expectation(
            facets=facets,
            ordered=ordered,
            within=_duration(step["within"]) if "within" in step else self.within,
            order=_order(step),
            since=step.get("since"),
            span=document.key_span(step, "expect"),
        )

    def presence(self, document: Document, step: Mapping[str, Any]) -> Presence | None:
        """A step's ``still``."""
        value = step.get("still")
        if value is None:
            return None
        return Presence(self.facets(document, value), document.key_span(step, "still"))

    def prohibition(self, document: Document, step: Mapping[str, Any]) -> Prohibition | None:
        """A step's ``never``."""
        value = step.get("never")
        if value is None:
            return None
        return Prohibition(
            facets=self.facets(document, value),
            for_=_duration(step.get("for")),
            since=step.get("since"),
            span=document.key_span(step, "never"),
        )

    def facets(self, document: Document, value: Mapping[str, Any]) -> tuple[FacetExpectation, ...]:
        """The facets of a mapping."""
        return tuple(self.facet(document, value, name) for name in value)

    def facet(self, document: Document, container: Mapping[str, Any], name: str) -> FacetExpectation:
        """One facet in any of its forms."""
        value = container[name]
        span = document.key_span(container, name)
        if isinstance(value, list):
            wanted = tuple(self.wanted(name, item) for item in value)
            return FacetExpectation(name, {}, sequence=wanted, span=span)
        fields = self.wanted(name, value)
        # In a payload these two are keys like any other.
        if name in self.language.payload_facets or not ("count" in fields or "at_least" in fields):
            return FacetExpectation(name, fields, span=span)
        return FacetExpectation(
            name,
            {key: item for key, item in fields.items() if key not in ("count", "at_least")},
            count=fields.get("count"),
            at_least=fields.get("at_least"),
            span=span,
        )

    def wanted(self, name: str, value: Any) -> Mapping[str, Any]:
        """The fields that one event must have."""
        fields: Mapping[str, Any] = bind(self._wanted(name, value), self.language.matcher_functions)
        return fields

    def _wanted(self, name: str, value: Any) -> Mapping[str, Any]:
        if value is None:
            return {}
        if isinstance(value, Mapping):
            if name in self.language.payload_facets:
                return value
            if not value or not all(key.startswith("$") for key in value):
                return value
        return {self.language.shorthand_fields.get(name, "is"): value}


def _order(step: Mapping[str, Any]) -> Order:
    if step.get("in_any_order", False):
        return Order.ANY
    return Order.GAPS if step.get("in_order", False) else Order.CONTIGUOUS


def _versions(value: Any) -> tuple[OcppVersion, ...]:
    return tuple(OcppVersion(version) for version in value or ())


def _duration(value: Any) -> Duration | None:
    if value is None:
        return None
    return value if "${{" in value else parse_duration(value)
