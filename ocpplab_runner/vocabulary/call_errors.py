"""The error codes of a CALLERROR: OCPP-J 1.6 section 4.2.3, OCPP 2.x Part 4 section 4.3."""

from __future__ import annotations

from types import MappingProxyType

#: Code → what whoever answers with it says about the call.
CALL_ERRORS: MappingProxyType[str, str] = MappingProxyType(
    {
        "FormatViolation": "2.x: the payload is no JSON, or its form is wrong. 1.6 has FormationViolation for it.",
        "FormationViolation": "1.6: the payload is no JSON, or its form is wrong. 2.x has FormatViolation for it.",
        "GenericError": "something else that no other code tells.",
        "InternalError": "the receiver broke while it worked on the call; the call may have been right.",
        "MessageTypeNotSupported": "2.x: a message type number that the receiver does not know.",
        "NotImplemented": "the receiver does not know the action.",
        "NotSupported": "the receiver knows the action and does not support it.",
        "OccurenceConstraintViolation": "a field is missing, or stands there too often. 1.6 writes it so, with one r.",
        "OccurrenceConstraintViolation": "a field is missing, or stands there too often. 2.x writes it so, with two r.",
        "PropertyConstraintViolation": "the form is right, and at least one field has a value that is not allowed.",
        "ProtocolError": "the payload is incomplete for this action.",
        "RpcFrameworkError": "2.x: the message itself is no OCPP-J call: too few elements, say, or an id that is no "
        "text.",
        "SecurityError": "a matter of security keeps the receiver from doing what the call asks for.",
        "TypeConstraintViolation": "a field has a value of another type, such as text for a number.",
    }
)
