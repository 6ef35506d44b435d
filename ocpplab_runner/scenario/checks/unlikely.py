"""Warnings of what is asked for and will hardly come: frames of the wrong side, what is not there.

None of this is impossible: a peer may break the protocol, and looking for that is what a test may want. So these are
warnings, and none where the step says ``raw: true`` or the scenario itself sends such a thing.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ocpplab_runner.ocppj.schemas import send_actions
from ocpplab_runner.ocppj.validation import ERROR_CODES, is_known_action
from ocpplab_runner.scenario.checks.scope import Scope, spelled
from ocpplab_runner.scenario.registry import VerbSpec
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.directions import Side, sends
from ocpplab_runner.vocabulary.numbers import is_integer
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.statuses import AuthorizationRoute
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion

_CODE = "unlikely-event"
_OTHER_SIDE: Mapping[Any, Side] = {"csms": "charger", "charger": "csms"}
#: By which ways a station comes to a verdict with its CSMS, as a ``validation_result`` has them.
_OF_THE_CSMS = frozenset(
    {
        AuthorizationRoute.AUTHORIZE.value,
        AuthorizationRoute.CACHE.value,
        AuthorizationRoute.LOCAL_LIST.value,
        AuthorizationRoute.OFFLINE.value,
        AuthorizationRoute.STATION.value,
    }
)
_INSIDE = _OF_THE_CSMS | {"validation_result_update"}
_OF_AN_EVSE = frozenset({"transaction", "token_status"})
#: Only a key that is nearly a known one is a misspelling; any other may be the vendor's.
_NEARLY = 0.9


def warn_of_message(scope: Scope, fields: dict[str, Any]) -> None:
    """Warn of a frame that its sender does not send."""
    action, side = fields.get("action"), fields.get("from")
    kind = fields.get("type", "error" if "error_code" in fields else "call")
    if (
        not isinstance(action, str)
        or not isinstance(side, str)
        or side not in _OTHER_SIDE
        or kind not in ("call", "result", "error")
    ):
        return
    other = _OTHER_SIDE[side]
    caller: Side = _OTHER_SIDE[other] if kind == "call" else other
    having = [
        version for version in scope.versions if is_known_action(version, action) or action in send_actions(version)
    ]
    if not having or any(sends(caller, version, action) for version in having):
        return
    if any(action in _literals(sent) for spec, sent, _ in _verbs(scope, scope.document.root) if spec.calls == caller):
        return
    what = f"{'sends' if kind == 'call' else 'answers'} no {action}"
    who = "a CSMS" if side == "csms" else "a charger"
    answer = f"; its answer is `type: result, from: {side}`" if kind == "call" else ""
    hint = f"it comes from: {other}{answer}"
    _warn(scope, fields, "from", f"{who} {what}", hint)


def warn_of_error_code(scope: Scope, container: Any, key: str | int) -> None:
    """Warn of a CALLERROR code that no version has."""
    for holder, place, code in _named(container, key):
        if isinstance(code, str) and "${{" not in code:
            known = set().union(*(ERROR_CODES[version] for version in scope.versions))
            if code not in known and not is_sent(scope, code):
                message = f"{spelled(scope.versions)}: there is no error code '{shortened(code)}'"
                _warn(scope, holder, place, message, did_you_mean(code, known))


def warn_of_key(scope: Scope, fields: dict[str, Any]) -> None:
    """Warn of a configuration key that is nearly a known one."""
    for holder, place, key in _named(fields, "key"):
        known = _configuration_keys(scope)
        if not isinstance(key, str) or key in known or "${{" in key or is_sent(scope, key):
            continue
        near = difflib.get_close_matches(key, known, n=1, cutoff=_NEARLY)
        if near:
            _warn(scope, holder, place, f"no setting has the key '{shortened(key, 60)}'", f"did you mean '{near[0]}'?")


def warn_of_file(scope: Scope, fields: dict[str, Any]) -> None:
    """Warn of a file that ``given.files`` has not: whoever asks for it gets nothing."""
    files = scope.world.files
    for holder, place, name in _named(fields, "file"):
        if files is None or not isinstance(name, str) or "${{" in name:
            continue
        # Beside firmware that is signed with a revoked certificate is the list that says so.
        if name.removesuffix(".crl") not in files and name not in files:
            there = f"it has {', '.join(sorted(files))}" if files else "there is none"
            message = f"given.files has no '{shortened(name, 60)}'; {there}"
            _warn(scope, holder, place, message, did_you_mean(name, files))


def warn_of_evse(scope: Scope, container: Any, key: str | int, facet: str = "") -> None:
    """Warn of an EVSE that the step's charger does not have (without a step: none), or that has no such facet."""
    chargers = scope.world.chargers
    counts = [chargers.get(scope.charger)] if scope.charger else list(chargers.values())
    known = [count for count in counts if count is not None]
    if len(known) < len(counts) or not known:
        return
    for holder, place, evse in _named(container, key):
        if evse == 0 and facet in _OF_AN_EVSE and not isinstance(evse, bool):
            _warn(scope, holder, place, f"0 is the station as a whole, and has no {facet}", "EVSEs count from 1")
        if is_integer(evse) and evse > max(known) and not _speaks_of(scope, evse):
            has = "1 EVSE" if max(known) == 1 else f"{max(known)} EVSEs"
            _warn(
                scope, holder, place, f"the charger has {has}; nothing happens at EVSE {evse}", "see `evses` in `given`"
            )


