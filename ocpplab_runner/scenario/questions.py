"""Can what a scenario asks of a value be answered at all?

A *question* is a wanted value: a plain one, a payload, or a mapping of ``$matchers``. What may come in its place is
known from JSON schemas (of a facet's field, of an OCPP message). A question is flawed when

- a matcher cannot compare what may come, or what stands beside it: a pattern with a number, a bound that is text;
- a value in it can never come: a word that is none of the listed ones, text where numbers come;
- all of it together can never hold: ``{$gte: 5, $lte: 3}``.

A flawed ``never`` would always hold and a flawed ``expect`` never, so neither asks anything. The parts are judged like
the whole: the word under a ``$not`` as well, which would hold of everything if the word could never come.

``check`` asks this of what is written, the engine of what has been computed.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ocpplab_runner.scenario import patterns
from ocpplab_runner.scenario.known_values import (
    ANYTHING,
    NUMBERS,
    Flaw,
    Known,
    Path,
    as_number,
    is_what,
    not_listed,
    shown,
    wrong_kind,
)
from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec
from ocpplab_runner.scenario.satisfiable import because, can_be_met
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.scenario.values import MISSING, instant, matches
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion

_TEXT: Final = frozenset({"string"})
_LIST: Final = frozenset({"array"})
#: Matchers whose meaning is known here; a plugin's other ones are taken as they are.
_KNOWN: Final = frozenset(
    {"$any_of", "$matches", "$gte", "$lte", "$gt", "$lt", "$between", "$absent", "$present", "$not", "$contains"}
)


@dataclass(frozen=True, slots=True)
class Questions:
    """Judges questions.

    Attributes:
        matchers: the names of all matchers.
        alternatives: for a text that holds an expression, the values that it is known to have; None where nothing is
            computed any more.
    """

    matchers: Container[str]
    alternatives: Callable[[str], Iterable[Any]] | None = None

    def flaws(self, wanted: Any, known: Known, path: Path = ()) -> list[Flaw]:
        """Every flaw of a wanted value.

        Args:
            wanted: plain data, with matchers.
            known: what may come in its place.
            path: where it stands.
        """
        if self._is_computed(wanted):
            return self._of_alternatives(wanted, known, path)
        if isinstance(wanted, Mapping):
            if any(name.startswith("$") for name in wanted):
                return self._matchers(wanted, known, path)
            return self._object(wanted, known, path)
        if isinstance(wanted, list | tuple):
            if wrong := wrong_kind(wanted, known, path):
                return wrong
            inner = known.items()
            return [flaw for i, item in enumerate(wanted) for flaw in self.flaws(item, inner, (*path, i))]
        return wrong_kind(wanted, known, path) or not_listed(wanted, known, path)

    def of_event(self, facet: FacetSpec, fields: Mapping[str, Any], versions: Sequence[OcppVersion]) -> list[Flaw]:
        """Every flaw of the fields that one event of a facet is asked for, each by itself and with the others."""
        found: list[Flaw] = []
        for spec in facet.fields:
            if spec.name in fields:
                own = self.flaws(fields[spec.name], known_of(facet, spec, versions), (spec.name,))
                found += own or self._beside(spec, fields, facet)
        return found

    def _beside(self, spec: FieldSpec, fields: Mapping[str, Any], facet: FacetSpec) -> list[Flaw]:
        """A field that only comes with some values of another one, which is asked for as another."""
        if spec.shown_with is None:
            return []
        other, values = spec.shown_with
        wanted = fields.get(other, MISSING)
        if wanted is MISSING or self._holds_unknown(wanted) or self._holds_unknown(fields[spec.name]):
            return []
        if any(matches(wanted, value, other) for value in values) or matches(fields[spec.name], MISSING, spec.name):
            return []
        message = f"{facet.name} has '{spec.name}' only where '{other}' is {' or '.join(values)}"
        return [Flaw((spec.name,), "never-met", message, at_key=True)]

    def _is_computed(self, value: Any) -> bool:
        return self.alternatives is not None and isinstance(value, str) and "${{" in value

    def _holds_unknown(self, value: Any) -> bool:
        if isinstance(value, Mapping):
            return any(_is_of_a_plugin(name) or self._holds_unknown(item) for name, item in value.items())
        if isinstance(value, list | tuple):
            return any(self._holds_unknown(item) for item in value)
        return self._is_computed(value)

    def _of_alternatives(self, written: str, known: Known, path: Path) -> list[Flaw]:
        assert self.alternatives is not None
        for value in self.alternatives(written):
            found = no_matcher(value, path) or self.flaws(value, known, path)
            if found:
                first = found[0]
                return [replace(first, path=path, message=f"{written} gives {shown(value)}: {first.message}")]
        return []

    def _object(self, wanted: Mapping[str, Any], known: Known, path: Path) -> list[Flaw]:
        if wrong := wrong_kind(wanted, known, path):
            return wrong
        found: list[Flaw] = []
        for name, value in wanted.items():
            part = known.part(name)
            if part is None:
                message, hint = f"no {known.what} has '{shortened(name)}' here", did_you_mean(name, known.keys())
                found.append(Flaw((*path, name), "payload-breaks-schema", message, hint, True, True))
            else:
                found += self.flaws(value, part, (*path, name))
        return found

    def _matchers(self, wanted: Mapping[str, Any], known: Known, path: Path) -> list[Flaw]:
        found: list[Flaw] = []
        plain = [name for name in wanted if not name.startswith("$")]
        for name, argument in wanted.items():
            here = (*path, name)
            if plain and name.startswith("$"):
                message = f"'{name}' stands beside '{plain[0]}'; a matcher stands alone"
                found.append(Flaw(here, "bad-matcher", message, at_key=True))
            elif plain:
                found += self.flaws(argument, ANYTHING, here)
            elif name not in self.matchers:
                hint = did_you_mean(name, _names(self.matchers)) or f"there are {', '.join(_names(self.matchers))}"
                found.append(Flaw(here, "bad-matcher", f"there is no matcher '{shortened(name)}'", hint, at_key=True))
            elif name in _KNOWN:
                found += self._matcher(name, argument, known, here)
        if not found and not plain and not self._holds_unknown(wanted) and not can_be_met(wanted, known):
            message = f"nothing can meet this{because(wanted, known)}"
            found.append(Flaw(path, "never-met", message, is_value=known.listed is not None))
        return found

    def _matcher(self, name: str, argument: Any, known: Known, path: Path) -> list[Flaw]:
        if self._is_computed(argument):
            assert self.alternatives is not None
            for value in self.alternatives(argument):
                if found := (no_matcher(value, path) or self._matcher(name, value, known, path)):
                    message = f"{argument} gives {shown(value)}: {found[0].message}"
                    return [replace(found[0], path=path, message=message, at_key=False)]
            return []
        problem = hint = ""
        kinds = known.kinds
        match name:
            case "$any_of":
                if isinstance(argument, list) and argument:
                    # One that may come here is enough; whether there is one is a matter of the whole.
                    known = known.anywhere()
                    return [flaw for i, one in enumerate(argument) for flaw in self.flaws(one, known, (*path, i))]
                problem = "$any_of takes a list of values"
            case "$not":
                if argument is not None:
                    return self.flaws(argument, known, path)
                problem, hint = "$not takes a value, and nothing stands here", "for a field that is not there: $absent"
            case "$matches":
                if not isinstance(argument, str):
                    problem = "$matches takes a regular expression as text"
                elif kinds is not None and "string" not in kinds:
                    problem = f"$matches looks at text, and {is_what(known)}"
                    hint = "write {$gte: …} or {$between: […]}" if kinds <= NUMBERS else ""
                else:
                    problem = _regex_problem(argument)
            case "$gte" | "$lte" | "$gt" | "$lt":
                problem, hint = self._bound(name, argument, known)
            case "$between":
                return self._between(argument, known, path)
            case "$absent" | "$present" if argument is not True:
                problem = f"{name} takes true and nothing else"
            case "$contains":
                return self._contains(argument, known, path)
        return [Flaw(path, "bad-matcher", problem, hint)] if problem else []

    def _bound(self, name: str, bound: Any, known: Known) -> tuple[str, str]:
        """What is wrong with a bound, and what would be right."""
        if self._is_computed(bound):
            return "", ""
        kinds = known.kinds
        if isinstance(bound, str) and instant(bound) is None:
            reads = as_number(bound)
            hint = f"write it without quotes: {bound.strip()}" if reads else "a time is RFC 3339: 2030-01-31T12:00:00Z"
            return f"{name} takes a number or a time, and '{shortened(bound)}' is text", hint
        if isinstance(bound, bool) or not isinstance(bound, int | float | str):
            return f"{name} takes a number or a time", ""
        wanted = _TEXT if isinstance(bound, str) else NUMBERS
        if kinds is not None and (not kinds & wanted or known.listed is not None):
            kind = "a time" if isinstance(bound, str) else "a number"
            return f"{name} compares with {kind}, and {is_what(known)}", ""
        return "", ""

    def _between(self, argument: Any, known: Known, path: Path) -> list[Flaw]:
        if not isinstance(argument, list) or len(argument) != 2:
            return [Flaw(path, "bad-matcher", "$between takes a list of two numbers or times")]
        for index, bound in enumerate(argument):
            problem, hint = self._bound("$between", bound, known)
            if problem:
                return [Flaw((*path, index), "bad-matcher", problem, hint)]
        if any(self._is_computed(bound) for bound in argument):
            return []
        low, high = argument
        if isinstance(low, str) is not isinstance(high, str):
            return [Flaw(path, "bad-matcher", "$between takes two numbers or two times, not one of each")]
        if not matches({"$lte": high}, low):
            return [Flaw(path, "bad-matcher", "$between takes the smaller value first")]
        return []

    def _contains(self, argument: Any, known: Known, path: Path) -> list[Flaw]:
        kinds = known.kinds
        if argument is None or argument == "" or (isinstance(argument, list | tuple) and not argument):
            problem = "$contains takes what must be in it; here is nothing, which is in everything"
            return [Flaw(path, "bad-matcher", problem)]
        if kinds is not None and not kinds & {"array", "string"}:
            return [Flaw(path, "bad-matcher", f"$contains looks into a list or a text, and {is_what(known)}")]
        items = argument if isinstance(argument, list) else [argument]
        found: list[Flaw] = []
        for index, item in enumerate(items):
            here = (*path, index) if items is argument else path
            if item is None or item == "":
                found.append(Flaw(here, "bad-matcher", "$contains takes what must be in it; this is empty"))
            elif kinds == _TEXT and not isinstance(item, str):
                found.append(Flaw(here, "bad-matcher", f"a text contains texts, not {shown(item)}"))
            elif kinds == _LIST or kinds is None:
                found += self.flaws(item, known.items() if kinds else ANYTHING, here)
        return found


def known_of(facet: FacetSpec, spec: FieldSpec, versions: Sequence[OcppVersion]) -> Known:
    """What is known of the values of a facet's field in some versions."""
    what = facet.name if spec.name == "is" else f"{spec.name} of {facet.name}"
    schemas = [spec.schema] if spec.schema else []
    everywhere = schemas
    if spec.schemas is not None:
        having = [version for version in versions if version in spec.schemas] or list(spec.schemas)
        schemas, everywhere = [spec.schemas[version] for version in having], list(spec.schemas.values())
        what += " in OCPP " + " or ".join(having)
    nodes = tuple((schema, schema) for schema in schemas)
    return Known(nodes, what, spec.name, spec.always, elsewhere=tuple((schema, schema) for schema in everywhere))


def is_wrong_token(flaw: Flaw) -> bool:
    """Whether a flaw of a facet is an id token that no frame carries: ``raw`` shows one to the charger all the same."""
    return flaw.is_value and flaw.path[:1] in (("id_tag",), ("parent_id_token",))


def no_matcher(value: Any, path: Path) -> list[Flaw]:
    """The flaw of a computed value that is a mapping of matchers: only what is written out is one."""
    if isinstance(value, Mapping) and any(str(name).startswith("$") for name in value):
        hint = "write the matcher out and compute what stands beside it: {$gte: '${{ … }}'}"
        return [Flaw(path, "bad-matcher", "a computed mapping is no matcher", hint)]
    return []


def _regex_problem(pattern: str) -> str:
    try:
        patterns.compiled(pattern, ignore_case=False)
    except patterns.PatternError as error:
        return str(error)
    return ""


def _is_of_a_plugin(name: Any) -> bool:
    """Whether it is a matcher of which nobody here knows when it holds."""
    return isinstance(name, str) and name.startswith("$") and name not in _KNOWN


def _names(matchers: Container[str]) -> list[str]:
    return list(matchers) if isinstance(matchers, Iterable) else []
