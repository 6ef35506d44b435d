"""No question that every ledger answers alike gets past `check`, and no sound one is refused.

Questions are made from the registry's facets and matchers. An oracle that knows nothing of how `check` judges tries
them on every event that there can be: each field with each of its words, or with numbers, texts and times round those
that the question names, and without the field where an event may lack it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from ocpplab_runner.engine.matching.views import Binding, view_of
from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec
from ocpplab_runner.scenario.values import MISSING, compare, is_unsure
from ocpplab_runner.vocabulary.versions import OcppVersion
from tests.thoroughness import examples

from .kit import language, load

#: Every facet that looks at events of its own. Payloads are judged by OCPP's schemas, which have tests of their own.
FACETS = [facet for facet in language().facets.values() if not facet.bound and facet.fields]
#: Longer than 20 characters they are refused for that, in 1.6.
ID_TOKENS = ("id_tag", "parent_id_token")
NUMBERS = [-2, -1, 0, 0.5, 1, 2, 2.5, 3, 7]
TIMES = ["2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z", "2030-01-03T00:00:00+01:00"]
TEXTS = ["A", "CARD-1", "card-1", "5", "0", *TIMES]
PATTERNS = ["A", "CARD-.*", ".*", "[0-9]", "Acc.*|started", "(A", "nobody says this"]
#: Between, below and above everything that a question can name.
MANY_NUMBERS = [-100, *(number / 4 for number in range(-16, 40)), *range(-4, 10), 100]
MANY_TEXTS = [
    *TEXTS,
    "Acepted",
    "nobody says this",
    "B",
    "1",
    "CARD-2",
    "CARD-2A",
    "Acc",
    "Acc2",
    "started",
    "2029-01-01T00:00:00Z",
    "2030-01-01T12:00:00Z",
    "2031-01-01T00:00:00Z",
]


def words(spec: FieldSpec, version: OcppVersion | None) -> list[Any] | None:
    """The listed values of a field, in a version or in any."""
    schemas = shown_by(spec, version)
    if all("enum" in schema for schema in schemas):
        return sorted({value for schema in schemas for value in schema["enum"]})
    return None


def shown_by(spec: FieldSpec, version: OcppVersion | None) -> list[Mapping[str, Any]]:
    """The schemas of a field, in a version or in any."""
    if spec.schemas is None:
        return [spec.schema]
    return [spec.schemas[version]] if version in spec.schemas else list(spec.schemas.values())


def kinds(spec: FieldSpec, version: OcppVersion | None) -> list[str]:
    """The JSON types of a field's values."""
    found: list[str] = []
    for schema in shown_by(spec, version):
        kind = schema.get("type", "string")
        found += [kind] if isinstance(kind, str) else kind
    return found


def pool(spec: FieldSpec, version: OcppVersion | None) -> list[Any]:
    """What a field of an event can hold."""
    listed = words(spec, version)
    values: list[Any] = [] if listed is None else [*listed]
    if listed is None:
        for kind in kinds(spec, version):
            least = spec.schema.get("minimum", -1000)
            if kind == "number":
                values += [number for number in MANY_NUMBERS if number >= least]
            elif kind == "integer":
                values += [int(number) for number in MANY_NUMBERS if number == int(number) and number >= least]
            elif kind == "string":
                form = spec.schema.get("pattern", "")
                values += [text for text in MANY_TEXTS if re.search(form, text)]
            elif kind == "boolean":
                values += [True, False]
            else:
                values += [[], ["A"], ["A", "rte", 5], [{"content": "A"}], [5], [{"a": 1}]]
    return values if spec.always else [MISSING, *values]


def plain(spec: FieldSpec) -> st.SearchStrategy[Any]:
    """A bare value: mostly one that may come, else a misspelt word or one of another kind."""
    listed = words(spec, None)
    fitting = listed or [value for value in pool(spec, None) if isinstance(value, str | int | float)] or ["A"]
    if spec.name in ID_TOKENS:
        fitting = [value for value in fitting if len(value) <= 20]
    odd = ["Acepted", "nobody says this", 5, 1.5, True, "5", -1, None]
    return st.one_of(st.sampled_from(fitting), st.sampled_from(fitting), st.sampled_from(odd))


def question(spec: FieldSpec) -> st.SearchStrategy[Any]:
    """A bare value or matchers in each other."""
    bounds = st.one_of(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS), st.sampled_from([*TIMES, "5", True]))

    def matchers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        one = {
            "$any_of": st.lists(inner, min_size=1, max_size=3),
            "$matches": st.sampled_from(PATTERNS),
            "$gte": bounds,
            "$lte": bounds,
            "$between": st.lists(bounds, min_size=2, max_size=2),
            "$absent": st.just(True),
            "$present": st.just(True),
            "$not": inner,
            "$contains": st.sampled_from(["A", "", "rte", ["A"], [], [5], 5]),
        }
        if "pattern" in spec.schema:  # which pieces of a time there are, nobody works out
            del one["$matches"], one["$contains"]
        names = st.lists(st.sampled_from(sorted(one)), min_size=1, max_size=2, unique=True)
        return names.flatmap(lambda chosen: st.fixed_dictionaries({name: one[name] for name in chosen}))

    return st.recursive(plain(spec), matchers, max_leaves=4)


