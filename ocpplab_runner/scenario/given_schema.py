"""The schema of ``given``: chargers, the CSMS, cards, settings and the named states."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.scenario.authorization_schema import AUTHORIZATION, DEFINITIONS
from ocpplab_runner.vocabulary.authorization import CERTIFICATE_STATUSES, ID_TOKEN_TYPES
from ocpplab_runner.vocabulary.certificates import CHARGER_CERTIFICATES, CSMS_CERTIFICATES, SIGNINGS, TLS_VERSIONS
from ocpplab_runner.vocabulary.durations import PATTERN
from ocpplab_runner.vocabulary.faults import FAULTS
from ocpplab_runner.vocabulary.settings import SETTINGS, Setting
from ocpplab_runner.vocabulary.states import STATES
from ocpplab_runner.vocabulary.statuses import AuthorizationStatus
from ocpplab_runner.vocabulary.vendors import AGREED

Schema = dict[str, Any]

DURATION: Schema = {"type": "string", "pattern": PATTERN}
_TEXT: Schema = {"type": "string"}
_TOKEN: Schema = {"type": "string", "minLength": 1}
_STATUS: Schema = {"enum": [status.value for status in AuthorizationStatus]}
_NOT_NEGATIVE: Schema = {"type": "number", "minimum": 0}


def ref(name: str) -> Schema:
    """A reference to a definition of the scenario schema."""
    return {"$ref": f"#/definitions/{name}"}


def _mapping(title: str, description: str, **properties: Schema) -> Schema:
    return {
        "title": title,
        "description": description,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def setting_schema(setting: Setting) -> Schema:
    """The schema of one version-neutral setting's value, as a scenario writes it."""
    names = [f"OCPP 1.6: {setting.v16}" if setting.v16 else "not in OCPP 1.6"]
    if setting.v2:
        instance = f"[{setting.v2.instance}]" if setting.v2.instance else ""
        names.append(f"OCPP 2.x: {setting.v2.component}.{setting.v2.name}{instance}")
    else:
        names.append("not in OCPP 2.x")
    default = f"{setting.default}s" if setting.type == "duration" else setting.default or "empty"
    description = f"{setting.summary} Default {default}. {'; '.join(names)}."
    match setting.type:
        case "duration":
            schema: Schema = DURATION
        case "integer":
            schema = {"type": "integer", "minimum": 0}
        case "boolean":
            schema = {"type": "boolean"}
        case "list":
            schema = {"anyOf": [{"type": "array", "items": _TOKEN}, _TEXT]}
        case _:
            schema = _TEXT
    return _said(schema, description)


_CARD: Schema = {
    "description": "A card: a bare status, or a mapping with its group, expiry and type.",
    "anyOf": [
        _STATUS,
        {
            **_mapping(
                "card",
                "A card with more than a status.",
                status=_said(_STATUS, "The authorization status."),
                parent_id_token=_said(_TOKEN, "The group (1.6: parentIdTag) that the card belongs to."),
                expires_in=_said(DURATION, "Time from the start of the scenario to the expiry date."),
                expired_for=_said(DURATION, "Time since the expiry date has passed."),
                type=_said(
                    {"enum": list(ID_TOKEN_TYPES)}, "What kind of token it is (default ISO14443, an RFID card)."
                ),
                certificate_status=_said(
                    {"enum": list(CERTIFICATE_STATUSES)},
                    "What is said of its certificate; unless said nothing.",
                ),
            ),
            "required": ["status"],
        },
    ],
}

_VENDOR_ANSWER: Schema = {
    "description": "The answer: a bare status, or a mapping with its data.",
    "anyOf": [
        {"enum": list(AGREED)},
        _mapping(
            "answer",
            "An answer with data.",
            status=_said({"enum": list(AGREED)}, "Its status (default Accepted)."),
            data={"description": "Its data; in OCPP 1.6 what is no text goes as JSON."},
        ),
    ],
}
_VENDORS: Schema = {
    "title": "vendors",
    "description": "Vendors whose data (DataTransfer) is known, and the answer to each of their messages.",
    "type": "object",
    "additionalProperties": {
        "description": "messageId → answer; `*` is every other message, and one without a messageId.",
        "type": "object",
        "additionalProperties": _VENDOR_ANSWER,
    },
}

