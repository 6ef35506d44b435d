"""What the CSMS minds in the order of a station's messages: the codes of its violations.

What a single frame gets wrong (its form, its schema, its message id) the session reports; see
:mod:`ocpplab_runner.ocppj.breaches`.
"""

from __future__ import annotations

from ocpplab_runner.ocppj.breaches import BreachRule

#: Code → what the station has done.
BREACHES: dict[str, BreachRule] = {
    "duplicate-transaction-id": BreachRule(
        "began a second transaction with the id of another; in 1.6 that is the CSMS, which gives the id",
        "1.6 StartTransaction.conf.transactionId, 2.0.1 TransactionType.transactionId",
    ),
    "message-before-boot": BreachRule(
        "sent something else than BootNotification before its boot was accepted, unasked",
        "1.6 4.2, 2.0.1 B02.FR.09 and B03.FR.07",
    ),
    "no-answer": BreachRule("did not answer a call within 30 s", "OCPP-J 4.1, Part 4 4.1"),
    "sequence-number-gap": BreachRule(
        "2.0.1: left out a sequence number of a report, or of a transaction for more than 60 s",
        "2.0.1 seqNo of TransactionEventRequest, NotifyReportRequest and its kind",
    ),
    "sequence-number-repeated": BreachRule(
        "2.0.1: used a sequence number of a transaction for different events", "2.0.1 TransactionEventRequest.seqNo"
    ),
    "transaction-already-ended": BreachRule(
        "spoke of a transaction that has ended", "1.6 4.10 and its order of transaction-related messages, 2.0.1 E06"
    ),
    "transaction-already-running": BreachRule(
        "began a transaction where another one runs", "1.6 4.8 and 4.9, 2.0.1 E01"
    ),
    "unknown-evse": BreachRule(
        "spoke of an EVSE (1.6: a connector) that it does not have", "1.6 4.7 to 4.9, 2.0.1 Part 1 7.2"
    ),
    "unknown-remote-start-id": BreachRule(
        "2.0.1: spoke of a remote start that the CSMS has not made", "2.0.1 TransactionType.remoteStartId"
    ),
    "unknown-request-id": BreachRule(
        "2.0.1: sent a report, or the status of an update or an upload, that nobody has asked for",
        "2.0.1 requestId of NotifyReportRequest and its kind",
    ),
    "unknown-reservation-id": BreachRule(
        "used a reservation that the CSMS has not made",
        "1.6 StartTransaction.req.reservationId, 2.0.1 TransactionEventRequest.reservationId",
    ),
    "unknown-transaction-id": BreachRule(
        "spoke of a transaction that the CSMS does not know", "1.6 4.7 and 4.10, 2.0.1 E02 and E06"
    ),
    "wrong-direction": BreachRule(
        "sent a message that only a CSMS sends", "1.6 sections 4 and 5, 2.0.1 Part 2 messages"
    ),
    "wrong-transaction-id": BreachRule("spoke of a transaction of another EVSE", "1.6 4.7, 2.0.1 E02"),
}
