"""Transactions: what a driver and a car do, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, StateSpec, VerbSpec
from ocpplab_runner.steps.fields import (
    DURATION,
    FOR_SENT_CARD,
    ID_TAG,
    ID_TOKEN_TYPE,
    INTEGER,
    NUMBER,
    OF_TRANSACTION,
    ON_EVSE,
    ONLY_2X,
    PLACE,
    POSITIVE,
    TEXT,
    TIME,
    TOKEN,
    listed,
)
from ocpplab_runner.vocabulary.everest import SESSION_EVENTS
from ocpplab_runner.vocabulary.reported import CHARGING_STATES, TRIGGER_REASONS
from ocpplab_runner.vocabulary.statuses import WIRE_STOP_REASONS, TransactionPhase
from ocpplab_runner.vocabulary.versions import OcppVersion

_NOT_NEGATIVE = {**NUMBER, "minimum": 0}

EV = FieldSpec("ev", {"$ref": "#/definitions/ev"}, "The EV at the other end of the cable.")

_SESSION_EVENT = {"enum": list(SESSION_EVENTS)}

_PHASE = {"enum": [phase.value for phase in TransactionPhase]}

_PHASES = listed(
    {
        version: [phase for phase in TransactionPhase if phase is not TransactionPhase.UPDATED or version in ONLY_2X]
        for version in OcppVersion
    }
)

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "parking_bay",
        "An EV comes to stand in the bay of an EVSE, or leaves it.",
        "charger",
        (FieldSpec("is", {"enum": ["taken", "left"]}, "Which.", True), FieldSpec("evse_id", POSITIVE, "Where.")),
        shorthand="is",
        versions=ONLY_2X,
        example="parking_bay: taken",
        description="`plug_connector` finds it taken; who is plugged in cannot leave.",
    ),
    VerbSpec(
        "plug_connector",
        "A driver connects an EV.",
        "charger",
        (*PLACE, EV),
        shorthand="evse_id",
        example="plug_connector: {evse_id: 1}",
    ),
    VerbSpec(
        "unplug_connector",
        "A driver takes the cable away, at the EV's side.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="unplug_connector: {evse_id: 1}",
    ),
    VerbSpec(
        "start_transaction",
        "The charger reports a started transaction without authorizing the card first.",
        "charger",
        (ID_TAG, *PLACE, ID_TOKEN_TYPE),
        shorthand="id_tag",
        example="start_transaction: {id_tag: CARD-1, evse_id: 1}",
    ),
    VerbSpec(
        "stop_transaction",
        "The charger ends a transaction without asking for a card.",
        "charger",
        (
            FieldSpec("transaction_id", {"type": ["string", "integer"]}, "Which; the only running one unless said."),
            FieldSpec("evse_id", POSITIVE, "Or: the one on this EVSE."),
            FieldSpec("reason", TEXT, "OCPP stop reason; Local unless said.", means="stop_reason"),
            FieldSpec("id_tag", TOKEN, "The card that stopped it."),
        ),
        example="stop_transaction: {}",
    ),
    VerbSpec(
        "start_session",
        "A whole start: plug, present the card, start.",
        "charger",
        (
            ID_TAG,
            *PLACE,
            FieldSpec("duration_seconds", POSITIVE, "Stop by itself after this time, in seconds."),
            FieldSpec(
                "target_energy_kwh",
                {"type": "number", "exclusiveMinimum": 0},
                "Stop by itself after this energy.",
            ),
        ),
        shorthand="id_tag",
        example="start_session: {id_tag: CARD-1}",
    ),
    VerbSpec(
        "stop_session",
        "A whole stop: end the transaction, unplug.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="stop_session: {}",
    ),
    VerbSpec(
        "ev_requests_energy",
        "The EV asks for energy.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="ev_requests_energy: {evse_id: 1}",
    ),
    VerbSpec(
        "ev_stops_energy",
        "The EV asks for no more energy.",
        "charger",
        PLACE,
        shorthand="evse_id",
        example="ev_stops_energy: {evse_id: 1}",
    ),
    VerbSpec(
        "power_update",
        "Set what the EV draws.",
        "charger",
        (
            FieldSpec("power_w", {"type": "integer", "minimum": 0}, "In W; 0 suspends it at the EVSE.", True),
            *PLACE,
        ),
        shorthand="power_w",
        example="power_update: {power_w: 11000, evse_id: 1}",
    ),
    VerbSpec(
        "limit_transaction",
        "The driver sets at the charger what a transaction may come to (2.1 transactionLimit).",
        "charger",
        (
            FieldSpec("cost", _NOT_NEGATIVE, "What it may cost."),
            FieldSpec("energy_wh", _NOT_NEGATIVE, "The energy, in Wh."),
            FieldSpec("time", DURATION, "How long it may last."),
            FieldSpec("soc_percent", {"type": "integer", "minimum": 0, "maximum": 100}, "The EV's state of charge."),
            replace(PLACE[0], description="On which EVSE; the only one where a transaction runs unless said."),
        ),
        any_of=("cost", "energy_wh", "time", "soc_percent"),
        versions=(OcppVersion.V21,),
        example="limit_transaction: {energy_wh: 5000}",
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "transaction",
        "A transaction has started, gone on, or ended.",
        (
            FieldSpec("is", _PHASE, "Which of these; OCPP 1.6 has no updated.", schemas=_PHASES, always=True),
            replace(OF_TRANSACTION, always=True),
            ON_EVSE,
            FOR_SENT_CARD,
            FieldSpec(
                "reason",
                TEXT,
                "Why it ended; Local when the message leaves it out, 2.x ImmediateReset is HardReset.",
                schemas=listed(WIRE_STOP_REASONS),
                shown_with=("is", ("ended",)),
            ),
            FieldSpec("meter_wh", NUMBER, "The meter's reading in Wh, where the message has it."),
            FieldSpec("charging_state", {"enum": list(CHARGING_STATES)}, "OCPP 2.x chargingState.", versions=ONLY_2X),
            FieldSpec(
                "trigger",
                {"enum": sorted(set().union(*TRIGGER_REASONS.values()))},
                "OCPP 2.x triggerReason.",
                versions=ONLY_2X,
                schemas=listed(TRIGGER_REASONS),
                always=True,
            ),
            FieldSpec("seq_no", INTEGER, "OCPP 2.x seqNo.", versions=ONLY_2X, always=True),
            FieldSpec(
                "offline",
                {"type": "boolean"},
                "Whether the message says that it happened offline.",
                versions=ONLY_2X,
                always=True,
            ),
            FieldSpec("reservation_id", INTEGER, "The reservation that it used."),
            FieldSpec("remote_start_id", INTEGER, "OCPP 2.x remoteStartId.", versions=ONLY_2X),
            FieldSpec("timestamp", TIME, "When it happened, as the message says; compared as an instant.", always=True),
            FieldSpec(
                "unverified",
                {"enum": [True]},
                "It has begun before anybody looked, if it has: only there where nobody has seen it begin.",
                shown_with=("is", ("updated", "ended")),
            ),
        ),
        value=_PHASE,
        event="transaction",
        subject=("evse_id",),
        example="transaction: {is: started, id_tag: CARD-1}",
        state=StateSpec(
            subject=("transaction_id",),
            fields=("transaction_id", "evse_id", "id_tag", "charging_state", "reservation_id", "remote_start_id"),
            words={"started": "running", "updated": "running", "ended": "none"},
            none="none",
            gathered=True,
        ),
    ),
    FacetSpec(
        "session",
        "An EvseManager's step of a session (EVerest's `session_event`); only where an EVerest tells of it.",
        (
            FieldSpec("is", _SESSION_EVENT, "Which step.", always=True),
            ON_EVSE,
            FieldSpec("session_id", TEXT, "The session's UUID.", always=True),
            FieldSpec("reason", TEXT, "Why the session began, or the transaction ended."),
            FieldSpec("id_tag", TOKEN, "The card, where it is said."),
        ),
        value=_SESSION_EVENT,
        event="session",
        subject=("evse_id",),
        example="session: TransactionStarted",
    ),
)
