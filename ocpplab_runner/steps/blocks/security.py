"""Security: passwords, profiles, the charger's own certificate, and events."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import TEXT, TIME, is_, sends
from ocpplab_runner.vocabulary.certificates import CSMS_CERTIFICATES, PURPOSES, SIGNINGS, TLS_VERSIONS
from ocpplab_runner.vocabulary.security_events import SECURITY_EVENTS

_EVENT = {"enum": sorted(SECURITY_EVENTS)}
#: A charger may make up events of its own (2.x A04: the list is not complete).
_ANY_EVENT = {"anyOf": [_EVENT, {"type": "string", "minLength": 1, "maxLength": 50}]}
_STATUS = {"enum": ["Accepted", "Rejected"]}
_PURPOSE = {"enum": sorted(PURPOSES)}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "security_event",
        "Something happens at the charger that belongs into its security log: its case is opened, its memory is full.",
        "charger",
        (
            FieldSpec("type", _EVENT, "What, as OCPP 2.x calls it.", True),
            FieldSpec("info", {"type": "string", "maxLength": 255}, "What there is to say of it (techInfo)."),
        ),
        shorthand="type",
        example="security_event: TamperDetectionActivated",
        description="The critical ones are sent, all are logged.",
    ),
    VerbSpec(
        "change_password",
        "The CSMS gives the charger another password (AuthorizationKey, BasicAuthPassword).",
        "csms",
        (FieldSpec("password", TEXT, "Which; one that nobody can guess unless said."),),
        example="change_password: {}",
        actions=sends("ChangeConfiguration", "SetVariables"),
        description="The built-in CSMS takes the old password until the new one has been used once.",
    ),
    VerbSpec(
        "set_security_profile",
        "The CSMS has the charger use another security profile.",
        "csms",
        (
            FieldSpec("profile", {"type": "integer", "minimum": 0}, "Which, 0 to 3; OCPP raises it only.", True),
            FieldSpec("slot", {"type": "integer"}, "2.x: the slot of the network profile that is set (default 2)."),
            FieldSpec(
                "url",
                TEXT,
                "2.x: where the charger dials with it; the built-in CSMS's own unless said, or `another`.",
            ),
            FieldSpec("identity", TEXT, "2.1: as whom it dials with it; as before unless said."),
            FieldSpec("password", TEXT, "2.1: its password then; the one that it has unless said."),
        ),
        shorthand="profile",
        example="set_security_profile: 1",
        actions=sends("ChangeConfiguration", "SetNetworkProfile"),
        description=(
            "1.6: the charger dials anew at once. 2.x: it uses the network profile after its next boot, once "
            "`NetworkConfigurationPriority` has its slot first."
        ),
    ),
    VerbSpec(
        "renew_certificate",
        "The CSMS has the charger ask for a new certificate (ExtendedTriggerMessage, TriggerMessage).",
        "csms",
        (FieldSpec("type", _PURPOSE, "For what; for the charger itself unless said."),),
        shorthand="type",
        example="renew_certificate: {}",
        actions=sends("ExtendedTriggerMessage", "TriggerMessage"),
        description="The charger sends SignCertificate, and the CSMS signs it as `sign_certificates` says.",
    ),
    VerbSpec(
        "csms_tls",
        "Change how the CSMS does TLS: every charger loses its connection, and dials anew.",
        "world",
        (
            FieldSpec("certificate", {"enum": list(CSMS_CERTIFICATES)}, "The certificate that it shows."),
            FieldSpec("version", {"enum": list(TLS_VERSIONS)}, "The only version that it speaks."),
        ),
        shorthand="certificate",
        any_of=("certificate", "version"),
        opens_for_all=True,
        example="csms_tls: {certificate: expired}",
    ),
    VerbSpec(
        "sign_certificates",
        "How the CSMS meets requests for certificates from now on.",
        "world",
        (FieldSpec("how", {"enum": list(SIGNINGS)}, "Correctly, or with what is wrong about it.", True),),
        shorthand="how",
        opens_window=False,
        example="sign_certificates: by_another_ca",
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "security_event",
        "The charger has told of a security event (SecurityEventNotification).",
        (
            is_(_ANY_EVENT, "Which, as OCPP 2.x calls it.", always=True),
            FieldSpec("info", TEXT, "What it says of it (techInfo)."),
            FieldSpec("timestamp", TIME, "When it has happened, as the charger says."),
        ),
        value=_ANY_EVENT,
        event="security_event",
        example="security_event: TamperDetectionActivated",
    ),
    FacetSpec(
        "certificate_requested",
        "The CSMS has answered the charger's request for a certificate (SignCertificate).",
        (
            is_(_STATUS, "Whether it is going to sign it.", always=True),
            FieldSpec("type", _PURPOSE, "For what.", always=True),
        ),
        value=_STATUS,
        event="certificate_requested",
        example="certificate_requested: Accepted",
    ),
    FacetSpec(
        "certificate_signed",
        "The charger has answered the certificate that was signed for it (CertificateSigned).",
        (
            is_(_STATUS, "Whether it has taken it.", always=True),
            FieldSpec("type", _PURPOSE, "For what.", always=True),
        ),
        value=_STATUS,
        event="certificate_signed",
        example="certificate_signed: Accepted",
    ),
)