_EV = _mapping(
    "ev",
    "The EV at the other end of the cable.",
    demand=_said({"type": "boolean"}, "Whether the EV wants energy as soon as it may (default true)."),
    power_w=_said(_NOT_NEGATIVE, "What it draws at most, in W."),
    energy_needed_wh=_said(
        _NOT_NEGATIVE, "Energy after which it is full and stops demanding, in Wh; without it, never."
    ),
    phases=_said({"enum": [1, 2, 3]}, "On how many phases it charges (default: as many as the charger has)."),
    battery_wh=_said(
        {"type": "number", "exclusiveMinimum": 0},
        "What its battery holds, in Wh: it tells its state of charge (SoC) then, and wants no more than there is room.",
    ),
    soc_percent=_said(
        {"type": "number", "minimum": 0, "maximum": 100},
        "State of charge when it comes, with `battery_wh` (default 50).",
    ),
    discharge_w=_said(_NOT_NEGATIVE, "What it gives back at most, in W (default 0)."),
)

_CHARGER = _mapping(
    "charger",
    "One charger, as it is before the first step.",
    identity=_said(_TOKEN, "OCPP identity, the last part of the URL (default CP-1, or CP- and the charger's name)."),
    vendor=_said(_TEXT, "chargePointVendor of its BootNotification (default ocpplab)."),
    model=_said(_TEXT, "chargePointModel of its BootNotification (default Simulated)."),
    serial_number=_said(_TEXT, "Serial number of its BootNotification (default SIM-0001)."),
    firmware_version=_said(_TEXT, "Firmware version of its BootNotification (default 1.0.0)."),
    evses=_said({"type": "integer", "minimum": 1, "maximum": 64}, "How many EVSEs it has (default 1)."),
    connectors_per_evse=_said(
        {"type": "integer", "minimum": 1, "maximum": 8},
        "Connectors of each EVSE (default 1); above 1 only with OCPP 2.x.",
    ),
    max_power_w=_said({"type": "number", "exclusiveMinimum": 0}, "What one EVSE can give, in W (default 11000)."),
    phases=_said({"enum": [1, 3]}, "Phases of its supply (default 3)."),
    voltage_v=_said({"type": "number", "exclusiveMinimum": 0}, "Voltage from phase to neutral, in V (default 230)."),
    meter_start_wh=_said(_NOT_NEGATIVE, "First meter reading of every EVSE, in Wh (default 0)."),
    settings=ref("settings"),
    configuration={
        "description": "Raw configuration: OCPP 1.6 keys or 2.x `Component.Variable`, each with its value as text.",
        "type": "object",
        "additionalProperties": _TEXT,
    },
    authorization=AUTHORIZATION,
    local_list=_mapping(
        "local_list",
        "The local authorization list that it holds.",
        version=_said({"type": "integer", "minimum": 0}, "The list's version (default 0)."),
        entries=_said(ref("cards"), "The cards on it."),
    ),
    cache=_said(ref("cards"), "Cards that are in its authorization cache already."),
    ev=_said(ref("ev"), "The EV that `plug_connector` brings when it does not say."),
    ev_side_unplug=_said(
        {"enum": ["allowed", "locked"]},
        "Whether the driver can take the cable away while it charges (default allowed).",
    ),
    unlock=_said({"enum": ["works", "fails", "not_supported"]}, "How its connector lock behaves (default works)."),
    clock=_mapping(
        "clock",
        "Its clock, which is right at first unless said.",
        ahead=_said(DURATION, "So much it is ahead."),
        behind=_said(DURATION, "So much it is behind."),
        follows=_said({"type": "boolean"}, "Whether it takes the time of its CSMS (default true)."),
    ),
    local_reason=_said({"enum": ["sent", "left_out"]}, "Whether it says a stop's reason Local (default sent)."),
    failed_resets=_said({"type": "integer", "minimum": 0}, "How many resets fail before one works (default 0)."),
    features={
        "description": "OCPP 1.6 profiles, and the security extension, that it has (default: all of these).",
        "type": "array",
        "items": {
            "enum": [
                "Core",
                "FirmwareManagement",
                "LocalAuthListManagement",
                "RemoteTrigger",
                "Reservation",
                "Resumption",
                "Security",
                "SmartCharging",
            ]
        },
        "uniqueItems": True,
    },
    basic_auth={
        **_mapping(
            "basic_auth",
            "HTTP basic authentication towards the CSMS; always redacted.",
            user=_said(_TOKEN, "User name; the identity unless said."),
            password=_said(_TEXT, "Password; take it from the environment: `${{ env.NAME }}`."),
        ),
        "required": ["password"],
    },
    security_profile=_said(
        {"enum": [0, 1, 2, 3]},
        "Its security profile: 0 none, 1 a password, 2 a password over TLS, 3 certificates on both ends. Unless said, "
        "the one that the target's way of dialling comes to; and the CSMS is not told of boots as security events.",
    ),
    tls=_mapping(
        "tls",
        "How the charger does TLS, with security profile 2 or 3.",
        certificate=_said(
            {"enum": list(CHARGER_CERTIFICATES)}, "The certificate that it shows with profile 3 (default valid)."
        ),
        version=_said({"enum": list(TLS_VERSIONS)}, "The only version that it speaks (default any from 1.2)."),
    ),
    reconnect=_said(DURATION, "Pause before the first new attempt to connect (default 5s); doubles up to 16 times."),
    local_list_max=_said({"type": "integer", "minimum": 1}, "Entries that the local list can hold (default 1000)."),
    firmware=_mapping(
        "firmware",
        "How its firmware updates go; the verb `firmware` changes it.",
        install=_said({"enum": ["works", "fails"]}, "Whether an installation succeeds (default works)."),
        verification=_said(
            {"enum": ["works", "fails"]},
            "Whether what was installed passes the charger's own test of it (default works).",
        ),
        install_takes=_said(DURATION, "How long an installation takes (default 10s)."),
        unsigned=_said({"enum": ["taken", "refused"]}, "What becomes of firmware that is not signed (default taken)."),
        while_charging=_said(
            {"enum": ["fetches", "waits"]}, "Whether it fetches firmware while an EV is charged (default fetches)."
        ),
    ),
    vendors=ref("vendors"),
)

