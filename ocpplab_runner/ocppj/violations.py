"""What a single frame can get wrong, and how the specification weighs it: the codes of a session's violations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ocpplab_runner.vocabulary.versions import OcppVersion

#: ``must``: the specification forbids it. ``should``: it advises against it, or leaves it open and no peer can rely
#: on it.
Weight = Literal["must", "should"]


@dataclass(frozen=True, slots=True)
class ViolationRule:
    """A rule that a peer can break.

    Attributes:
        told: what the peer has done.
        source: where the specification has it; "OCPP-J" is the JSON part of 1.6, "Part 4" that of 2.x.
        should: the versions in which it weighs ``should``; in the others ``must``.
    """

    told: str
    source: str
    should: frozenset[OcppVersion] = frozenset()

    def weight(self, version: OcppVersion) -> Weight:
        """How it weighs in that version."""
        return "should" if version in self.should else "must"

    @property
    def weights(self) -> str:
        """How it weighs, for the documentation: in all versions, or where it differs."""
        if not self.should:
            return "must"
        if len(self.should) == len(OcppVersion):
            return "should"
        return f"must; {', '.join(sorted(version.value for version in self.should))}: should"


#: No version forbids it in so many words.
EVERYWHERE = frozenset(OcppVersion)

#: Code → what the peer has done; both ends mind these.
FRAME_VIOLATIONS: dict[str, ViolationRule] = {
    "binary-frame": ViolationRule(
        "sent a binary WebSocket message instead of text", "OCPP-J 4.1.2, which asks for JSON in UTF-8 only", EVERYWHERE
    ),
    "duplicate-answer": ViolationRule("answered a call twice", "OCPP-J 4.1, Part 4 4.1"),
    "duplicate-message-id": ViolationRule("used a message id again", "OCPP-J 4.1.4, Part 4 4.1.4"),
    "error-for-answer": ViolationRule(
        "2.1: could not process our answer", "Part 4 4.2.5; not forbidden, but one of both ends is wrong", EVERYWHERE
    ),
    "late-answer": ViolationRule(
        "answered after the call had timed out, which takes 30 s",
        "OCPP-J 4.1.1, Part 4 4.1.1, which leave the time-out to the caller",
        EVERYWHERE,
    ),
    "malformed-frame": ViolationRule("sent what is no OCPP-J message", "OCPP-J 4.1.2 and 4.2, Part 4 4.1.2 and 4.2"),
    "message-id-too-long": ViolationRule("used a message id of more than 36 characters", "OCPP-J 4.1.4, Part 4 4.1.4"),
    "missing-offset": ViolationRule(
        "sent a date and time without an offset; it is read as UTC",
        "1.6 3.14 and 3.15, which recommend UTC, 2.x Part 2 dateTime, which is of RFC 3339",
        frozenset({OcppVersion.V16}),
    ),
    "not-implemented-action": ViolationRule(
        "sent an action that this version does not have", "OCPP-J 4.2.1, Part 4 4.2.1"
    ),
    "overlapping-call": ViolationRule(
        "made a call while its last one was unanswered and too young to have timed out",
        "OCPP-J 4.1.1 (SHOULD NOT), Part 4 4.1.1 (SHALL NOT)",
        frozenset({OcppVersion.V16}),
    ),
    "schema": ViolationRule(
        "sent a payload, an error code or a description that breaks its schema", "OCPP-J 4.2, Part 4 4.2"
    ),
    "unexpected-message-type": ViolationRule(
        "sent a message type that this version does not have", "OCPP-J 4.1.3, Part 4 4.1.3"
    ),
    "unknown-message-id": ViolationRule("answered a call that was never made", "OCPP-J 4.2.2, Part 4 4.2.2"),
}
