"""EVSEs for which somebody pays elsewhere: nobody at the station takes them meanwhile (2.1 C25.FR.22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocpplab_runner.authorization.types import AuthorizationType, ProvidedIdToken
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.timers import Timers


class PaymentHolds:
    """Which EVSEs are held, and for how long.

    Args:
        timers: of the block.
        evses: of the station.
    """

    def __init__(self, timers: Timers, evses: Sequence[Evse]) -> None:
        self._timers, self._evses = timers, evses

    def hold(self, evse: Evse, seconds: float) -> None:
        """Keep an EVSE for so long; with 0 no longer."""
        if seconds > 0:
            # Nothing is to be done when it is over: that the timer runs is the hold.
            self._timers.start(self._name(evse), seconds, lambda: None)
        else:
            self.release(evse)

    def release(self, evse: Evse) -> None:
        """What was paid for has begun."""
        self._timers.stop(self._name(evse))

    def left_of(self, token: ProvidedIdToken) -> ProvidedIdToken | None:
        """A token with the EVSEs that it may still mean; None where all of them are held.

        The CSMS starts where it likes, and who charges may stop.
        """
        held = {evse.evse_id for evse in self._evses if evse.transaction is None and self._is_held(evse)}
        if not held or token.authorization_type is AuthorizationType.OCPP:
            return token
        meant = token.connectors or tuple(evse.evse_id for evse in self._evses)
        left = tuple(number for number in meant if number not in held)
        return replace(token, connectors=left) if left else None

    def _is_held(self, evse: Evse) -> bool:
        return self._timers.running(self._name(evse))

    def _name(self, evse: Evse) -> tuple[str, int]:
        return ("payment", evse.evse_id)
