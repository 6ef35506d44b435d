"""Giving a station what a case gives it: settings, lists, an empty cache."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.charger.config import ChargerConfig
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import BlockedError, Recorder
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.raw_settings import raw_settings
from ocpplab_runner.targets.station.limits import FIXED_GROUP
from ocpplab_runner.targets.station.questions import RefusedError
from ocpplab_runner.targets.station.reception import say
from ocpplab_runner.targets.station.station_charger import StationCharger
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Settings that decide nothing which a scenario could judge without giving them, and that keep a station reachable.
_LEFT_ALONE = frozenset({"websocket_ping_interval", "heartbeat_interval", "offline_threshold"})


async def put_back_earlier(charger: StationCharger, version: OcppVersion, record: Recorder) -> None:
    """Undo what an earlier run, which was killed, has changed of the station; once in a run.

    Raises:
        InfrastructureError: the station does not answer.
    """
    if charger.station.put_back:
        return
    try:
        told = await charger.station.settings_of(version).put_back_earlier()
    except ValueError as error:
        told = [f"nothing: {error}"]
    # Not before: of a station that was silent just then the next case tries it again.
    charger.station.put_back = True
    if told:
        text = f"{charger.identity}: an earlier run had left settings changed; put back: {', '.join(told)}"
        record(Observation("note", text, charger.name, clock.now()))
        say(text)


async def prepare(
    charger: StationCharger,
    config: ChargerConfig,
    version: OcppVersion,
    record: Recorder,
    *,
    keep_cache: bool = False,
) -> None:
    """Set the station to what the case gives, and to the language's defaults where it gives nothing.

    Args:
        charger: the station.
        config: what the case gives.
        version: that the station speaks.
        record: where it is noted what the station does not let itself be set to.
        keep_cache: whether what the station has learned of cards is wanted.

    Raises:
        BlockedError: the station will not have what the case gives.
        InfrastructureError: the station does not answer.
    """
    settings = charger.station.settings_of(version)
    if charger.station.dirty:
        await settings.read()
        charger.station.dirty = False
    try:
        own = {name: value for name, value in config.settings.items() if not _is_its_own(name, charger, version)}
        wanted = {**raw_settings(own, version), **{key: str(v) for key, v in config.configuration.items()}}
    except StepError as error:
        raise BlockedError(f"given.charger.settings cannot be arranged: {error}") from error
    given = {key: value for key, value in wanted.items() if settings.get(key) != value}
    try:
        await charger.configure(given)
    except RefusedError as refusal:
        raise BlockedError(f"given.charger.settings cannot be arranged: {refusal}") from refusal
    named = {key.casefold() for key in wanted}
    # What earlier cases have set goes back, too, but a default of the language counts for more.
    for key, value in {**settings.changed, **_defaults(version)}.items():
        known = settings.get(key)
        if key.casefold() in named or known is None or known == value or key in settings.read_only:
            continue
        try:
            await charger.configure({key: value})
        except RefusedError as refusal:
            # Nothing to block: the case has not asked for it. Who reads a failure is told.
            record(Observation("note", f"{key} stays {known!r}: {refusal}", charger.name, clock.now()))
    if not keep_cache:
        with contextlib.suppress(RefusedError):  # it has none
            await charger.station.questions.demand("ClearCache")
    await _list(charger, config)


def _is_its_own(setting: str, charger: StationCharger, version: OcppVersion) -> bool:
    """Whether the target says what a station has of a setting that its version cannot change."""
    has = charger.station.facts.charger.get("authorization") or {}
    return setting == FIXED_GROUP and setting in has and not SETTINGS[setting].exists_in(version)


async def _list(charger: StationCharger, config: ChargerConfig) -> None:
    """Just the local list that is given."""
    # OCPP has no way to ask what stands on a list: one that was there before cannot be put back.
    given = {card: data.as_given() for card, data in config.local_list.items()}
    try:
        if given or config.local_list_version:
            await charger.send_list(config.local_list_version, given)
            charger.station.listed = True
        elif charger.station.listed or await _list_version(charger) > 0:
            # An empty list takes every card away; no version is below 1 (2.0.1 D01.FR.18).
            await charger.send_list(1, {})
            charger.station.listed = False
    except RefusedError as refusal:
        if given or config.local_list_version:
            raise BlockedError(f"given.charger.local_list cannot be arranged: {refusal}") from refusal


async def _list_version(charger: StationCharger) -> int:
    answer = await charger.station.questions.ask("GetLocalListVersion")
    version = answer.get("listVersion", answer.get("versionNumber", 0))
    return version if isinstance(version, int) else 0


def _defaults(version: OcppVersion) -> Mapping[str, str]:
    """What a scenario counts on where it says nothing."""
    known: dict[str, Any] = {
        setting.name: f"{setting.default}s" if setting.type == "duration" else setting.default
        for setting in SETTINGS.values()
        if setting.exists_in(version) and setting.name not in _LEFT_ALONE
    }
    return raw_settings(known, version)
