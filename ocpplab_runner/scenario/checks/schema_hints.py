"""What was meant: hints beside what the schema says of keys that nobody knows and of values of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ocpplab_runner.scenario.checks.misplaced import where_it_belongs
from ocpplab_runner.scenario.checks.named_fields import field_of_word, keys_of, with_its_name
from ocpplab_runner.scenario.checks.units import without_unit
from ocpplab_runner.scenario.diagnostics import Span
from ocpplab_runner.scenario.document import Document
from ocpplab_runner.scenario.known_values import comparison_in_text
from ocpplab_runner.scenario.language import Language
from ocpplab_runner.scenario.scalars import resolve
from ocpplab_runner.scenario.suggest import did_you_mean, nearest
from ocpplab_runner.vocabulary.durations import is_duration, meant_duration, meant_unit
from ocpplab_runner.vocabulary.numbers import is_number
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting, setting_of_key
from ocpplab_runner.vocabulary.states import STATES
from ocpplab_runner.vocabulary.texts import shortened

Explanation = tuple[Span, str, str, str]

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
#: What the mappings of the schema are called, where it is not simply their key.
_TITLES = {
    "scenario": "a scenario",
    "library": "a library of fragments",
    "defaults": "a file of defaults",
    "row": "a row of cases",
    "card": "a card",
    "charger": "a charger",
    "ev": "an EV",
}
#: Words from other tools and from OCPP → what they are called here.
_ELSEWHERE = {
    "plug": "plug_connector",
    "plug_in": "plug_connector",
    "connect_ev": "plug_connector",
    "unplug": "unplug_connector",
    "plug_out": "unplug_connector",
    "present_card": "authorize_id_tag",
    "swipe": "authorize_id_tag",
    "swipe_card": "authorize_id_tag",
    "tap": "authorize_id_tag",
    "tap_card": "authorize_id_tag",
    "authorize": "authorize_id_tag",
    "sleep": "wait",
    "pause": "wait",
    "delay": "wait",
    "reboot": "reset",
    "start_charging": "start_session",
    "stop_charging": "stop_session",
    "message": "text",
    "call": "csms_call",
    "remote_start_transaction": "remote_start",
    "request_start_transaction": "remote_start",
    "remote_stop_transaction": "remote_stop",
    "request_stop_transaction": "remote_stop",
    "evse_count": "evses",
    "number_of_evses": "evses",
    "connectors": "evses",
    "cards": "id_tokens",
    "tokens": "id_tokens",
    "card": "id_tag",
    "token": "id_tag",
    "connector_id": "evse_id",
    "status": "authorization_status",
    "authorization_status": "status",
    "expected": "expect",
    "assert": "expect",
    "variables": "vars",
    "version": "ocpp",
    "versions": "ocpp",
    "ocpp_version": "ocpp",
    "teardown": "finally",
}
#: Words for a state of things → those that mean the same.
_SAME = {
    **dict.fromkeys(("off", "offline", "disconnected", "disconnect", "disabled"), ("down", "off")),
    **dict.fromkeys(("on", "online", "connected", "connect", "enabled"), ("up", "on")),
    **dict.fromkeys(("down", "cut", "fail"), ("off", "down")),
    **dict.fromkeys(("up", "back", "restore"), ("on", "up")),
}
_NO_PLUGIN = "no loaded plugin has it; `--plugin MODULE` loads one"


def surplus(language: Language, document: Document, error: Any, value: dict[str, Any]) -> Iterator[Explanation]:
    """One explanation for each key that a mapping cannot have."""
    title = error.schema.get("title", "")
    known = list(error.schema.get("properties", {}))
    for key in value:
        if key in known:
            continue
        if key.startswith("$") and title != "facets":
            code, message, hint = _no_matcher(language, key)
        elif title == "step":
            code, message, hint = _no_step_key(language, key, value)
        elif title == "facets":
            code, message = "unknown-facet", f"there is no facet '{shortened(key)}'"
            hint = _facet_of_value(language, key, value[key], known) or _facet_hint(key, known)
            if key in language.modifiers:
                owner = next((one for one in ("never", "still") if one in error.absolute_path), "expect")
                hint = f"'{key}' belongs into the step, beside '{owner}'"
        elif title == "still":
            code, message, hint = _no_state(language, key, known)
        else:
            code, message = "unknown-key", f"{called(title)} has no key '{shortened(key)}'"
            hint = _as_setting(document, title, error, key, value[key]) or _meant_field(error, key, value)
            hint = hint or _key_hint(language, title, key, known)
        yield document.key_span(value, key), code, message, hint


def _no_state(language: Language, key: str, known: list[str]) -> tuple[str, str, str]:
    if key in language.facets:
        states = f"states are told by {', '.join(known)}"
        return "unknown-facet", f"'{shortened(key)}' is something that happens; it has no present state", states
    if key in language.modifiers:
        hint = f"'{key}' belongs into the step, beside 'still'"
        return "unknown-facet", f"there is no facet '{shortened(key)}'", hint
    return "unknown-facet", f"there is no facet '{shortened(key)}'", _facet_hint(key, known)


def _no_matcher(language: Language, key: str) -> tuple[str, str, str]:
    if key in language.matchers:
        return "bad-matcher", f"no matcher can stand here: '{shortened(key)}'", ""
    hint = did_you_mean(key, language.matchers) or f"there are {', '.join(language.matchers)}"
    return "bad-matcher", f"there is no matcher '{shortened(key)}'", hint


def _no_step_key(language: Language, key: str, step: dict[str, Any]) -> tuple[str, str, str]:
    shown = shortened(key)
    has_verb = any(name in language.verbs for name in step)
    if key in language.facets:
        what = f"a step has no '{shown}'" if has_verb else f"'{shown}' is no verb"
        code = "unknown-key" if has_verb else "unknown-verb"
        return code, f"{what}; it is something to expect", f"write `expect: {{{key}: …}}`"
    if has_verb:
        hint = _NO_PLUGIN if "." in key else meant(key, [*language.modifiers, *language.verbs])
        return "unknown-key", f"a step has no '{shown}'", hint
    if "." in key:
        return "unknown-verb", f"there is no verb '{shown}'", did_you_mean(key, language.verbs) or _NO_PLUGIN
    if verb := meant(key, language.verbs):
        return "unknown-verb", f"there is no verb '{shown}'", verb
    if modifier := meant(key, language.modifiers):
        return "unknown-key", f"a step has no '{shown}'", modifier
    if not ("expect" in step or "still" in step or "never" in step):
        return "unknown-verb", f"there is no verb '{shown}'", "`ocpplab-runner steps` lists the verbs"
    return "unknown-verb", f"'{shown}' is neither a verb nor a modifier", "`ocpplab-runner steps` lists the verbs"


def _facet_of_value(language: Language, key: str, value: Any, known: list[str]) -> str:
    """For a word that only some facets have: the one of these that was meant."""
    word = value.get("is") if isinstance(value, dict) else value
    if not isinstance(word, str):
        return ""
    having = [name for name in known if word.lower() in _words_of(language.facets[name].value)]
    return f"did you mean '{nearest(key, having) or having[0]}'?" if having else ""


def _words_of(schema: Any) -> list[str]:
    return [str(word).lower() for word in (schema or {}).get("enum", ())]


def _as_setting(document: Document, title: str, error: Any, key: str, value: Any) -> str:
    """For OCPP's own name where settings stand by the names that they have here, or beside raw configuration."""
    setting = setting_of_key(key) or setting_of_key(key.replace("_", ""))
    if title == "settings":
        if setting is not None:
            return f"write {{{setting.name}: {_as_written(setting, value)}}}"
        if key[:1].isupper() and "change_configuration" in error.absolute_path:
            return f"it has no name here: {_raw_change(document, key)}"
        return f"raw keys stand under `configuration`: {{{key}: …}}" if key[:1].isupper() else ""
    if title in ("set_configuration", "charger") and key[:1].isupper() and not isinstance(value, dict | list):
        return f"write `configuration: {{{key}: {_plain(value)}}}`"
    return ""