def warn_of_validator(scope: Scope, fields: dict[str, Any]) -> None:
    """Warn of a validator that no charger of the step has."""
    names = _validators(scope)
    if names is None:
        return
    for holder, place, via in _named(fields, "via"):
        if isinstance(via, str) and "${{" not in via and via not in names and via not in _INSIDE:
            if via == "csms":
                hint = f"its verdicts are via {', '.join(sorted(_OF_THE_CSMS))}"
            else:
                known = (*names, *_INSIDE)
                hint = did_you_mean(via, known) or f"there are {', '.join(sorted(known))}"
            _warn(scope, holder, place, f"no validator gives a verdict via '{via[:40]}'", hint)


def _validators(scope: Scope) -> set[str] | None:
    """The names of the scripted validators; None where they cannot be read off the file."""
    root = scope.document.root
    if "steps" not in root:
        return None  # fragments for the chargers of other files
    given = root.get("given")
    chargers = given.get("chargers", {"": given.get("charger")}) if isinstance(given, dict) else {}
    if not isinstance(chargers, dict):
        return None
    names: set[str] = set()
    for name, charger in chargers.items():
        if scope.charger and "chargers" in given and name != scope.charger:
            continue
        options = (charger or {}).get("authorization", {}) if isinstance(charger or {}, dict) else None
        validators = options.get("validators", []) if isinstance(options, dict) else None
        if not isinstance(validators, list):
            return None
        for validator in validators:
            said = validator.get("name") if isinstance(validator, dict) else validator
            if not isinstance(said, str) or "${{" in said:
                return None
            names.add(said)
    return names - {"csms"}


def _warn(scope: Scope, container: Any, key: str | int, message: str, hint: str) -> None:
    span = scope.document.value_span(container, key)
    if not scope.raw and not scope.check.found_at(scope.document, span):
        scope.report(span, _CODE, message, hint, severity="warning")


def _named(container: Any, key: str | int) -> Iterator[tuple[Any, str | int, Any]]:
    """The plain values that stand under a key, by themselves or in ``$any_of`` and ``$not``."""
    value = container.get(key) if isinstance(container, dict) else container[key]
    if isinstance(value, dict):
        for name in ("$not", "$any_of"):
            if name in value:
                yield from _named(value, name)
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from _named(value, index)
    elif value is not None:
        yield container, key, value


def _configuration_keys(scope: Scope) -> set[str]:
    keys: set[str] = set()
    for setting in SETTINGS.values():
        if setting.v16 is not None and OcppVersion.V16 in scope.versions:
            keys.add(setting.v16)
        if setting.v2 is not None and {OcppVersion.V201, OcppVersion.V21}.intersection(scope.versions):
            parts = (setting.v2.component, setting.v2.name, setting.v2.instance)
            keys.add(".".join(part for part in parts if part))
    return keys


def _numbers_of_evses(sent: Any, named: bool = True) -> Iterator[Any]:
    """The EVSEs that a command speaks of: its bare value, and what stands under keys of that kind."""
    if isinstance(sent, dict):
        for key, inner in sent.items():
            yield from _numbers_of_evses(inner, "evse" in key.lower() or "connector" in key.lower())
    elif isinstance(sent, list):
        for item in sent:
            yield from _numbers_of_evses(item, named)
    elif named:
        yield sent


def is_sent(scope: Scope, value: Any) -> bool:
    """Whether the scenario itself sends a value, or gives it to a charger or the CSMS."""
    return any(value in _literals(sent) for sent in _sent(scope))


def is_sent_raw(scope: Scope, value: Any, *, key: bool = False) -> bool:
    """Whether the scenario itself puts a value, or a key, into a frame as it stands.

    That a setting, a card or a field of a command is called the same says nothing of what frames hold.
    """
    return any(value in (_keys(sent) if key else _literals(sent)) for sent in _frames(scope))


def _frames(scope: Scope) -> Iterator[Any]:
    """All that goes out as it is written: payloads, whole frames, whatever a raw step or a plugin's verb has."""
    root = scope.document.root
    yield from _values_of(root.get("given"), "replies")
    for spec, sent, raw in _verbs(scope, root):
        if raw or spec.calls or spec.programs or "." in spec.name:
            yield _read(sent)


def _values_of(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            else:
                yield from _values_of(inner, key)


def _read(sent: Any) -> Any:
    """A command with the frame in it, if it is text, as data."""
    text = sent.get("text") if isinstance(sent, dict) else None
    try:
        return [sent, json.loads(text)] if isinstance(text, str) else sent
    except (ValueError, RecursionError):
        return sent


def _keys(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _speaks_of(scope: Scope, evse: int) -> bool:
    return any(evse in _numbers_of_evses(sent) for sent in _sent(scope))


def _sent(scope: Scope) -> Iterator[Any]:
    """Every command and call of the file, and what is given."""
    root = scope.document.root
    if "given" in root:
        yield root["given"]
    yield from (sent for _, sent, _ in _verbs(scope, root))


def _verbs(scope: Scope, value: Any) -> Iterator[tuple[VerbSpec, Any, bool]]:
    """Every command and call: the verb, what stands beside it, and whether its step is raw."""
    if isinstance(value, dict):
        for key, inner in value.items():
            spec = scope.language.verbs.get(key)
            if spec is not None and not spec.nested:
                yield spec, inner, value.get("raw") is True
            elif key not in ("expect", "never", "throughout"):
                yield from _verbs(scope, inner)
    elif isinstance(value, list):
        for item in value:
            yield from _verbs(scope, item)


def _literals(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _literals(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _literals(item)
    else:
        yield value
