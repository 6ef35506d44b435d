"""Reservations."""

from __future__ import annotations

from ocpplab_runner.scenario.registry import FacetSpec, FieldSpec, StateSpec, VerbSpec
from ocpplab_runner.steps.fields import DURATION, EVSE_ID, EVSE_NUMBER, ID_TAG, INTEGER, TOKEN, is_, sends

_RESERVATION = {"enum": ["Placed", "Used", "Expired", "Cancelled", "Removed"]}

VERBS: tuple[VerbSpec, ...] = (
    VerbSpec(
        "reserve_now",
        "The CSMS reserves an EVSE (ReserveNow).",
        "csms",
        (
            ID_TAG,
            EVSE_ID,
            FieldSpec("expires_in", DURATION, "Time until the reservation ends (default 1h)."),
            FieldSpec("reservation_id", {"type": "integer"}, "Counted unless said."),
            FieldSpec("parent_id_token", TOKEN, "The group that may use it too."),
        ),
        example="reserve_now: {id_tag: CARD-1, evse_id: 1, expires_in: 30m}",
        actions=sends("ReserveNow"),
    ),
    VerbSpec(
        "cancel_reservation",
        "The CSMS cancels a reservation (CancelReservation).",
        "csms",
        (FieldSpec("reservation_id", {"type": "integer"}, "Which; the latest unless said."),),
        shorthand="reservation_id",
        example="cancel_reservation: {}",
        actions=sends("CancelReservation"),
    ),
)

FACETS: tuple[FacetSpec, ...] = (
    FacetSpec(
        "reservation",
        "Something has happened to a reservation; of a real station what OCPP tells.",
        (
            is_(_RESERVATION, "What.", always=True),
            FieldSpec("reservation_id", INTEGER, "Which reservation.", always=True),
            FieldSpec("evse_id", EVSE_NUMBER, "Of which EVSE; none for a reservation of any."),
        ),
        value=_RESERVATION,
        event="reservation",
        subject=("reservation_id",),
        example="reservation: Used",
        state=StateSpec(
            subject=("reservation_id",),
            fields=("reservation_id", "evse_id"),
            words={"Placed": "Placed", "Used": "none", "Expired": "none", "Cancelled": "none", "Removed": "none"},
            none="none",
        ),
    ),
)