_TROUBLE: dict[str, Schema] = {
    "status": _said(
        {"type": "integer", "minimum": 300, "maximum": 599},
        "HTTP status that the request is answered with instead; below 400 it is sent to the same place again.",
    ),
    "cut_after": _said({"type": "integer", "minimum": 0}, "The connection breaks after so many bytes."),
    "takes": _said(DURATION, "Time from its first byte to its last (default 0s)."),
    "times": _said(
        {"type": "integer", "minimum": 1}, "So often it goes wrong, then it goes right (default: it always goes wrong)."
    ),
}

_FILES: Schema = {
    "title": "files",
    "description": "Files that the runner serves to the chargers, by name; `update_firmware` names one.",
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z0-9._-]+$"},
    "additionalProperties": _mapping(
        "file",
        "A file; firmware of a simulated charger unless it has a content of its own.",
        version=_said(_TEXT, "The version that a charger has after it was installed (default: the file's name)."),
        size=_said({"type": "integer", "minimum": 0, "maximum": 67_108_864}, "How many bytes it has at least."),
        content=_said(_TEXT, "Its content, where it is no firmware."),
        **_TROUBLE,
    ),
}

_UPLOADS = _mapping(
    "uploads",
    "What goes wrong with the files that chargers send the runner.",
    user=_said(_TEXT, "Whose password is asked for, which stands in the URL (default: none is)."),
    password=_said(_TEXT, "That password."),
    **_TROUBLE,
)


def tls() -> Schema:
    """How the CSMS does TLS."""
    return _mapping(
        "tls",
        "How the CSMS does TLS, for chargers with security profile 2 or 3.",
        certificate=_said({"enum": list(CSMS_CERTIFICATES)}, "The certificate that it shows (default valid)."),
        version=_said({"enum": list(TLS_VERSIONS)}, "The only version that it speaks (default any from 1.2)."),
    )