def _raw_change(document: Document, key: str) -> str:
    """The call that changes what only OCPP has a name for: a 1.6 key, or ``Component.Variable`` of 2.x."""
    component, dot, variable = key.rpartition(".")
    if dot or _only_2x(document):
        names = f"component: {{name: {component or '…'}}}, variable: {{name: {variable}}}"
        data = f"[{{{names}, attributeValue: …}}]"
        return f"`csms_call: {{action: SetVariables, payload: {{setVariableData: {data}}}}}`"
    return f"`csms_call: {{action: ChangeConfiguration, payload: {{key: {key}, …}}}}`"


def _only_2x(document: Document) -> bool:
    versions = document.root.get("ocpp") if isinstance(document.root, dict) else None
    spoken = [versions] if isinstance(versions, str) else versions
    return isinstance(spoken, list) and bool(spoken) and "1.6" not in map(str, spoken)


def _as_written(setting: Setting, value: Any) -> str:
    if setting.type == "duration" and not isinstance(value, dict | list):
        return (meant_duration(str(value)) or "…") if not is_duration(str(value)) else str(value)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list) or value is None:
        return "…"
    return shortened(str(value))


def _meant_field(error: Any, key: str, value: dict[str, Any]) -> str:
    """For the only unknown key of a mapping that lacks only one: that is what was meant."""
    schema = error.schema
    lacking = [name for name in schema.get("required", ()) if name not in value]
    numbers = [name for name in lacking if name.endswith("_id")]
    if key == "id" and len(numbers) == 1:
        return f"did you mean '{numbers[0]}'?"
    unknown = [name for name in value if name not in schema.get("properties", {})]
    if len(lacking) != 1 or len(unknown) != 1 or schema.get("title") == "scenario":
        return ""
    if schema.get("title") == "wait" and (unit := meant_unit(key)):
        return f"write `wait: {_plain(value[key])}{unit}`"
    return f"did you mean '{lacking[0]}'?"


