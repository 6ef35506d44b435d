"""Judges what expressions have given, before anybody acts on it or looks for it.

``check`` has judged what is written; what is computed is known only now. A value that could not have been written in
its place (null, a mapping where a word belongs, a negative number of rounds, a status that nobody gives) is an error
that names the expression: a command would do something else than was meant, and a question could not be answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import jsonschema_rs

from ocpplab_runner.scenario.checks.expected import known_payload, known_payload_of
from ocpplab_runner.scenario.checks.payloads import RESPONSE
from ocpplab_runner.scenario.expressions import ExpressionError
from ocpplab_runner.scenario.known_values import ANYTHING, Flaw, Path, shown
from ocpplab_runner.scenario.language import Language, language_of
from ocpplab_runner.scenario.model import Expectation, FacetExpectation, Step
from ocpplab_runner.scenario.questions import Questions, is_wrong_token, no_matcher
from ocpplab_runner.scenario.registry import FacetSpec, Registry, VerbSpec
from ocpplab_runner.scenario.values import bind, join
from ocpplab_runner.steps.fields import TEXT, TOKEN
from ocpplab_runner.vocabulary.durations import PATTERN
from ocpplab_runner.vocabulary.numbers import is_integer
from ocpplab_runner.vocabulary.versions import OcppVersion

Resolve = Callable[[Any], Any]


class Computed:
    """What is known of computed values in one case.

    Args:
        registry: the language's verbs and facets.
        version: the case's.
    """

    def __init__(self, registry: Registry, version: OcppVersion) -> None:
        self._version = version
        self._questions = Questions(registry.matchers)
        self._language = language_of(registry)

    def facets(
        self,
        facets: Sequence[FacetExpectation],
        resolve: Resolve,
        answered: str | None = None,
        *,
        present: bool = False,
        raw: bool = False,
    ) -> tuple[FacetExpectation, ...]:
        """Facets with every expression in them computed.

        Args:
            facets: as written.
            resolve: computes the expressions of a value.
            answered: the action of the step's own call, by whose schema its ``response`` is judged; None where
                anything may be answered.
            present: whether they ask for present states.
            raw: whether the step says that frames and tokens may be wrong.

        Raises:
            ExpressionError: one cannot be computed, or gives what nothing can be compared with.
        """
        return tuple(self._facet(facet, resolve, answered, present, raw) for facet in facets)

    def fields(self, spec: VerbSpec, written: Mapping[str, Any], computed: Mapping[str, Any]) -> None:
        """Judge the fields of a verb; raises as :meth:`facets`."""
        for name, value in written.items():
            if not _holds_expression(value) or _is_for_people(spec, name):
                continue
            gate = _field_gate(self._language, spec.name, name)
            if gate is not None:
                where = spec.name if name == "." else f"{spec.name} {name}"
                _judge(gate, value, computed[name], where)

    def given(self, written: Mapping[str, Any], computed: Mapping[str, Any]) -> None:
        """Judge the data of ``given``; raises as :meth:`facets`."""
        if _holds_expression(written):
            _judge(_given_gate(self._language), written, computed, "given")

    def _facet(
        self, facet: FacetExpectation, resolve: Resolve, answered: str | None, present: bool, raw: bool
    ) -> FacetExpectation:
        if not _has_expression(facet):
            return facet
        spec = self._language.facets[facet.facet]
        if present:
            spec = spec.present
        return replace(
            facet,
            fields=self._fields_of(spec, facet.fields, resolve, answered, raw),
            sequence=tuple(self._fields_of(spec, fields, resolve, answered, raw) for fields in facet.sequence),
            count=_number(facet, "count", facet.count, resolve),
            at_least=_number(facet, "at_least", facet.at_least, resolve),
        )

    def _fields_of(
        self, spec: FacetSpec, written: Mapping[str, Any], resolve: Resolve, answered: str | None, raw: bool
    ) -> Mapping[str, Any]:
        if not _holds_expression(written):
            return written
        computed: Mapping[str, Any] = resolve(written)
        for flaw in self._flaws(spec, written, computed, answered):
            if raw and (is_wrong_token(flaw) or (spec.kind == "frame" and flaw.is_value)):
                continue
            raise ExpressionError(_said(spec.name, written, computed, flaw))
        bound: Mapping[str, Any] = bind(computed, self._language.matcher_functions)
        return bound

    def _flaws(
        self, spec: FacetSpec, written: Mapping[str, Any], computed: Mapping[str, Any], answered: str | None
    ) -> Iterator[Flaw]:
        for path, _ in _expressions(written):
            yield from no_matcher(_at(computed, path), path)
        if spec.name in self._language.payload_facets:
            known = known_payload(RESPONSE, {self._version: answered}) if answered else ANYTHING
            whole = computed["is"] if set(computed) == {"is"} and isinstance(computed["is"], Mapping) else computed
            flaws = self._questions.flaws(whole, known, ("is",) if whole is not computed else ())
            yield from (flaw for flaw in flaws if _near(written, flaw))
        else:
            yield from self._questions.of_event(spec, computed, (self._version,))
            if spec.name == "message" and isinstance(computed.get("payload"), Mapping):
                known = known_payload_of(computed, (self._version,))
                flaws = self._questions.flaws(computed["payload"], known, ("payload",))
                if _holds_expression({name: value for name, value in written.items() if name != "payload"}):
                    yield from flaws  # which message is meant has been computed too
                else:
                    yield from (flaw for flaw in flaws if _near(written, flaw))


@lru_cache(maxsize=1024)
def is_literal(written: Step | Expectation) -> bool:
    """Whether nothing is to be computed: in the fields of a step's verb, or in what is expected."""
    if isinstance(written, Step):
        return not any(_holds_expression(value) for name, value in written.fields.items() if name not in written.blocks)
    return not any(map(_has_expression, written.facets))


