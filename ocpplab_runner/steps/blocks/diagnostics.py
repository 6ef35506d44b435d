"""Diagnostics."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    BOOLEAN,
    DURATION,
    ID_TOKEN_TYPE,
    INTEGER,
    ONLY_2X,
    TEXT,
    TOKEN,
    is_,
    sends,
    sends_in_2x,
)
from ocpplab_runner.vocabulary.reported import LOG_STATUSES, LOGS

_STATUS = {"enum": list(LOG_STATUSES)}
_UPLOAD = {"enum": ["arrived", "refused", "cut"]}

_WHERE_AND_WHEN = (
    FieldSpec("location", TEXT, "URL of a directory; one that the runner serves unless said."),
    FieldSpec("over", {"enum": ["ftp", "http"]}, "By which protocol the runner serves it (default http)."),
    FieldSpec("since", DURATION, "How long ago the oldest entry may be; left to the charger unless said."),
    FieldSpec("until", DURATION, "How long ago the latest entry may be; left to the charger unless said."),
    FieldSpec("retries", {"type": "integer", "minimum": 0}, "How often to try it; left to the charger unless said."),
    FieldSpec("retry_interval", DURATION, "Time between two attempts; left to the charger unless said."),
)

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "get_diagnostics",
        "The CSMS has the charger send its diagnostics (GetDiagnostics; in 2.x GetLog).",
        "csms",
        _WHERE_AND_WHEN,
        shorthand="location",
        example="get_diagnostics: {location: 'https://example.com/logs', since: 1h}",
        actions=sends("GetDiagnostics", "GetLog"),
    ),
    VerbSpec(
        "get_log",
        "The CSMS has the charger send a log (GetLog; in 1.6 of the security extension).",
        "csms",
        (
            FieldSpec("log", {"enum": list(LOGS)}, "Which (default DiagnosticsLog); the last only in 2.1."),
            *_WHERE_AND_WHEN,
            FieldSpec("request_id", INTEGER, "Number of the request; counted unless said."),
        ),
        shorthand="log",
        example="get_log: {log: SecurityLog, location: 'https://example.com/logs'}",
        actions=sends("GetLog"),
    ),
    VerbSpec(
        "customer_information",
        "The CSMS asks what the charger knows of a customer, or has it forgotten (CustomerInformation).",
        "csms",
        (
            FieldSpec("id_tag", TOKEN, "The customer's card."),
            ID_TOKEN_TYPE,
            FieldSpec("customer", TEXT, "The customer's identifier, where it is no card."),
            FieldSpec("report", BOOLEAN, "Whether the charger shall tell (default true)."),
            FieldSpec("clear", BOOLEAN, "Whether it shall forget (default false)."),
            FieldSpec("request_id", INTEGER, "Number of the request; counted unless said."),
        ),
        versions=ONLY_2X,
        example="customer_information: {id_tag: CARD-1, clear: true}",
        actions=sends_in_2x("CustomerInformation"),
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "log_status",
        "The charger has told how a log gets on that the CSMS wants.",
        (
            is_(_STATUS, "How; 1.6's UploadFailed is UploadFailure here.", always=True),
            FieldSpec("request_id", INTEGER, "Of which request; none after 1.6 GetDiagnostics."),
        ),
        value=_STATUS,
        event="log_status",
        example="log_status: Uploaded",
    ),
    FacetSpec(
        "upload",
        "The charger has sent the runner a file.",
        (
            is_(_UPLOAD, "What came of it: all of it came, the runner did not take it, or it broke off.", always=True),
            FieldSpec("file", TEXT, "Its name.", always=True),
            FieldSpec("size", INTEGER, "In bytes.", shown_with=("is", ("arrived",))),
            FieldSpec("content", TEXT, "As text.", shown_with=("is", ("arrived",))),
        ),
        value=_UPLOAD,
        event="upload",
        example="upload: {is: arrived, content: {$contains: BootNotification}}",
    ),
    FacetSpec(
        "customer_information",
        "The charger has told what it knows of a customer.",
        (
            FieldSpec("data", TEXT, "What; empty for nothing.", always=True),
            FieldSpec("request_id", INTEGER, "Of which request.", always=True),
        ),
        event="customer_information",
        versions=ONLY_2X,
        example="customer_information: {data: {$contains: CARD-1}}",
    ),
)
