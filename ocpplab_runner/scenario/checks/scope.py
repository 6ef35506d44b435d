"""Where a check stands: file, versions, variables, ids, chargers; and where its findings go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ocpplab_runner.scenario.diagnostics import Diagnostic, Severity, Span
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.expressions import BUILT_IN_NAMES, whole_expression
from ocpplab_runner.scenario.language import Language
from ocpplab_runner.scenario.sources import Sources
from ocpplab_runner.vocabulary.versions import OcppVersion

Versions = tuple[OcppVersion, ...]
ALL: Versions = tuple(OcppVersion)
Related = tuple[tuple[Path, Span, str], ...]


@dataclass(slots=True)
class Check:
    """One file's check: what it may look things up in, and what it has found.

    Attributes:
        overridden: names that the command line gives.
        variables: every variable that the command line can give → the values that the file has for it.
        read: every variable that is read anywhere, in whatever scope.
        meant: variables that somebody meant to read, as another finding says.
    """

    language: Language
    sources: Sources
    diagnostics: list[Diagnostic] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    overridden: frozenset[str] = frozenset()
    variables: dict[str, list[Any]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    meant: set[str] = field(default_factory=set)
    included: int = 0
    _first: dict[tuple[Path, Span], str] = field(default_factory=dict)
    visited: set[tuple[str, str]] = field(default_factory=set)
    checked_files: set[Path] = field(default_factory=set)

    def found_at(self, document: Document, span: Span) -> bool:
        """Whether an error has been found at that place."""
        return (document.path, span) in self._first

    def report(
        self,
        document: Document,
        span: Span,
        code: str,
        message: str,
        hint: str = "",
        *,
        related: Related = (),
        severity: Severity = "error",
    ) -> None:
        """Take down one finding; where something else has been found at the same place, that was the cause."""
        place = (document.path, span)
        # A warning must not hide an error that is found later at the same place.
        first = self._first.get(place) if severity == "warning" else self._first.setdefault(place, code)
        if first is not None and first != code:
            return
        if document not in self.documents:
            self.documents.append(document)
        self.diagnostics.append(Diagnostic(document.path, span, code, message, hint, severity, related))


@dataclass(slots=True)
class World:
    """What holds for a whole scenario, whichever file a step stands in.

    Attributes:
        chargers: name → number of EVSEs, or None where it cannot be known.
        plugged: chargers that something may have been plugged into so far.
        rows: the rows of ``cases`` with the versions in which each runs.
        constants: variables whose value is known when the file is read.
        times: variables that are saved from a field that holds a time.
        row_names: variable of the rows → names of the rows that do not set it.
        smoke: it must merely run.
        card_types: card of the CSMS, in lower case → the type that is said of it, or None.
        doing, judging: the versions in which a step so far does, or judges, anything.
        elsewhere: the versions that it may be for, and that the target at hand does not speak.
        files: names of ``given.files``; None where they cannot be known.
    """

    chargers: Mapping[str, int | None]
    plugged: set[str] = field(default_factory=set)
    rows: list[tuple[Mapping[str, Any], Versions]] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    times: set[str] = field(default_factory=set)
    row_names: dict[str, list[str]] = field(default_factory=dict)
    smoke: bool = False
    card_types: dict[str, str | None] = field(default_factory=dict)
    doing: set[OcppVersion] = field(default_factory=set)
    judging: set[OcppVersion] = field(default_factory=set)
    elsewhere: frozenset[OcppVersion] = frozenset()
    files: frozenset[str] | None = None

    @property
    def first_charger(self) -> str:
        """The charger of a step that names none."""
        return next(iter(self.chargers), "")


@dataclass(slots=True)
class Scope:
    """What a step is checked in.

    Attributes:
        check: where findings go.
        document: the file that the step stands in.
        versions: the OCPP versions in which the step runs.
        listed: whether these versions are really the ones; else they are only possible, and what is wrong in some of
            them is no finding.
        world: see :class:`World`.
        names: every variable that is set so far.
        ids: id of a step → where it stands, for the steps before this one.
        computed: whether the file may hold ``${{ }}`` at all.
        any_name: variables that nobody knows are allowed: a library's parameters.
        chain: files and fragments that include this one, for cycles and messages.
        related: the same as places.
        read: every variable that an expression has read so far.
        raw: whether the step lets deliberately wrong values through.
        charger: whom the step is about; empty outside of steps.
    """

    check: Check
    document: Document
    versions: Versions
    listed: bool
    world: World
    names: dict[str, None] = field(default_factory=lambda: dict.fromkeys(BUILT_IN_NAMES))
    ids: dict[str, Span] = field(default_factory=dict)
    computed: bool = True
    any_name: bool = False
    chain: tuple[tuple[str, str], ...] = ()
    related: Related = ()
    read: set[str] = field(default_factory=set)
    raw: bool = False
    charger: str = ""

    @property
    def language(self) -> Language:
        """The verbs, facets and matchers."""
        return self.check.language

    def report(
        self,
        span: Span,
        code: str,
        message: str,
        hint: str = "",
        *,
        related: Related = (),
        severity: Severity = "error",
    ) -> None:
        """Take down a finding in this scope's file."""
        self.check.report(
            self.document, span, code, message, hint, related=(*related, *self.related), severity=severity
        )

    def at_key(self, container: Any, key: str, code: str, message: str, hint: str = "") -> None:
        """A finding at a key."""
        self.report(self.document.key_span(container, key), code, message, hint)

    def at_value(self, container: Any, key: str | int, code: str, message: str, hint: str = "") -> None:
        """A finding at a value."""
        self.report(self.document.value_span(container, key), code, message, hint)

    def limited(self, versions: Versions) -> Scope:
        """The same scope in some of its versions; what is set in it is shared."""
        return replace(self, versions=versions)

    def wrong_in(self, is_wrong: Callable[[OcppVersion], bool], versions: Versions | None = None) -> Versions:
        """The versions for which something is wrong; none when it is fine in one that may be the one."""
        candidates = self.versions if versions is None else versions
        wrong = tuple(version for version in candidates if is_wrong(version))
        return wrong if self.listed or len(wrong) == len(candidates) else ()

    def alternatives(self, value: Any) -> list[tuple[Any, Versions]]:
        """The values that a scalar can have when the file is read, each with the versions in which it has it.

        Empty when the value is only known when the step runs.
        """
        if not isinstance(value, str) or "${{" not in value:
            return [(value, self.versions)]
        expression = whole_expression(value)
        if expression is None:
            return []
        name = expression.strip()
        world = self.world
        if name in world.row_names:
            return [
                (row[name], tuple(version for version in self.versions if version in versions))
                for row, versions in world.rows
                if name in row and not (isinstance(row[name], str) and "${{" in row[name])
            ]
        if name in world.constants and name not in self.check.overridden:
            constant = world.constants[name]
            if not (isinstance(constant, str) and "${{" in constant):
                return [(constant, self.versions)]
        return []


def spelled(versions: Iterable[OcppVersion]) -> str:
    """``OCPP 1.6 and 2.0.1``."""
    names = [version.value for version in versions]
    return "OCPP " + (" and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0])


def have(versions: Sized) -> str:
    """The verb behind :func:`spelled`: ``have``, or ``has`` of a single version."""
    return "has" if len(versions) == 1 else "have"


def is_computed(value: Any) -> bool:
    """Whether a scalar's value is known only when the step runs."""
    return isinstance(value, str) and "${{" in value
