"""Version-neutral settings in the words of one OCPP version. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.charger.core.variables import wire_text
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting
from ocpplab_runner.vocabulary.versions import OcppVersion


def raw_settings(settings: Mapping[str, Any], version: OcppVersion) -> dict[str, str]:
    """Version-neutral settings as raw configuration: 1.6 keys, or 2.x ``Component.Variable``.

    Raises:
        StepError: there is no such setting in that version, or the value does not fit.
    """
    raw: dict[str, str] = {}
    for name, value in settings.items():
        setting = SETTINGS.get(name)
        if setting is None or not setting.exists_in(version):
            raise StepError(f"OCPP {version.value} has no setting {name}")
        try:
            raw[raw_name(setting, version)] = wire_text(setting, value)
        except ValueError as error:
            raise StepError(str(error)) from error
    return raw


def raw_name(setting: Setting, version: OcppVersion) -> str:
    """What a setting that the version has is called there: a 1.6 key, or ``Component.Variable``, with its instance."""
    if version is OcppVersion.V16:
        assert setting.v16 is not None
        return setting.v16
    assert setting.v2 is not None
    parts = (setting.v2.component, setting.v2.name, setting.v2.instance)
    return ".".join(part for part in parts if part)
