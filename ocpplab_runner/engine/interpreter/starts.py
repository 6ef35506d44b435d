"""Whether a transaction that nobody has seen begin can be one: it may have begun before anybody looked."""

from __future__ import annotations


class Starts:
    """What a charger's traffic says of transactions that have begun before it.

    Messages of transactions are delivered in the order in which they came about (OCPP 1.6 section 3.7, OCPP 2.0.1 E04).
    So what is left of the time before a boot has been delivered when a transaction has begun after it.
    """

    def __init__(self) -> None:
        self._booted = False
        self._started = False

    def booted(self) -> None:
        """The charger has booted, and may still have to tell of the time before."""
        self._booted, self._started = True, False

    def started(self) -> None:
        """A transaction has begun."""
        self._started = True

    @property
    def knows_all(self) -> bool:
        """Whether every transaction that the charger can speak of has been seen to begin."""
        return self._booted and self._started