@st.composite
def asked(draw: st.DrawFn) -> tuple[OcppVersion, FacetSpec, dict[str, Any]]:
    """A version, a facet and what some of its fields must be; a connector has a rule of its own in 1.6."""
    version = draw(st.sampled_from([OcppVersion.V16, OcppVersion.V201]))
    facet = draw(st.sampled_from([one for one in FACETS if version in one.versions]))
    specs = [
        spec
        for spec in facet.fields
        if spec.name not in ("payload", "action", "connector_id")
        and (spec.versions is None or version in spec.versions)
    ]
    chosen = draw(st.lists(st.sampled_from(specs), min_size=1, max_size=2, unique_by=lambda spec: spec.name))
    return version, facet, {spec.name: draw(question(spec)) for spec in chosen}


def events(facet: FacetSpec, fields: Mapping[str, Any], version: OcppVersion) -> Iterator[dict[str, Any]]:
    """Every event that there can be, as far as the asked fields go."""
    specs = {spec.name: spec for spec in facet.fields}
    names = dict.fromkeys(fields)
    for name in fields:
        shown = specs[name].shown_with
        if shown is not None:
            names.setdefault(shown[0])
    for values in itertools.product(*(pool(specs[name], version) for name in names)):
        made = {name: value for name, value in zip(names, values, strict=True) if value is not MISSING}
        shown_rightly = True
        for name in list(made):
            shown = specs[name].shown_with
            if shown is not None and made.get(shown[0]) not in shown[1]:
                shown_rightly = False
        if shown_rightly:
            yield made


def parts(wanted: Any) -> Iterator[Any]:
    """A question, and what stands in its `$not` and `$any_of`."""
    yield wanted
    if isinstance(wanted, dict):
        if "$not" in wanted:
            yield from parts(wanted["$not"])
        for one in wanted.get("$any_of", ()):
            yield from parts(one)


def _as_written(value: Any, spec: FieldSpec) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and "string" in kinds(spec, None) else value


def is_met(facet: FacetSpec, fields: dict[str, Any], version: OcppVersion) -> bool:
    """Whether some event is what is asked for."""
    specs = {spec.name: spec for spec in facet.fields}
    # A number where a text is meant is taken as it is written.
    fields = {name: _as_written(value, specs[name]) for name, value in fields.items()}
    wanted = view_of(facet, Binding()).wanted(fields)
    return any(not compare(wanted, made) for made in events(facet, wanted, version))


def lives(part: Any, spec: FieldSpec, version: OcppVersion | None) -> bool:
    """Whether some value of a field is this, or its lack."""
    return any(not compare(part, value, field=spec.name) for value in pool(spec, version))


def compares(part: Any, spec: FieldSpec) -> bool:
    """Whether every matcher in it compares with everything that may come."""
    if part is None or (isinstance(part, dict) and (_says_nothing(part.get("$contains", "A")) or _is_mixed(part))):
        return False
    return not any(is_unsure(compare(part, value, field=spec.name)) for value in pool(spec, None))


def _says_nothing(contained: Any) -> bool:
    return contained in ("", [])


def _is_mixed(part: dict[str, Any]) -> bool:
    low, high = part.get("$between", (0, 0))
    return isinstance(low, str) is not isinstance(high, str) or bool(compare({"$lte": high}, low))


def refused(version: OcppVersion, facet: FacetSpec, fields: dict[str, Any], how: str) -> list[str]:
    """The errors of a scenario that asks for it."""
    step = f"{how}: {json.dumps({facet.name: fields})}"
    text = f'name: x\nocpp: ["{version.value}"]\nsteps:\n  - {step}\n'
    text += "    for: 1s\n" if how == "never" else ""
    return [found.message for found in load(text).diagnostics if found.severity == "error"]


@settings(max_examples=examples(150), deadline=None)
@given(asked(), st.sampled_from(["never", "expect"]))
def test_what_asks_nothing_is_refused(made: tuple[OcppVersion, FacetSpec, dict[str, Any]], how: str) -> None:
    """What passes `check` some event meets, and so does every part of it: not every ledger answers it alike."""
    version, facet, fields = made
    assume(not refused(version, facet, fields, how))
    event(f"accepted {how}")
    assert is_met(facet, fields, version)
    specs = {spec.name: spec for spec in facet.fields}
    for name, wanted in fields.items():
        for part in parts(_as_written(wanted, specs[name])):
            assert lives(part, specs[name], None), part


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(asked(), st.sampled_from(["never", "expect"]))
def test_what_asks_something_is_not_refused(made: tuple[OcppVersion, FacetSpec, dict[str, Any]], how: str) -> None:
    """Where some event meets it, and each part of it, and every matcher compares, `check` has nothing to say."""
    version, facet, fields = made
    specs = {spec.name: spec for spec in facet.fields}
    every = [(part, specs[name]) for name, wanted in fields.items() for part in parts(wanted)]
    assume(all(compares(part, spec) and lives(part, spec, version) for part, spec in every))
    assume(is_met(facet, fields, version))
    event(f"sound {how}")
    assert refused(version, facet, fields, how) == []
