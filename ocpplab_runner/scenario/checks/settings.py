"""Checks of version-neutral settings and of raw configuration values."""

from __future__ import annotations

import functools
from typing import Any

from ocpplab_runner.scenario.checks.scope import Scope, have, is_computed, spelled
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.vocabulary.durations import DurationError, parse_duration
from ocpplab_runner.vocabulary.settings import SETTINGS, setting_of_key
from ocpplab_runner.vocabulary.versions import OcppVersion


def check_settings(scope: Scope, settings: Any, *, on_the_wire: bool) -> None:
    """Check a mapping of version-neutral settings.

    Args:
        scope: of the step.
        settings: name → value.
        on_the_wire: whether the CSMS sets them, so that each needs a name in every version.
    """
    if not isinstance(settings, dict):
        return
    for name, value in settings.items():
        setting = SETTINGS.get(name)
        if setting is None:
            continue
        if on_the_wire:
            check_setting_name(scope, settings, name, at_key=True)
        if setting.type == "duration" and isinstance(value, str) and not is_computed(value):
            try:
                seconds = parse_duration(value)
            except DurationError:
                continue
            if seconds != int(seconds):
                message = f"{name} travels as whole seconds; {value} is not"
                scope.at_value(settings, name, "wrong-setting-value", message)
        elif setting.type == "list":
            _check_measurands(scope, settings, name)


def check_setting_name(scope: Scope, container: Any, key: str | int, *, at_key: bool = False) -> None:
    """Check that a setting has a name on the wire of every version."""
    name = key if at_key else container[key]
    setting = SETTINGS.get(name) if isinstance(name, str) else None
    if setting is None:
        return
    wrong = scope.wrong_in(lambda version: not setting.exists_in(version))
    if wrong:
        message = f"{spelled(wrong)} {have(wrong)} no setting {name}"
        hint = "limit the step with `only`"
        if at_key:
            scope.at_key(container, str(key), "setting-not-in-version", message, hint)
        else:
            scope.at_value(container, key, "setting-not-in-version", message, hint)


def check_configuration(scope: Scope, configuration: Any) -> None:
    """Check the values of raw OCPP 1.6 keys that are known; other keys are the vendor's."""
    if not isinstance(configuration, dict):
        return
    for key, value in configuration.items():
        setting = setting_of_key(key) if "." not in key else None
        if setting is None or not isinstance(value, str) or is_computed(value):
            continue
        match setting.type:
            case "duration" | "integer" if not value.isdecimal():
                scope.at_value(configuration, key, "wrong-setting-value", f"{key} is a whole number, not '{value}'")
            case "boolean" if value.lower() not in ("true", "false"):
                scope.at_value(configuration, key, "wrong-setting-value", f"{key} is true or false, not '{value}'")


def _check_measurands(scope: Scope, settings: dict[str, Any], name: str) -> None:
    value = settings[name]
    words: list[Any] = []
    if isinstance(value, list):
        words = [(value, index, word) for index, word in enumerate(value)]
    elif isinstance(value, str) and value.strip():
        words = [(settings, name, word.strip()) for word in value.split(",")]
    for container, key, word in words:
        if isinstance(word, str) and not is_computed(word):
            measurand = word.split("-")[0]  # OCPP 1.6 section 9.1.20 allows a phase behind it
            wrong = scope.wrong_in(functools.partial(_is_unknown, measurand))
            if wrong:
                known = set().union(*(_measurands(version) for version in wrong))
                message = f"{spelled(wrong)} {have(wrong)} no measurand '{word}'"
                scope.at_value(container, key, "wrong-setting-value", message, _measurand_hint(word, known))


def _measurand_hint(word: str, known: set[str]) -> str:
    begun = sorted(name for name in known if name.lower().startswith(f"{word.lower()}."))
    return f"there are {', '.join(begun)}" if begun else did_you_mean(word, known)


def _is_unknown(measurand: str, version: OcppVersion) -> bool:
    return measurand not in _measurands(version)


@functools.cache
def _measurands(version: OcppVersion) -> frozenset[str]:
    from ocpplab_runner.ocppj.schemas import request_schema

    schema = request_schema(version, "MeterValues")
    if version is OcppVersion.V16:
        value = schema["properties"]["meterValue"]["items"]["properties"]["sampledValue"]["items"]
        return frozenset(value["properties"]["measurand"]["enum"])
    return frozenset(schema["definitions"]["MeasurandEnumType"]["enum"])
