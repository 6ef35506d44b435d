"""What the language consists of, as data: verbs, facets and matchers.

The schema, the checker, the editor help and the engine all read the same registry. The rooms above fill it: the
built-in verbs register through the hooks that a plugin uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ocpplab_runner.scenario.values import Holds
from ocpplab_runner.vocabulary.directions import Side
from ocpplab_runner.vocabulary.versions import OcppVersion

JsonSchema = Mapping[str, Any]
#: Who acts: the charger (or the person and the car in front of it), the CSMS, the world around, or the scenario itself.
Actor = Literal["charger", "csms", "world", "flow"]

#: What a value is about, beyond its schema: cards of the CSMS by number, those of a local list, the list
#: of a Gateway's API, settings by their neutral names and values, names of settings, configuration keys and values, a
#: message for a TriggerMessage, OCPP's reason for a stop, a validator's verdict, one of `given.files`.
Meaning = Literal[
    "cards",
    "listed_cards",
    "local_list",
    "settings",
    "setting_names",
    "configuration",
    "trigger",
    "stop_reason",
    "verdict",
    "file",
]

ALL_VERSIONS: tuple[OcppVersion, ...] = tuple(OcppVersion)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a verb or facet.

    Attributes:
        name: as written in YAML, snake_case.
        schema: draft-07 schema of the value. A string field may also hold a ``${{ expression }}``; the schema
            builder adds that alternative, the field's own schema does not mention it.
        description: one sentence; the editor shows it.
        required: whether the mapping form must have it.
        versions: for a facet's field: the versions whose frames show it; None for all.
        schemas: for a facet's field: what each version shows, where that is narrower than the schema.
        always: for a facet's field: whether every event of the facet has it.
        shown_with: for a facet's field that not every event has: another field, and the values of it with which it
            comes (``("is", ("ended",))``).
        bare: for a verb's field: whether it holds a bare expression, which the verb itself has computed when it will.
        means: for a verb's field: what its value is about, so that ``check`` judges it by more than its schema.
    """

    name: str
    schema: JsonSchema
    description: str
    required: bool = False
    versions: tuple[OcppVersion, ...] | None = None
    schemas: Mapping[OcppVersion, JsonSchema] | None = None
    always: bool = False
    shown_with: tuple[str, tuple[str, ...]] | None = None
    bare: bool = False
    means: Meaning | None = None


@dataclass(frozen=True, slots=True)
class VerbSpec:
    """A step's verb.

    Attributes:
        name: snake_case; a plugin's verb carries its prefix (``acme.wiggle_cable``).
        summary: one line.
        actor: who acts.
        fields: of the mapping form.
        shorthand: the field that a bare scalar stands for (``wait: 30s``), or None when there is no scalar form.
        value: schema of the value for verbs that take neither mapping nor scalar shorthand (``group`` takes a list).
        value_means: what that value is about, as of a field.
        opens_window: whether the verb opens an expectation window for its charger.
        example: one YAML step that stands in the documentation and is run by CI.
        versions: the OCPP versions it can act in.
        description: longer text in Markdown, may be empty.
        nested: names of fields (or ``"."`` for the value itself) that hold lists of steps.
        actions: of an operation of the CSMS: the OCPP call that it makes in each version.
        opens_for_all: whether the window is every charger's, not only that of the step's own.
        includes: whether its steps stand elsewhere: a failure of one of them names this step as the way to it.
        calls: in whose name it sends the call that its fields ``action`` and ``payload`` write out.
        programs: whose answers it programmes; its fields are those of an answer (``to``, ``payload``, ``error`` …).
        one_of: fields of which exactly one must stand.
        any_of: fields of which one must stand at least.
        idle: whether it does nothing to anybody, so that a scenario with nothing else has done nothing.
        needs_operator: whether somebody must be there who answers.
    """

    name: str
    summary: str
    actor: Actor
    fields: tuple[FieldSpec, ...] = ()
    shorthand: str | None = None
    value: JsonSchema | None = None
    opens_window: bool = True
    example: str = ""
    versions: tuple[OcppVersion, ...] = ALL_VERSIONS
    description: str = ""
    nested: tuple[str, ...] = ()
    actions: Mapping[OcppVersion, str] = field(default_factory=dict)
    opens_for_all: bool = False
    includes: bool = False
    calls: Side | None = None
    programs: Side | None = None
    one_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    idle: bool = False
    needs_operator: bool = False
    value_means: Meaning | None = None


