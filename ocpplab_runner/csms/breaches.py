"""What the CSMS minds in the order of a station's messages: the codes of its violations.

What a single frame gets wrong (its form, its schema, its message id) the session reports; see
:class:`ocpplab_runner.ocppj.records.PeerViolation`.
"""

from __future__ import annotations

#: Code → what the station has done.
BREACHES: dict[str, str] = {
    "duplicate-transaction-id": "2.0.1: began a second transaction with the id of another",
    "message-before-boot": "sent something else than BootNotification before its boot was accepted, unasked "
    "(1.6 section 4.2, 2.0.1 B02.FR.09, B03.FR.07)",
    "no-answer": "did not answer a call of the CSMS in time",
    "sequence-number-gap": "2.0.1: left out a sequence number of a transaction or of a report",
    "sequence-number-repeated": "2.0.1: used a sequence number of a transaction twice, for different events",
    "transaction-already-ended": "spoke of a transaction that has ended",
    "transaction-already-running": "began a transaction where another one runs",
    "unknown-remote-start-id": "2.0.1: spoke of a remote start that the CSMS has not made",
    "unknown-request-id": "2.0.1: sent a report that the CSMS has not asked for",
    "unknown-reservation-id": "used a reservation that the CSMS has not made",
    "unknown-transaction-id": "spoke of a transaction that the CSMS does not know",
    "wrong-direction": "sent a message that only a CSMS sends",
    "wrong-transaction-id": "spoke of a transaction of another EVSE",
}
