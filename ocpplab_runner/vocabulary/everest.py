"""EVerest's words that are no authorization types: enumerations of its other interfaces."""

from __future__ import annotations

from typing import Final

#: EVerest's ``SessionEventEnum`` of its evse_manager types; it may have more by now.
SESSION_EVENTS: Final = (
    "Authorized",
    "Deauthorized",
    "Enabled",
    "Disabled",
    "SessionStarted",
    "AuthRequired",
    "TransactionStarted",
    "PrepareCharging",
    "ChargingStarted",
    "ChargingPausedEV",
    "ChargingPausedEVSE",
    "StoppingCharging",
    "ChargingFinished",
    "TransactionFinished",
    "SessionFinished",
    "ReservationStart",
    "ReservationEnd",
    "PluginTimeout",
    "SwitchingPhases",
    "SessionResumed",
)
