"""Firmware management."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import DURATION, INTEGER, TEXT, is_, sends
from ocpplab_runner.vocabulary.reported import FIRMWARE_SIGNATURES, FIRMWARE_STATUSES

_STATUS = {"enum": list(FIRMWARE_STATUSES)}
_WORKS = {"enum": ["works", "fails"]}
_DOWNLOAD = {"enum": ["served", "refused", "cut"]}

_RETRIES = {"type": "integer", "minimum": 0}
_FILE = (
    FieldSpec("file", TEXT, "Which of `given.files`; the only one unless said.", means="file"),
    FieldSpec("location", TEXT, "URL of the file, where it is none of `given.files`."),
    FieldSpec("over", {"enum": ["ftp", "http"]}, "By which protocol the runner serves it (default http)."),
    FieldSpec("retrieve_in", DURATION, "When to fetch it (default 0s)."),
    FieldSpec("install_in", DURATION, "When to install it (default at once); plain 1.6 has no word for it."),
    FieldSpec("retries", _RETRIES, "How often to try it; left to the charger unless said."),
    FieldSpec("retry_interval", DURATION, "Time between two attempts; left to the charger unless said."),
    FieldSpec("request_id", INTEGER, "Number of the request; counted unless said; plain 1.6 has none."),
)

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "firmware",
        "Let the charger's firmware updates go otherwise from now on; the fields of `given.charger.firmware`.",
        "charger",
        (
            FieldSpec("install", _WORKS, "Whether an installation succeeds."),
            FieldSpec("verification", _WORKS, "Whether what was installed passes the charger's own test of it."),
            FieldSpec("install_takes", DURATION, "How long an installation takes."),
            FieldSpec("unsigned", {"enum": ["taken", "refused"]}, "What becomes of firmware that is not signed."),
            FieldSpec(
                "while_charging", {"enum": ["fetches", "waits"]}, "Whether it fetches firmware while an EV is charged."
            ),
        ),
        any_of=("install", "verification", "install_takes", "unsigned", "while_charging"),
        example="firmware: {install: fails}",
    ),
    VerbSpec(
        "update_firmware",
        "The CSMS has the charger update its firmware (UpdateFirmware), which is not signed.",
        "csms",
        _FILE,
        shorthand="file",
        example="update_firmware: {location: 'https://example.com/firmware.bin', retries: 2}",
        actions=sends("UpdateFirmware"),
        description="A file of `given.files` is served by the runner, which fills the URL in.",
    ),
    VerbSpec(
        "update_signed_firmware",
        "The CSMS has the charger update its firmware, which is signed (SignedUpdateFirmware; in 2.x UpdateFirmware).",
        "csms",
        (
            *_FILE,
            FieldSpec(
                "signature",
                {"anyOf": [{"enum": list(FIRMWARE_SIGNATURES)}, {"type": "string", "minLength": 64}]},
                "Whether the runner signs it `correctly` (unless said), or what is wrong about it; or a signature of"
                " the manufacturer's own in base64.",
            ),
            FieldSpec(
                "signing_certificate",
                {"type": "string", "pattern": "^-----BEGIN CERTIFICATE-----"},
                "Of that signature, in PEM.",
            ),
        ),
        shorthand="file",
        example=(
            "update_signed_firmware: {location: 'https://example.com/firmware.bin',"
            " signature: '${{ env.SIGNATURE }}', signing_certificate: '${{ env.CERTIFICATE }}'}"
        ),
        actions=sends("SignedUpdateFirmware", "UpdateFirmware"),
        description=(
            "The runner signs a file of `given.files`. The certificate leads to `another`, the root that"
            " `install_certificate: manufacturer_root` installs."
        ),
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "firmware_status",
        "The charger has told how an update of its firmware goes.",
        (
            is_(_STATUS, "How.", always=True),
            FieldSpec("request_id", INTEGER, "Of which request; none in plain OCPP 1.6."),
        ),
        value=_STATUS,
        event="firmware_status",
        example="firmware_status: Installed",
    ),
    FacetSpec(
        "download",
        "The charger has asked the runner for one of `given.files`.",
        (
            is_(_DOWNLOAD, "What came of it: all of it went out, nothing, or not all.", always=True),
            FieldSpec("file", TEXT, "Which.", always=True),
        ),
        value=_DOWNLOAD,
        event="download",
        example="download: {is: served, file: new.bin}",
    ),
)
