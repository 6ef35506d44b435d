"""The walk through the steps: what follows from their order, their names and what surrounds them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ocpplab_runner.scenario.checks.computed import check_condition, check_save, check_value
from ocpplab_runner.scenario.checks.expectations import (
    check_expect,
    check_never,
    check_still,
    gives_command,
    makes_call,
)
from ocpplab_runner.scenario.checks.form import check_included_file
from ocpplab_runner.scenario.checks.idle import note_step
from ocpplab_runner.scenario.checks.scope import Scope, spelled
from ocpplab_runner.scenario.checks.slips import warn_of_silence
from ocpplab_runner.scenario.checks.unread import check_read, note_words
from ocpplab_runner.scenario.checks.verbs import PLUGGING, check_verb
from ocpplab_runner.scenario.sources import Included, IncludeError, resolve_include
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.versions import OcppVersion

START = "start"
_JUDGING = frozenset({"expect", "still", "never"})
_VERSIONS = {version.value: version for version in OcppVersion}
#: Steps of one scenario after its includes are written out.
MAX_STEPS = 10_000


def check_steps(scope: Scope, steps: Any) -> None:
    """Check a list of steps."""
    if not isinstance(steps, list):
        return
    ended = ""
    for index, step in enumerate(steps):
        if not isinstance(step, dict):
            continue
        if ended:
            message = f"this step is never reached: '{ended}' before it ends the scenario"
            scope.report(_first_key(scope, steps, index), "unreachable-step", message)
            # Told of the first of them only.
            ended = ""
        verb = check_step(scope, step)
        if verb in ("fail", "skip") and "only" not in step:
            ended = verb


def check_step(scope: Scope, step: dict[str, Any]) -> str | None:
    """Check one step and everything nested in it; returns its verb."""
    known = scope.language.verbs
    verbs = [key for key in step if key in known]
    verb = verbs[0] if verbs else None
    if len(verbs) > 1:
        message = f"a step has one verb; here are '{verbs[0]}' and '{verbs[1]}'"
        scope.at_key(step, verbs[1], "two-verbs", message, "make them two steps")
    if verb is None and not _JUDGING.intersection(step) and not _unknown_keys(scope, step):
        message = "this step has no verb, no 'expect', no 'still' and no 'never'"
        scope.report(scope.document.span(step), "missing-key", message)
    charger = step.get("charger")
    charger = charger if isinstance(charger, str) else scope.world.first_charger
    inner = replace(_versions(scope, step), raw=step.get("raw") is True, charger=charger)
    _names(inner, step)
    if verb is not None:
        check_verb(inner, step, verb)
    if scope.computed:
        _expressions(inner, step, verb)
    facets: set[str] = set()
    if "expect" in step:
        facets = check_expect(inner, step, verb)
        if verb is not None:
            warn_of_silence(inner, step, verb, facets)
    if "still" in step:
        check_still(inner, step)
    if "never" in step:
        check_never(inner, step)
    if verb is not None:
        if verb in PLUGGING or "." in verb:  # nobody knows what a plugin's verb does
            scope.world.plugged.update(
                [step["charger"]] if isinstance(step.get("charger"), str) else scope.world.chargers
            )
        _nested(inner, step, verb)
    note_step(inner, step, verb)
    if "save" in step:
        check_save(inner, step, facets, _not_there(scope, verb))
    return verb


def _not_there(scope: Scope, verb: str | None) -> dict[str, str]:
    spec = scope.language.verbs.get(verb) if verb else None
    missing = {}
    if not makes_call(spec):
        missing["response"] = "this step makes no call"
    if not gives_command(spec):
        missing["outcome"] = "this step gives no command"
    return missing


def _unknown_keys(scope: Scope, step: dict[str, Any]) -> bool:
    return any(key not in scope.language.modifiers for key in step)


def _versions(scope: Scope, step: dict[str, Any]) -> Scope:
    only = step.get("only")
    if not isinstance(only, list):
        return scope
    wanted = {_VERSIONS[item] for item in only if isinstance(item, str) and item in _VERSIONS}
    if not wanted:
        return scope
    versions = tuple(version for version in scope.versions if version in wanted)
    if not versions:
        if scope.listed and not wanted & scope.world.elsewhere:
            message = f"this never runs: here only {spelled(scope.versions)} is left"
            scope.at_value(step, "only", "never-runs", message)
        return scope.limited(tuple(sorted(wanted)))
    return scope.limited(versions)


def _names(scope: Scope, step: dict[str, Any]) -> None:
    charger = step.get("charger")
    if isinstance(charger, str) and scope.world.chargers and charger not in scope.world.chargers and not scope.any_name:
        names = ", ".join(f"'{name}'" for name in scope.world.chargers)
        message = f"there is no charger '{charger}'"
        hint = did_you_mean(charger, scope.world.chargers) or f"given has {names}"
        scope.at_value(step, "charger", "unknown-charger", message, hint)
    since = step.get("since")
    if isinstance(since, str):
        if "expect" not in step and "never" not in step:
            message = "'since' belongs to an 'expect' or a 'never'; this step has neither"
            scope.at_key(step, "since", "missing-key", message)
        if since != START and since not in scope.ids:
            if since in _every_id(scope):
                message = f"the step '{since}' comes later; 'since' looks back"
                scope.at_value(step, "since", "unknown-step-id", message)
            else:
                hint = did_you_mean(since, (*scope.ids, START)) or "give a step before it an `id`"
                scope.at_value(step, "since", "unknown-step-id", f"no step has the id '{since}'", hint)
    name = step.get("id")
    if isinstance(name, str):
        if name == START:
            scope.at_value(step, "id", "duplicate-id", "'start' always means the start of the scenario")
        elif name in scope.ids:
            first = scope.ids[name]
            related = ((scope.document.path, first, "the first"),)
            span = scope.document.value_span(step, "id")
            message = f"two steps have the id '{name}'"
            scope.report(span, "duplicate-id", message, f"the first is in line {first.line}", related=related)
        else:
            scope.ids[name] = scope.document.value_span(step, "id")


def _expressions(scope: Scope, step: dict[str, Any], verb: str | None) -> None:
    spec = scope.language.verbs.get(verb) if verb else None
    if verb is not None and "." in verb:
        note_words(scope, step[verb])
    for key, value in step.items():
        if key == verb and spec is not None and spec.nested:
            if isinstance(value, dict):
                if verb in ("if", "until"):
                    check_condition(scope, value)
                for name in value:
                    if name not in spec.nested and name != "condition":
                        check_value(scope, value, name)
        elif isinstance(value, str | dict | list) and key != "save":
            check_value(scope, step, key)


def _nested(scope: Scope, step: dict[str, Any], verb: str) -> None:
    value = step[verb]
    if verb == "include":
        _include(scope, step, value)
        return
    spec = scope.language.verbs[verb]
    for name in spec.nested:
        steps = value if name == "." else value.get(name) if isinstance(value, dict) else None
        if not isinstance(steps, list):
            continue
        counter = value.get("as") if isinstance(value, dict) else None
        added = isinstance(counter, str) and counter not in scope.names
        if added:
            scope.names[str(counter)] = None
        for branch in steps if steps and all(isinstance(item, list) for item in steps) else (steps,):
            check_steps(scope, branch)
        if added:
            scope.names.pop(str(counter), None)


def _include(scope: Scope, step: dict[str, Any], value: Any) -> None:
    container, key = (value, "file") if isinstance(value, dict) else (step, "include")
    target = container.get(key)
    if not isinstance(target, str) or not target:
        return
    if "${{" in target:
        message = "the file of an include is read before anything is computed"
        scope.at_value(container, key, "unknown-include", message, "use `if` around several includes")
        return
    try:
        included = resolve_include(scope.check.sources, scope.document, target)
    except IncludeError as error:
        scope.at_value(container, key, "unknown-include", str(error), did_you_mean(target, error.names))
        return
    span = scope.document.value_span(container, key)
    if included.key in scope.chain:
        round_ = " → ".join(_short(key) for key in (*scope.chain[scope.chain.index(included.key) :], included.key))
        scope.report(span, "include-cycle", f"this include leads back to itself: {round_}")
        return
    if len(scope.chain) > 20:
        scope.report(span, "too-deep", "more than 20 includes inside each other")
        return
    _check_included(scope, value, included, span)


def _check_included(scope: Scope, value: Any, included: Included, span: Any) -> None:
    check = scope.check
    check.included += len(included.steps)
    check.visited.add(included.key)
    if check.included > MAX_STEPS:
        # Told once, by the include with which it has become too much.
        if check.included - len(included.steps) <= MAX_STEPS:
            scope.report(span, "too-large", f"with its includes the scenario has more than {MAX_STEPS:,} steps")
        return
    related = ((scope.document.path, span, "included here"), *scope.related)
    if included.document is not scope.document:
        check_included_file(check, included.document, related)
    given = value.get("with") if isinstance(value, dict) else None
    names = dict(scope.names)
    added = [*(given if isinstance(given, dict) else ()), *included.variables]
    names.update(dict.fromkeys(str(name) for name in added))
    inner = replace(
        scope,
        document=included.document,
        names=names,
        ids={},
        computed=may_compute(included.document.text),
        chain=(*scope.chain, included.key),
        related=related,
        read=set(),
    )
    check_steps(inner, included.steps)
    check_read(scope, given, inner.read, "nothing that is included")
    scope.read.update(inner.read.difference(added))
    scope.names.update({name: None for name in inner.names if name not in added})


def may_compute(text: str) -> bool:
    """Whether a file may hold an expression: written out, escaped, or bare in a condition."""
    return "${{" in text or "\\" in text or "condition" in text


def _every_id(scope: Scope) -> set[str]:
    ids: set[str] = set()
    _collect_ids(scope.document.root, ids)
    return ids


def _collect_ids(value: Any, ids: set[str]) -> None:
    if isinstance(value, dict):
        name = value.get("id")
        if isinstance(name, str):
            ids.add(name)
        for item in value.values():
            if isinstance(item, dict | list):
                _collect_ids(item, ids)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                _collect_ids(item, ids)


def _short(key: tuple[str, str]) -> str:
    name = key[0].replace("\\", "/").rpartition("/")[2]
    return f"{name}#{key[1]}" if key[1] else name


def _first_key(scope: Scope, steps: list[Any], index: int) -> Any:
    step = steps[index]
    return scope.document.key_span(step, next(iter(step))) if step else scope.document.value_span(steps, index)
