"""The security events of OCPP: 2.x Part 2 Appendices 1, and the table of the security whitepaper for 1.6."""

from __future__ import annotations

from dataclasses import dataclass

from ocpplab_runner.vocabulary.versions import OcppVersion


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One of them.

    Attributes:
        name: as 2.x calls it, and scenarios.
        told: whether the CSMS is sent it: the critical ones, and those that a use case has sent; all others are
            written into the security log only.
        v16: what 1.6 calls it.
    """

    name: str
    told: bool
    v16: str


def _event(name: str, *, told: bool, v16: str | None = None) -> SecurityEvent:
    return SecurityEvent(name, told, v16 or name)


SECURITY_EVENTS: dict[str, SecurityEvent] = {
    event.name: event
    for event in (
        _event("FirmwareUpdated", told=True),
        _event("FailedToAuthenticateAtCsms", told=False, v16="FailedToAuthenticateAtCentralSystem"),
        _event("CsmsFailedToAuthenticate", told=False, v16="CentralSystemFailedToAuthenticate"),
        _event("SettingSystemTime", told=True),
        _event("StartupOfTheDevice", told=True),
        _event("ResetOrReboot", told=True),
        _event("SecurityLogWasCleared", told=True),
        _event("ReconfigurationOfSecurityParameters", told=False),
        _event("MemoryExhaustion", told=True),
        _event("InvalidMessages", told=False),
        _event("AttemptedReplayAttacks", told=False),
        _event("TamperDetectionActivated", told=True),
        _event("InvalidFirmwareSignature", told=True),
        _event("InvalidFirmwareSigningCertificate", told=True),
        _event("InvalidCsmsCertificate", told=True, v16="InvalidCentralSystemCertificate"),
        _event("InvalidChargingStationCertificate", told=True, v16="InvalidChargePointCertificate"),
        _event("InvalidTLSVersion", told=True),
        _event("InvalidTLSCipherSuite", told=True),
        _event("MaintenanceLoginAccepted", told=True),
        _event("MaintenanceLoginFailed", told=True),
    )
}
_OF_V16 = {event.v16: event.name for event in SECURITY_EVENTS.values()}


def neutral_name(on_the_wire: str) -> str:
    """What scenarios call an event; one that OCPP does not know keeps its name."""
    return _OF_V16.get(on_the_wire, on_the_wire)


def wire_name(event: str, version: OcppVersion) -> str:
    """What a version calls an event."""
    known = SECURITY_EVENTS.get(event)
    return known.v16 if known is not None and version is OcppVersion.V16 else event