def _csms(replies: Schema) -> Schema:
    return _mapping(
        "csms",
        "What the CSMS knows and how it answers.",
        id_tokens=_said(ref("cards"), "The cards that it knows."),
        unknown_id_token=_said(_STATUS, "Status of every other card (default Invalid)."),
        concurrent_tx=_said(
            {"enum": ["refuse", "allow"]},
            "Whether a card that is charging is answered ConcurrentTx elsewhere (default refuse).",
        ),
        boot={
            "description": "How it answers BootNotification (default Accepted).",
            "anyOf": [
                {"enum": ["Accepted"]},
                {
                    **_mapping(
                        "boot",
                        "So many answers of another status, then Accepted.",
                        status=_said({"enum": ["Accepted", "Pending", "Rejected"]}, "Registration status."),
                        interval=_said(DURATION, "The interval in these answers (default 10s)."),
                        times=_said({"type": "integer", "minimum": 1}, "How many such answers (default 1)."),
                    ),
                    "required": ["status"],
                },
            ],
        },
        heartbeat_interval=_said(
            DURATION, "The interval in the accepting boot answer (default 5m, or the charger's own)."
        ),
        answer_delay={
            "description": "How long it takes to answer every call, or each action: `{Authorize: 2s}` (default 0s).",
            "if": {"type": "object"},
            "then": {"type": "object", "additionalProperties": DURATION, "minProperties": 1},
            "else": DURATION,
        },
        tls=tls(),
        ev_certificate=_said(
            _TEXT, "exiResponse to an EV that wants a contract certificate, in Base64; without it there is none."
        ),
        vendors=ref("vendors"),
        tariff_texts={
            "description": "Card → what it tells its driver of prices (2.x personalMessage; SetUserPrice of 1.6).",
            "type": "object",
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 512},
        },
        tariff={
            "description": "The tariff by which it counts what transactions cost (2.x); see `set_default_tariff`.",
            "type": "object",
        },
        vat_numbers={
            "description": "Tax number → its company, an AddressType; every other number is none (2.1).",
            "type": "object",
            "additionalProperties": _mapping(
                "company",
                "A company, and where it is.",
                name=_said(_TEXT, "Its name."),
                address1=_said(_TEXT, "The first line of its address."),
                city=_said(_TEXT, "Its city."),
                country=_said(_TEXT, "Its country."),
            ),
        },
        credits={
            "description": "Prepaid card → how much it has (2.1).",
            "type": "object",
            "additionalProperties": {"type": "number"},
        },
        receipt_url=_said(_TEXT, "Where the receipt of a settled payment is; without it there is none (2.1)."),
        transaction_limits={
            "description": "Card → what its transactions may come to in 2.1, as `limit_transaction` has it.",
            "type": "object",
            "additionalProperties": _mapping(
                "limits",
                "Limits of a transaction.",
                cost=_said(_NOT_NEGATIVE, "What it may cost."),
                energy_wh=_said(_NOT_NEGATIVE, "The energy, in Wh."),
                time=_said(DURATION, "How long it may last."),
                soc_percent=_said({"type": "integer", "minimum": 0, "maximum": 100}, "The EV's state of charge."),
            ),
        },
        driver_tariffs={
            "description": "Card → the tariff by which a 2.1 charger counts for it, as `set_default_tariff` has one.",
            "type": "object",
            "additionalProperties": {"type": "object"},
        },
        passwords={
            "description": "Identity → the password that it wants of that charger (default: the charger's own).",
            "type": "object",
            "additionalProperties": _TEXT,
        },
        sign_certificates=_said(
            {"enum": list(SIGNINGS)}, "How it meets requests for certificates (default correctly)."
        ),
        replies={
            "description": "Programmed answers, in force before the charger connects; the fields of `csms_reply`.",
            "type": "array",
            "items": replies,
        },
    )


_STATE_FIELDS: dict[str, Schema] = {
    "evse_id": _said({"type": "integer", "minimum": 1}, "On which EVSE (default 1)."),
    "id_tag": _said(_TOKEN, "With which card; the CSMS must know it."),
    "ev": ref("ev"),
    "fault_type": _said({"enum": sorted(FAULTS)}, "What is broken (default GroundFailure)."),
    "expires_in": _said(DURATION, "Time until the reservation ends (default 1h)."),
}


def _state() -> Schema:
    names = [name for name, state in STATES.items() if not state.needs_card]
    forms = {
        name: _mapping(f"state {name}", state.description, **{field: _STATE_FIELDS[field] for field in state.fields})
        | ({"required": ["id_tag"]} if state.needs_card else {})
        for name, state in STATES.items()
    }
    return {
        "description": "A named state to start from (default booted), reached before the first step.",
        "if": {"type": "object"},
        "then": {**_mapping("state", "A state with its fields.", **forms), "minProperties": 1, "maxProperties": 1},
        "else": {"enum": names},
    }


def definitions(replies: Schema) -> dict[str, Schema]:
    """The definitions that ``given`` and the verbs share.

    Args:
        replies: schema of one item of ``given.csms.replies``.
    """
    return {
        "card": _CARD,
        "vendors": _VENDORS,
        "cards": {
            "title": "cards",
            "description": "Card → status or mapping.",
            "type": "object",
            "additionalProperties": ref("card"),
            "propertyNames": {"minLength": 1},
        },
        "ev": _EV,
        **DEFINITIONS,
        "settings": _mapping(
            "settings",
            "Version-neutral settings, see the table of settings.",
            **{name: setting_schema(setting) for name, setting in SETTINGS.items()},
        ),
        "charger": _CHARGER,
        "csms": _csms(replies),
        "given": {
            **_mapping(
                "given",
                "The world before the first step.",
                charger=ref("charger"),
                chargers={
                    "description": "Several chargers by name; steps then say `charger: NAME`.",
                    "type": "object",
                    "additionalProperties": ref("charger"),
                    "minProperties": 1,
                },
                csms=ref("csms"),
                state=_state(),
                files=_FILES,
                uploads=_UPLOADS,
            ),
        },
    }
