"""A checked scenario as plain, immutable data.

Values that may hold ``${{ expressions }}`` are kept as written (strings); the engine evaluates them when a step
runs. Durations that are literal are already seconds (float) in the modifiers; inside a verb's ``fields`` they stay
as written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.vocabulary.versions import OcppVersion

#: A duration in seconds, or an expression that yields a duration.
Duration = float | str


@dataclass(frozen=True, slots=True)
class FacetExpectation:
    """One facet of an ``expect`` or ``never``: ``connector_status: {is: Charging, evse_id: 1}``.

    Attributes:
        facet: its name.
        fields: field → wanted value (may hold matchers and expressions); a scalar form has become ``{"is": value}``.
        sequence: for ``facet: [a, b, c]``: the wanted fields one after the other; then ``fields`` is empty.
        count: exactly so many within the whole deadline.
        at_least: return as soon as so many have come.
        span: of the facet's key.
    """

    facet: str
    fields: Mapping[str, Any]
    sequence: tuple[Mapping[str, Any], ...] = ()
    count: int | None = None
    at_least: int | None = None
    span: Span | None = None


class Order(Enum):
    """What may stand between the events of a sequence."""

    #: No other event of the same facet and subject.
    CONTIGUOUS = "contiguous"
    #: Anything (``in_order: true``).
    GAPS = "gaps"
    #: They come in any order (``in_any_order: true``).
    ANY = "any"


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """A step's ``expect``; two that read alike are still two.

    Attributes:
        facets: all must be met; in any order for a mapping.
        ordered: True when written as a list of single facets: one sequence of them all.
        within: seconds; None for the target's default.
        order: of every sequence in it.
        since: step id, ``"start"`` or None for the step's own window.
        span: of the ``expect`` key.
    """

    facets: tuple[FacetExpectation, ...]
    ordered: bool = False
    within: Duration | None = None
    order: Order = Order.CONTIGUOUS
    since: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Prohibition:
    """A ``never``: none of the facets may occur.

    Attributes:
        facets: each forbidden by itself.
        for_: seconds to watch; None only inside ``throughout``.
        since: as in :class:`Expectation`.
        span: of the ``never`` key.
    """

    facets: tuple[FacetExpectation, ...]
    for_: Duration | None = None
    since: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """A ``still``: what must be so when the step gets there.

    Attributes:
        facets: each by itself, as their states (:attr:`~ocpplab_runner.scenario.registry.FacetSpec.present`).
        span: of the ``still`` key.
    """

    facets: tuple[FacetExpectation, ...]
    span: Span | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step; two that read alike are still two.

    Attributes:
        verb: registered name, or None for a standing ``expect``, ``still`` or ``never``.
        fields: the verb's fields; a shorthand scalar has become its field; for verbs with a free value
            (``group: [...]``) the value stands under the key ``"."``. Nested steps are under :attr:`blocks`.
        blocks: name of the nested field → its steps (``parallel`` has one block per branch: ``"0"``, ``"1"`` …).
        span: of the verb's key.
        path: the file it was written in (an included step keeps its own file).
    """

    verb: str | None
    fields: Mapping[str, Any]
    span: Span
    path: Path
    id: str | None = None
    name: str | None = None
    charger: str | None = None
    only: tuple[OcppVersion, ...] = ()
    expect: Expectation | None = None
    still: Presence | None = None
    never: Prohibition | None = None
    save: Mapping[str, str] = field(default_factory=dict)
    timeout: Duration | None = None
    raw: bool = False
    blocks: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One row of ``cases``: its name, its variables and the versions that it is limited to (empty: all)."""

    name: str
    vars: Mapping[str, Any] = field(default_factory=dict)
    only: tuple[OcppVersion, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Xfail:
    """The failure that a scenario declares.

    Attributes:
        reason: why it fails.
        message: what the failure's message contains; empty for any.
        step: id or name of the step that fails, or of a block around it; empty for any.
    """

    reason: str
    message: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario file.

    Attributes:
        path: as the user named it; identifiers and reports use it with forward slashes.
        given: ``chargers`` (name → settings; a single ``charger`` is named ``"charger"``), ``csms``, ``state``,
            ``files`` and ``uploads``, each as plain data that follows the schema.
        ocpp: versions it is written for; empty means every version the target speaks.
        smoke: it must merely run: a pass although nothing is judged.
    """

    path: Path
    name: str
    steps: tuple[Step, ...]
    description: str = ""
    tags: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    ocpp: tuple[OcppVersion, ...] = ()
    chargers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    csms: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | str | None = None
    files: Mapping[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    throughout: tuple[Prohibition, ...] = ()
    finally_: tuple[Step, ...] = ()
    xfail: Xfail | None = None
    smoke: bool = False
    timeout: Duration | None = None
    span: Span | None = None