@dataclass(frozen=True, slots=True)
class StateSpec:
    """How the latest events of a facet tell a present state, which ``still`` can ask for.

    Attributes:
        subject: the fields that say whose state it is: each subject has one. None of them: the charger has one.
        fields: what can be asked for besides ``is``: what an event says that holds on after it.
        words: what an event's ``is`` says of the state (``{"started": "running"}``), for every value that it can have;
            empty where the event's own word is the state.
        none: the word for a subject that is no more; ``is: none`` asks that there is nothing left that fits. None for
            states that last.
        gathered: whether what earlier events of the subject said holds on, too.
        apart: a subject that counts only where a step names it (``{"evse_id": 0}``: the station as a whole).
    """

    subject: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    none: str | None = None
    gathered: bool = False
    apart: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacetSpec:
    """Something that ``expect``, ``never`` and ``throughout`` can look for.

    Attributes:
        name: the key in ``expect`` (``auth_status``).
        summary: one line.
        value: schema of the scalar form, which is the fact's ``is`` field; None when there is no scalar form.
        fields: of the mapping form; ``is`` is among them when there is a scalar form. Each is compared with the
            event's field of the same name.
        kind: the kind of event that it looks at.
        event: the event name it looks at (a fact's name); None for facets that name it in a field (``message``).
        decisive: the first event for the subject decides: another value fails at once (rule 6).
        subject: the fields that say what an event is about; a contiguous sequence is taken per subject.
        bound: True for ``response`` and ``call_error``: they look only at the answer to the step's own call.
        example: one ``expect`` in YAML.
        versions: the versions in which a target's wire can show it.
        state: the state that its latest events tell; None for a facet whose events pass.
    """

    name: str
    summary: str
    fields: tuple[FieldSpec, ...]
    value: JsonSchema | None = None
    kind: Literal["fact", "frame", "command", "violation"] = "fact"
    event: str | None = None
    decisive: bool = False
    subject: tuple[str, ...] = ()
    bound: bool = False
    example: str = ""
    versions: tuple[OcppVersion, ...] = ALL_VERSIONS
    state: StateSpec | None = None

    @property
    def present(self) -> FacetSpec:
        """The facet as ``still`` asks for it: a state's words and fields in the place of an event's.

        Raises:
            ValueError: the facet has no state.
        """
        state = self.state
        if state is None:
            raise ValueError(f"{self.name} has no state")
        value = {"enum": list(dict.fromkeys(state.words.values()))} if state.words else self.value
        fields = [
            replace(spec, schema=value or {}, schemas=None if state.words else spec.schemas)
            if spec.name == "is"
            else spec
            for spec in self.fields
            if spec.name == "is" or spec.name in state.fields
        ]
        return replace(self, value=value, fields=tuple(fields))


@dataclass(frozen=True, slots=True)
class MatcherSpec:
    """A ``$matcher`` of payloads and facet fields.

    Attributes:
        name: with its ``$``.
        summary: one line.
        argument: schema of what stands beside it.
        example: one mapping in YAML.
        holds: of a plugin's matcher: what stands beside it, and what came → whether it holds; None where the two cannot
            be compared, which decides nothing. It is not asked of what is not there: there it does not hold.
    """

    name: str
    summary: str
    argument: JsonSchema
    example: str = ""
    holds: Holds | None = None


class DuplicateNameError(ValueError):
    """Two registrations claim one name."""


@dataclass(slots=True)
class Registry:
    """All verbs, facets and matchers that a scenario may use, by name, in registration order."""

    verbs: dict[str, VerbSpec] = field(default_factory=dict)
    facets: dict[str, FacetSpec] = field(default_factory=dict)
    matchers: dict[str, MatcherSpec] = field(default_factory=dict)

    def add_verbs(self, specs: Iterable[VerbSpec]) -> None:
        """Add verbs.

        Raises:
            DuplicateNameError: a name is taken.
        """
        _add(self.verbs, specs)

    def add_facets(self, specs: Iterable[FacetSpec]) -> None:
        """Add facets; raises as :meth:`add_verbs`."""
        _add(self.facets, specs)

    def add_matchers(self, specs: Iterable[MatcherSpec]) -> None:
        """Add matchers; raises as :meth:`add_verbs`."""
        _add(self.matchers, specs)


def _add(into: dict[str, Any], specs: Iterable[Any]) -> None:
    for spec in specs:
        if spec.name in into:
            raise DuplicateNameError(f"{spec.name!r} is registered twice")
        into[spec.name] = spec
