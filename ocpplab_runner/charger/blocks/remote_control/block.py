"""What the CSMS can have the station do from afar, without the words of any OCPP version.

Where an answer must go out before its effect, the effect is handed back as a function for ``Reply(then=…)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ocpplab_runner.authorization.types import AuthorizationType, IdToken, ProvidedIdToken
from ocpplab_runner.charger.core.block import Block
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import StopReason, Transaction
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION, RESERVATIONS
from ocpplab_runner.charger.core.services.station import REGISTRATION, TRIGGERS, Place
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, setting
from ocpplab_runner.ocppj.records import HandlerResult

Effect = Callable[[], None]


class RemoteControl(Block):
    """Starts, stops, unlocks and triggers."""

    def variables(self) -> Iterable[Variable]:
        """How a remote start is authorized, and when a lock opens."""
        return (setting("authorize_remote_start"), setting("unlock_on_ev_disconnect"))

    def start(
        self,
        token: IdToken,
        evse: Evse | None,
        *,
        group: IdToken | None = None,
        remote_start_id: int | None = None,
    ) -> Effect | None:
        """Start for a token, on an EVSE or on any (1.6 section 5.11, 2.x F01 and F02).

        Args:
            token: the card.
            evse: where; None for the station to choose.
            group: its group, where the CSMS says it.
            remote_start_id: 2.x remoteStartId.

        Returns:
            What to do after Accepted has been answered, or None when it must be refused.
        """
        context, cards = self.context, self.context.ask(AUTHORIZATION)
        # A soft reset waits until the CSMS has taken the last messages: nothing begins meanwhile.
        if not context.ask(REGISTRATION).accepted or context.restarting:
            return None
        candidates = [e for e in (context.equipment.evses if evse is None else (evse,)) if cards.can_start(e)]
        # Refused at once: no card is asked about for which there is nothing to begin.
        if not candidates or context.ask(RESERVATIONS).keeps_from(evse, token, group):
            return None
        provided = ProvidedIdToken(
            token,
            AuthorizationType.OCPP,
            request_id=remote_start_id,
            parent_id_token=group,
            connectors=() if evse is None else (evse.evse_id,),
            # Otherwise the CSMS's word is enough (1.6 section 5.11, 2.x F01 and F02).
            prevalidated=not context.variables.boolean("authorize_remote_start"),
        )
        return lambda: cards.present(provided)

    def stop_transaction(self, transaction: Transaction) -> Effect:
        """End a running transaction (1.6 section 5.12, 2.x F03); returns what to do after Accepted."""

        def stop() -> None:  # at once after the answer: it runs still
            evse = self.context.equipment.evses[transaction.evse_id - 1]
            self.context.ask(TRANSACTIONS).end(evse, StopReason.REMOTE)

        return stop

    def trigger(self, message: str, place: Place) -> HandlerResult:
        """Have a message sent, by whichever block sends it (1.6 section 5.17, F06.FR.08)."""
        answer = self.context.ask(TRIGGERS).get(message)
        return {"status": "NotImplemented"} if answer is None else answer(place)
