"""The check of one scenario file: YAML, schema, then everything that the schema cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ocpplab_runner.scenario.build import ONLY_CHARGER, merged
from ocpplab_runner.scenario.checks.card_types import card_types
from ocpplab_runner.scenario.checks.computed import check_names, check_value
from ocpplab_runner.scenario.checks.covers import check_covers
from ocpplab_runner.scenario.checks.expectations import check_never
from ocpplab_runner.scenario.checks.form import diagnose, follows
from ocpplab_runner.scenario.checks.given import check_given
from ocpplab_runner.scenario.checks.idle import warn_of_idleness
from ocpplab_runner.scenario.checks.literals import check_literals
from ocpplab_runner.scenario.checks.scope import ALL, Check, Related, Scope, Versions, World
from ocpplab_runner.scenario.checks.state_card import check_state_card
from ocpplab_runner.scenario.checks.steps import check_steps, may_compute
from ocpplab_runner.scenario.checks.unread import check_read, check_rows
from ocpplab_runner.scenario.checks.xfail import check_xfail
from ocpplab_runner.scenario.diagnostics import WHOLE_FILE, Diagnostic, Span
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.expressions import BUILT_IN_NAMES
from ocpplab_runner.scenario.language import Language
from ocpplab_runner.scenario.sources import Sources, location
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.states import STATES
from ocpplab_runner.vocabulary.versions import OcppVersion

_VERSIONS = {version.value: version for version in OcppVersion}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the caller of a check knows: the target's versions and the names that ``--var`` gives."""

    versions: Versions | None = None
    variables: frozenset[str] = frozenset()