def _has_expression(facet: FacetExpectation) -> bool:
    return _holds_expression((facet.fields, facet.sequence, facet.count, facet.at_least))


def _number(facet: FacetExpectation, name: str, written: Any, resolve: Resolve) -> int | None:
    if not isinstance(written, str):
        return written  # type: ignore[no-any-return]
    value = resolve(written)
    if not is_integer(value) or value < 1:
        raise ExpressionError(f"{facet.facet} {name}: {written} gives {shown(value)}, not a whole number from 1 on")
    return value


def _said(name: str, written: Any, computed: Any, flaw: Flaw) -> str:
    """A flaw in words: where, the expression that brought it, what is wrong and what would be right."""
    where = f"{name} {_spelled(flaw.path)}".rstrip()
    hint = f"; {flaw.hint}" if flaw.hint else ""
    brought = _near(written, flaw) or list(_expressions(written))
    given = ", ".join(f"{text} gives {shown(_at(computed, path))}" for path, text in brought)
    return f"{where}: {given}: {flaw.message}{hint}"


def _near(written: Any, flaw: Flaw) -> list[tuple[Path, str]]:
    """The expressions that may have brought a flaw: `check` has judged what is written beside them."""
    path = flaw.path
    return [one for one in _expressions(written) if one[0][: len(path)] == path or path[: len(one[0])] == one[0]]


def _judge(gate: Any, written: Any, computed: Any, where: str) -> None:
    for error in gate.iter_errors(computed):
        if PATTERN in error.message and isinstance(error.instance, int | float):
            continue  # seconds, as the function of that name gives them; whoever takes them judges them
        place = tuple(error.instance_path)
        for path, expression in _expressions(written):
            if path[: len(place)] == place or place[: len(path)] == path:
                value = shown(_at(computed, path))
                reason = "which cannot stand here" if "anyOf" in error.message else error.message
                raise ExpressionError(f"{where} {_spelled(path)}".rstrip() + f": {expression} gives {value}: {reason}")


@lru_cache(maxsize=256)
def _field_gate(language: Language, verb: str, name: str) -> Any:
    """A validator of a verb's field; None when nothing is known of it."""
    spec = language.verbs[verb]
    schema = spec.value if name == "." else next((one.schema for one in spec.fields if one.name == name), None)
    return None if not schema else _gate(language, dict(schema))


@lru_cache(maxsize=8)
def _given_gate(language: Language) -> Any:
    return _gate(language, {"$ref": "#/definitions/given"})


def _gate(language: Language, schema: dict[str, Any]) -> Any:
    whole: dict[str, Any] = {"allOf": [schema]}
    if '"$ref"' in json.dumps(schema):  # to compile the language takes longer than most cases
        whole["definitions"] = language.schema["definitions"]
    return jsonschema_rs.Draft7Validator(whole)


def _is_for_people(spec: VerbSpec, name: str) -> bool:
    """Whether a field is text that somebody reads: there any value may stand."""
    field = next((one for one in spec.fields if one.name == name), None)
    return spec.actor == "flow" and field is not None and dict(field.schema) in (TEXT, TOKEN)


def _holds_expression(value: Any) -> bool:
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, list | tuple):
        return any(map(_holds_expression, value))
    if value is None or isinstance(value, int | float):
        return False
    return isinstance(value, dict | Mapping) and any(map(_holds_expression, value.values()))


def _expressions(written: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text with an expression, and where it stands."""
    if isinstance(written, str):
        if "${{" in written:
            yield path, written
    elif isinstance(written, Mapping):
        for key, value in written.items():
            yield from _expressions(value, (*path, key))
    elif isinstance(written, list | tuple):
        for index, value in enumerate(written):
            yield from _expressions(value, (*path, index))


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def _spelled(path: Path) -> str:
    text = ""
    for part in path:
        text = join(text, part)
    return text
