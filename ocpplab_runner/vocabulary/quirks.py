"""EVerest's oddities by name: where its code does something other than the rule that it evidently means to follow.

Each is off unless a scenario switches it on (``given.charger.authorization.quirks``), so that a team can reproduce
what a station with EVerest does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Quirk(StrEnum):
    """The name of an oddity."""

    CASE_SENSITIVE_DUPLICATES = "case-sensitive-duplicates"
    STOP_BY_IDENTIFIER_WITHOUT_TRANSACTION = "stop-by-identifier-without-transaction"
    STUCK_SIBLING = "stuck-sibling"
    EVSE_IDS_OVERLAP_ONLY = "evse-ids-overlap-only"
    CHOOSE_BEFORE_RESERVATION_CHECK = "choose-before-reservation-check"
    LINGERING_WITHDRAWAL = "lingering-withdrawal"
    UPDATE_ALWAYS_ACCEPTED = "update-always-accepted"
    UPDATE_FORGETS_GROUP = "update-forgets-group"
    EXISTS_RESERVATION_ASKS_EVSE_1 = "exists-reservation-asks-evse-1"
    USED_RESERVATION_IS_SILENT = "used-reservation-is-silent"


@dataclass(frozen=True, slots=True)
class QuirkFacts:
    """What an oddity is about.

    Attributes:
        rule: id of the rule that it bends.
        summary: what happens with it, in one sentence.
        instead: what happens without it.
    """

    rule: str
    summary: str
    instead: str


QUIRKS: dict[Quirk, QuirkFacts] = {
    Quirk.CASE_SENSITIVE_DUPLICATES: QuirkFacts(
        "AUTH-2",
        "A card that is being handled is told from a second one by its exact letters, so that the same card in other "
        "letter case is handled twice.",
        "Letter case never tells tokens apart.",
    ),
    Quirk.STOP_BY_IDENTIFIER_WITHOUT_TRANSACTION: QuirkFacts(
        "AUTH-4",
        "A card whose value is that of the holder of an EVSE, or of its group, counts as used to stop there even when "
        "no transaction runs yet; nothing stops.",
        "Only the card of a running transaction stops one.",
    ),
    Quirk.STUCK_SIBLING: QuirkFacts(
        "AUTH-8b",
        "A card of the same group that comes while an EVSE is granted and nothing runs there yet is never let go: it "
        "is ignored from then on.",
        "It is ignored this once, and handled when it is presented again.",
    ),
    Quirk.EVSE_IDS_OVERLAP_ONLY: QuirkFacts(
        "AUTH-11d",
        "A verdict that limits the token to some EVSEs is taken to hold for all of them, as long as one of the free "
        "ones is among them.",
        "Only the EVSEs that the verdict names are offered.",
    ),
    Quirk.CHOOSE_BEFORE_RESERVATION_CHECK: QuirkFacts(
        "AUTH-11f",
        "The EVSE is chosen before its reservation is looked at: a token that is led to an EVSE reserved for another "
        "is refused although a free one is there.",
        "EVSEs reserved for others are not offered.",
    ),
    Quirk.LINGERING_WITHDRAWAL: QuirkFacts(
        "AUTH-17",
        "The last withdrawal is never forgotten: a token that matches it and would have to wait for a car is withdrawn "
        "at once.",
        "A withdrawal is for what is there when it comes.",
    ),
    Quirk.UPDATE_ALWAYS_ACCEPTED: QuirkFacts(
        "AUTH-18",
        "A later verdict is published as Accepted whatever it says.",
        "Only a later verdict that accepts is published as Accepted.",
    ),
    Quirk.UPDATE_FORGETS_GROUP: QuirkFacts(
        "AUTH-18",
        "A later verdict that names no group takes away the group that an earlier one has named.",
        "A group stays known until a later verdict names another.",
    ),
    Quirk.EXISTS_RESERVATION_ASKS_EVSE_1: QuirkFacts(
        "AUTH-R9",
        "Before a remote start is answered, the reservation of EVSE 1 is looked at, whichever EVSE is meant.",
        "The reservation of the EVSE that is meant is looked at.",
    ),
    Quirk.USED_RESERVATION_IS_SILENT: QuirkFacts(
        "AUTH-R7",
        "Nothing says that a reservation has been used.",
        "`reservation: Used` says so.",
    ),
}