def _facet_hint(key: str, known: list[str]) -> str:
    if hint := did_you_mean(key, known):
        return hint
    return _NO_PLUGIN if "." in key else f"there are {', '.join(known)}"


def _key_hint(language: Language, title: str, key: str, known: list[str]) -> str:
    if f"${key}" in language.matchers:
        return f"a matcher begins with '$': {{${key}: …}}"
    if hint := meant(key, known) or where_it_belongs(language, title, key):
        return hint
    if key in SETTINGS and title == "authorization":
        return f"it is a setting, and stands beside `authorization`: {{settings: {{{key}: …}}}}"
    if key in SETTINGS and "settings" in known:
        return f"it is a setting: {{settings: {{{key}: …}}}}"
    if key in language.modifiers and title not in _TITLES:
        return f"'{key}' belongs into the step, beside its verb"
    if len(known) <= 12:
        return f"allowed here: {', '.join(known)}" if known else "nothing is allowed here"
    return ""


def meant(word: str, known: Iterable[str]) -> str:
    """A hint with the name that was meant: a near one, or what the word of another tool is called here."""
    names = list(known)
    other = _ELSEWHERE.get(word.lower())
    return f"did you mean '{other}'?" if other in names else did_you_mean(word, names)


def meant_word(word: str, names: list[str]) -> str:
    """A hint with the listed word that was meant: a near one, the setting of a key, or one that means the same."""
    setting = setting_of_key(word)
    if setting is not None and setting.name in names:
        return f"did you mean '{setting.name}'?"
    same = next((one for one in _SAME.get(word.lower(), ()) if one in names), None)
    return f"did you mean '{same}'?" if same else did_you_mean(word, names)


def meant_matcher(language: Language, value: Any) -> str:
    """A hint for a mapping in the place of a value, whose keys would be matchers with a ``$``."""
    if isinstance(value, dict) and value and all(f"${key}" in language.matchers for key in value):
        return "a matcher begins with '$': " + "{" + ", ".join(f"${key}: …" for key in value) + "}"
    return ""


def forms_of(path: list[Any], value: Any) -> str:
    """A hint for a word that is right but for the fields that it needs: a state with a card, a boot answer."""
    if path == ["given", "state"] and value in STATES:
        return f"write `state: {{{value}: {{id_tag: …}}}}`"
    if path == ["given", "csms", "boot"] and value in ("Pending", "Rejected"):
        return f"write `boot: {{status: {value}}}`"
    return ""


def key_and_value(document: Document, fields: dict[str, Any]) -> Explanation:
    """``change_configuration`` in the words of OCPP 1.6."""
    setting = setting_of_key(fields["key"]) if isinstance(fields["key"], str) else None
    call = "SetVariables" if _only_2x(document) else "ChangeConfiguration"
    hint = f"`csms_call: {{action: {call}, …}}` changes any key"
    if setting is not None:
        hint = f"it names the setting: {{{setting.name}: {_as_written(setting, fields['value'])}}}"
    return document.key_span(fields, "key"), "unknown-key", "'change_configuration' has no 'key' and 'value'", hint


