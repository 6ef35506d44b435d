"""By which rules a station may accept a card that neither its list nor its cache knows, as its settings stand."""

from __future__ import annotations

from ocpplab_runner.targets.everest.conclusions import OwnRules
from ocpplab_runner.targets.raw_settings import raw_name
from ocpplab_runner.targets.station.reception import Station
from ocpplab_runner.vocabulary.settings import SETTINGS
from ocpplab_runner.vocabulary.versions import OcppVersion

_UNKNOWN_OFFLINE = "allow_offline_tx_for_unknown_id"
_AUTHORIZATION = "AuthCtrlr.Enabled"


def own_rules(station: Station, version: OcppVersion) -> OwnRules:
    """What may be; a switch that a station does not have it cannot have set.

    Args:
        station: its settings have been read.
        version: that it speaks.
    """
    settings = station.settings_of(version)
    off = (settings.get(_AUTHORIZATION) or "").casefold() == "false"
    unknown = (settings.get(raw_name(SETTINGS[_UNKNOWN_OFFLINE], version)) or "").casefold() == "true"
    return OwnRules(anybody=off and version is not OcppVersion.V16, unknown_offline=unknown)