@dataclass(slots=True)
class Checked:
    """What came of a file's check.

    Attributes:
        diagnostics: of this file and of what it includes.
        variables: what the command line can override → the values that the file has for it.
        documents: every document with a diagnostic.
        defaults: the document of its defaults, when it has one.
        is_library: the file holds fragments and is no scenario.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    variables: dict[str, list[Any]] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    defaults: Document | None = None
    is_library: bool = False


def check_file(document: Document, language: Language, sources: Sources, settings: Settings) -> Checked:
    """Find every problem of a scenario file and of the files that it takes in."""
    check = Check(language, sources, overridden=settings.variables)
    checked = Checked(check.diagnostics, check.variables, check.documents)
    for diagnostic in document.diagnostics:
        check.report(document, diagnostic.span, diagnostic.code, diagnostic.message, diagnostic.hint)
    if document.broken:
        return checked
    root = document.root
    if root is None:
        check.report(document, WHOLE_FILE, "empty-scenario", "the file is empty", "see `ocpplab-runner new`")
        return checked
    if not isinstance(root, dict):
        what = "a list" if isinstance(root, list) else "a single value"
        message = f"a scenario is a mapping with 'name' and 'steps'; this file is {what}"
        check.report(document, WHOLE_FILE, "not-a-scenario", message)
        return checked
    checked.is_library = "fragments" in root and "steps" not in root and "name" not in root
    check_literals(check, document)
    part = "library" if checked.is_library else "scenario"
    if not follows(check, document, part):
        diagnose(check, document, part, ())
    if checked.is_library:
        _check_library(check, document, root, settings)
    else:
        checked.defaults = _defaults(check, document, root)
        below = checked.defaults.root if checked.defaults else None
        _check_scenario(check, document, root, checked.defaults, merged(root, below) if below else root, settings)
    return checked


def _check_library(check: Check, document: Document, root: dict[str, Any], settings: Settings) -> None:
    scope = Scope(
        check,
        document,
        settings.versions or ALL,
        listed=False,
        world=World({}),
        computed=may_compute(document.text),
        any_name=True,
    )
    # A fragment does not know what is plugged in where it is included: "" is the charger of a step that names none.
    scope.world.plugged.add("")
    _check_fragments(scope, root)
    check_read(scope, root.get("vars"), scope.check.read, "no fragment")


def _check_fragments(scope: Scope, root: dict[str, Any]) -> None:
    fragments = root.get("fragments")
    if not isinstance(fragments, dict):
        return
    key = location(scope.document.path)
    for name, steps in fragments.items():
        if (key, name) not in scope.check.visited:
            inner = Scope(
                scope.check,
                scope.document,
                scope.versions,
                listed=False,
                world=scope.world,
                computed=scope.computed,
                any_name=True,
                chain=((key, name),),
                read=scope.read,
            )
            check_steps(inner, steps)


def _defaults(check: Check, document: Document, root: dict[str, Any]) -> Document | None:
    name = root.get("defaults")
    if not isinstance(name, str) or not name:
        return None
    defaults = check.sources.beside(document, name)
    span = document.value_span(root, "defaults")
    if defaults.broken:
        problem = defaults.diagnostics[0]
        if problem.code == "file-not-found":
            check.report(document, span, "file-not-found", f"there is no file '{name}' beside this one")
        else:
            check.report(document, span, "unreadable-file", f"'{name}' cannot be used: {problem.message}")
        return None
    related: Related = ((document.path, span, "used as defaults here"),)
    for diagnostic in defaults.diagnostics:
        check.report(defaults, diagnostic.span, diagnostic.code, diagnostic.message, diagnostic.hint, related=related)
    if not isinstance(defaults.root, dict):
        check.report(document, span, "not-a-scenario", f"'{name}' is not a mapping")
        return None
    check_literals(check, defaults, related)
    if not follows(check, defaults, "defaults"):
        diagnose(check, defaults, "defaults", related)
    return defaults


def _check_scenario(
    check: Check,
    document: Document,
    root: dict[str, Any],
    defaults: Document | None,
    data: Mapping[str, Any],
    settings: Settings,
) -> None:
    versions, listed = _versions(root, settings)
    scope = Scope(
        check,
        document,
        versions,
        listed,
        world=_world(data),
        computed=may_compute(document.text),
        chain=((location(document.path), ""),),
    )
    names = scope.names
    names.update(dict.fromkeys(settings.variables))
    variables = data.get("vars")
    if isinstance(variables, dict):
        names.update(dict.fromkeys(variables))
        scope.world.constants.update(variables)
        for name, value in variables.items():
            check.variables.setdefault(name, []).append(value)
    scope.world.smoke = root.get("smoke") is True
    scope.world.elsewhere = frozenset() if isinstance(root.get("ocpp"), list) else frozenset(ALL).difference(versions)
    _check_secrets(scope, root)
    check_covers(scope, root)
    scope = _check_cases(scope, root)
    if defaults is not None:
        below = defaults.root
        inner = Scope(check, defaults, scope.versions, scope.listed, scope.world, names=names, read=scope.read)
        _check_data(inner, below)
    _check_data(scope, root)
    check_state_card(scope, root, data)
    throughout = root.get("throughout")
    if isinstance(throughout, dict):
        check_never(scope, throughout)
        if scope.computed:
            check_value(scope, root, "throughout")
    check_steps(scope, root.get("steps"))
    done = set(scope.world.doing)
    check_steps(scope, root.get("finally"))
    scope.world.doing = done  # what `finally` does is no part of it
    # Only those that no step has included are left, and what these would do the scenario does not.
    _check_fragments(replace(scope, world=replace(scope.world, doing=set(), judging=set())), root)
    secrets = data.get("secrets")
    scope.read.update(name for name in (secrets if isinstance(secrets, list) else ()) if isinstance(name, str))
    check_read(scope, root.get("vars"), scope.read, "nothing in the scenario")
    check_rows(scope, root.get("cases"))
    check_xfail(scope, root)
    warn_of_idleness(scope, root)


def _check_data(scope: Scope, root: dict[str, Any]) -> None:
    if "given" in root:
        check_given(scope, root["given"])
    check_names(scope, root.get("vars"))
    if scope.computed:
        for key in ("vars", "given", "within", "timeout"):
            if key in root:
                check_value(scope, root, key)


def _versions(root: Mapping[str, Any], settings: Settings) -> tuple[Versions, bool]:
    ocpp = root.get("ocpp")
    if isinstance(ocpp, list):
        wanted = {_VERSIONS[item] for item in ocpp if isinstance(item, str) and item in _VERSIONS}
        if wanted:
            return tuple(version for version in ALL if version in wanted), True
    if settings.versions:
        return tuple(version for version in ALL if version in settings.versions), True
    return ALL, False


def _world(data: Mapping[str, Any]) -> World:
    given = data.get("given")
    given = given if isinstance(given, dict) else {}
    chargers = given.get("chargers")
    if not isinstance(chargers, dict) or not chargers:
        chargers = {ONLY_CHARGER: given.get("charger")}
    world = World({name: _evses(charger) for name, charger in chargers.items()})
    files = given.get("files") or {}
    world.files = frozenset(files) if isinstance(files, dict) else None
    csms = given.get("csms")
    world.card_types = card_types(csms.get("id_tokens") if isinstance(csms, dict) else None)
    state = given.get("state")
    names = state if isinstance(state, dict) else {state: None} if isinstance(state, str) else {}
    if any(name in STATES and STATES[name].plugged for name in names):
        world.plugged.add(world.first_charger)
    return world


def _evses(charger: Any) -> int | None:
    if charger is None:
        return 1
    count = charger.get("evses", 1) if isinstance(charger, dict) else None
    return count if isinstance(count, int) else None


def _check_secrets(scope: Scope, root: dict[str, Any]) -> None:
    secrets = root.get("secrets")
    if not isinstance(secrets, list):
        return
    # What a step saves, or an included file does, may become a variable that is not known here.
    saved = "save" in scope.document.text or "include" in scope.document.text
    for index, name in enumerate(secrets):
        if isinstance(name, str) and name not in scope.names and not saved and not _in_rows(root, name):
            hint = did_you_mean(name, set(scope.names) - set(BUILT_IN_NAMES))
            scope.at_value(secrets, index, "undefined-variable", f"there is no variable '{name}'", hint)


def _in_rows(root: dict[str, Any], name: str) -> bool:
    rows = root.get("cases")
    return isinstance(rows, list) and any(isinstance(row, dict) and name in row for row in rows)


def _check_cases(scope: Scope, root: dict[str, Any]) -> Scope:
    rows = root.get("cases")
    if not isinstance(rows, list):
        return scope
    world = scope.world
    seen: dict[str, Span] = {}
    running: set[OcppVersion] = set()
    names: list[str] = []
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            continue
        check_names(scope, row)
        name = row.get("name")
        if isinstance(name, str):
            span = scope.document.value_span(row, "name")
            first = seen.setdefault(name, span)
            if first is not span:
                message = f"two rows of 'cases' are named '{name}'"
                scope.report(span, "duplicate-case", message, f"the first is in line {first.line}")
        versions = scope.versions
        only = row.get("only")
        if isinstance(only, list):
            wanted = {_VERSIONS[item] for item in only if isinstance(item, str) and item in _VERSIONS}
            versions = tuple(version for version in scope.versions if version in wanted)
            if wanted and not versions and scope.listed and not wanted & world.elsewhere:
                scope.at_value(
                    row, "only", "never-runs", "this case never runs: none of its versions is listed in `ocpp`"
                )
                # Looked at all the same, so that what else is wrong with it is told at once.
                versions = scope.versions
        running.update(versions)
        names.append(str(name) if isinstance(name, str) else f"row {index + 1}")
        world.rows.append((row, versions))
    for index, (row, _) in enumerate(world.rows):
        for key in row:
            if key in ("name", "only"):
                continue
            world.row_names.setdefault(
                key, [names[other] for other, (row_, _) in enumerate(world.rows) if key not in row_]
            )
            scope.names[key] = None
            scope.check.variables.setdefault(key, []).append(row[key])
        if scope.computed:
            check_value(scope, rows, rows.index(row) if row in rows else index)
    limited = tuple(version for version in scope.versions if version in running)
    return scope.limited(limited) if limited else scope