def wrong_type(
    language: Language, document: Document, path: list[Any], value: Any, limit: Any, error: Any
) -> tuple[str, str]:
    """Message and hint for a value of the wrong kind."""
    kinds = [limit] if isinstance(limit, str) else list(limit)
    wanted = " or ".join(_TYPES[kind] for kind in kinds if kind != "null")
    message = f"this is {kind_of(value)}, not {wanted}"
    if value is None:
        message = f"nothing stands here; {wanted} is wanted"
    title = error.schema.get("title")
    hint = ""
    if isinstance(value, str):
        hint = _text_hint(language, path, value, kinds, error.schema)
    elif isinstance(value, dict):
        hint = "begin each item with '- '" if kinds == ["array"] else meant_matcher(language, value)
    elif isinstance(value, list):
        hint = "give each card its status: {CARD-1: Accepted}" if title == "cards" else ""
        if path and path[-1] == "never":
            hint = _never_hint(value)
        elif path and path[-1] == "response" and len(value) == 1:
            hint = "it is the one answer to this step's call: write it without the list"
            hint += ", `response: none`" if value == ["none"] else ""
    elif path == ["xfail"]:
        hint = "say why: `xfail: bug 123`"
    elif "string" in kinds and value is not None and path:
        hint = f"quote it: '{document.source_of(*holder_of(document, path))}'"
    elif "object" in kinds:
        hint = _fields_hint(language, path, value, error.schema)
    if not hint and kinds == ["array"] and not isinstance(value, dict | list) and value is not None and path:
        source = document.source_of(*holder_of(document, path))
        hint = f'write a list: ["{source}"]' if is_version(path) else f"write a list: [{source}]"
    return message, hint


def _never_hint(value: list[Any]) -> str:
    """For facets that are forbidden one by one, which only `expect` has as a list."""
    names = [next(iter(item)) for item in value if isinstance(item, dict) and item]
    if len(set(names)) < len(value):
        return "write a mapping, and a step for each of the same facet: never: {auth_status: …}"
    return f"write a mapping, each facet is forbidden by itself: never: {{{', '.join(f'{name}: …' for name in names)}}}"


def _text_hint(language: Language, path: list[Any], value: str, kinds: list[str], schema: Mapping[str, Any]) -> str:
    read, title, key = resolve(value), schema.get("title"), str(path[-1]) if path else ""
    if {"integer", "number"}.intersection(kinds):
        if hint := comparison_in_text(value)[1] or without_unit(key, value):
            return hint
        if key in language.verbs and (hint := field_of_word(language.verbs[key], value)):
            return hint
    if "boolean" in kinds and value.lower() in ("yes", "no", "on", "off"):
        return "YAML 1.2 writes true and false"
    fits = isinstance(read, bool) and "boolean" in kinds
    fits |= is_number(read) and {"integer", "number"} & set(kinds) != set()
    if fits:
        return f"leave out the quotes: {value}"
    if title == "step" and value.split():
        verb, colon, _ = value.partition(": ")
        if colon:
            return f"leave out the quotes: {shortened(value)}"
        return f"write a colon and a blank behind the verb: '{verb.split()[0]}: …'"
    if title == "facets":
        return f"name the facet: {{auth_status: {shortened(value)}}}"
    if len(path) == 3 and path[:2] == ["given", "state"] and path[2] in STATES and "id_tag" in STATES[path[2]].fields:
        return f"name the field: {{id_tag: {shortened(value)}}}"
    return _fields_hint(language, path, value, schema) if "object" in kinds else ""


def _fields_hint(language: Language, path: list[Any], value: Any, schema: Mapping[str, Any]) -> str:
    """For a bare value where a mapping is wanted: the fields of the verb, or the mapping's keys."""
    if value is None:
        return ""
    spec = language.verbs.get(path[-1]) if path and isinstance(path[-1], str) else None
    return with_its_name(spec, value) if spec else keys_of(schema)


def called(title: str) -> str:
    """What a mapping of the schema is called in a message."""
    return _TITLES.get(title) or (f"'{title}'" if title else "this mapping")


def holder_of(document: Document, path: list[Any]) -> tuple[Any, Any]:
    """The container of what stands under a path, and its key there."""
    container = document.root
    for part in path[:-1]:
        container = container[part]
    return container, path[-1]


def is_version(path: list[Any]) -> bool:
    """Whether an OCPP version stands under a path."""
    return any(part in ("ocpp", "only") for part in path[-2:])


def kind_of(value: Any) -> str:
    """What kind of value it is, in words."""
    if isinstance(value, bool):
        return "true or false"
    if value is None:
        return "nothing"
    return next(
        word
        for kind, word in (
            (str, "text"),
            (int, "a number"),
            (float, "a number"),
            (list, "a list"),
            (dict, "a mapping"),
        )
        if isinstance(value, kind)
    )


def show(value: Any) -> str:
    """A value in a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list) or value is None:
        return kind_of(value)
    return f"'{shortened(str(value))}'"
