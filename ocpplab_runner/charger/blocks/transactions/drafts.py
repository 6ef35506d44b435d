"""Transactions of OCPP 2.x that are open on the wire before the station's own begins, or after it is over."""

from __future__ import annotations

from collections.abc import Sequence

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken, IdTokenType, TokenHandlingResult
from ocpplab_runner.charger.blocks.transactions.events_v2 import TransactionEvents
from ocpplab_runner.charger.blocks.transactions.open_transactions import wire_of
from ocpplab_runner.charger.blocks.transactions.wire_transaction import BAY, CABLE_ONLY, NO_CABLE, WireTransaction
from ocpplab_runner.charger.core.block import hears
from ocpplab_runner.charger.core.events import PoweredUp, TokenHandled, TokenWaits
from ocpplab_runner.charger.core.evse import Evse, Grant
from ocpplab_runner.charger.core.model import (
    BootReason,
    Reading,
    SessionEvent,
    StopReason,
    Transaction,
    TransactionMessage,
)
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.transactions import METERING


class Drafts(TransactionEvents):
    """Lets a bay, a cable or a card begin a transaction, as TxStartPoint says, and end what nothing else does."""

    # -- before and after the station's own transaction ---------------------------------------------------------------

    def happened(self, evse: Evse, event: SessionEvent) -> Sequence[TransactionMessage]:
        """What happens without a running transaction of the station may begin or end one on the wire."""
        match event:
            case SessionEvent.BAY_TAKEN:
                return self._bay_taken(evse)
            case SessionEvent.BAY_LEFT:
                return self._bay_left(evse)
            case SessionEvent.CABLE_PLUGGED:
                return self._cable_plugged(evse)
            case SessionEvent.GRANTED:
                return self._granted(evse)
            case SessionEvent.WITHDRAWN:
                return self._withdrawn(evse)
            case SessionEvent.DEAUTHORIZED:
                return self._deauthorized(evse)
            case SessionEvent.CABLE_UNPLUGGED:
                if not self.context.powered:
                    return ()  # what the loss of power has interrupted is judged when it is back
                return self._cable_unplugged(evse)
            case SessionEvent.RESETTING:
                return self._end_open(evse, "ResetCommand", StopReason.HARD_RESET)
            case SessionEvent.POWERED_UP:
                self.open.no_longer_wait()  # a scheduled reset has become pointless
                ended = self._end_open(evse, "AbnormalCondition", StopReason.POWER_LOSS)
                came = self._bay_taken(evse) if evse.occupied else ()
                return [*ended, *came, *(self._cable_plugged(evse) if evse.plugged_connector is not None else ())]

    def stop_remotely(self, transaction: Transaction) -> None:
        """End a transaction that is open on the wire only: its card, or its car, is still missing (F03)."""
        self._end_draft(transaction, "RemoteStop", StopReason.REMOTE)

    # -- a card that has no EVSE yet ----------------------------------------------------------------------------------

    @hears(TokenWaits)
    def token_waits(self, event: TokenWaits) -> None:
        """The EVSE is told when it is known (E03); not where a cable may begin a transaction, too."""
        points = self._points("TxStartPoint")
        # Otherwise one session would have two transactions open: its card's and its cable's.
        if "Authorized" not in points or CABLE_ONLY in points:
            return
        token, remote_start_id = event.token.id_token, event.token.request_id
        wire, draft = self._open_draft(token, 0, 0, 0)
        wire.authorized, wire.remote_start_id = True, remote_start_id
        trigger = "Authorized" if remote_start_id is None else "RemoteStart"
        self.context.queue.put([self._message(wire, draft, "Started", trigger, state=NO_CABLE, token=token)])

    @hears(TokenHandled)
    def token_handled(self, event: TokenHandled) -> None:
        """It waits no longer, and was led to no EVSE (E03.FR.05)."""
        taken_back = event.outcome is TokenHandlingResult.WITHDRAWN
        how = ("Deauthorized", StopReason.DE_AUTHORIZED) if taken_back else ("EVConnectTimeout", "Timeout")
        for _, draft in self.open.unplaced:
            if draft.token.same_token(event.token.id_token):
                self._end_unplaced(draft, *how)

    def powered_up(self, event: PoweredUp) -> None:
        """Also the end of what waited for an EVSE when the power went, or the station was reset."""
        super().powered_up(event)
        by_power = event.reason is BootReason.POWER_UP
        how = ("AbnormalCondition", StopReason.POWER_LOSS) if by_power else ("ResetCommand", StopReason.HARD_RESET)
        for _, draft in self.open.unplaced:
            self._end_unplaced(draft, *how)

    def _end_unplaced(self, draft: Transaction, trigger: str, reason: str) -> None:
        stopped = self._stopped(reason)
        self.context.queue.put(
            [self._message(wire_of(draft), draft, "Ended", trigger, state=NO_CABLE, stopped=stopped)]
        )

    def _end_draft(self, draft: Transaction, trigger: str, reason: StopReason) -> None:
        """End what is open on the wire only, and take back what its card was granted."""
        evse = self.context.equipment.find(draft.evse_id)
        if evse is None:
            # It may have been ended before the CSMS refused its card.
            if self.open.find(wire_of(draft).transaction_id) is None:
                return
            self._end_unplaced(draft, trigger, reason)
            self.context.ask(AUTHORIZATION).give_up(draft.token)
        else:
            self.context.queue.put(self._end_open(evse, trigger, reason))
            self.context.ask(AUTHORIZATION).withdraw(evse)

    def stop_locally(self, evse: Evse) -> None:
        """The driver ends such a one at the station (2.1 C20)."""
        self.context.queue.put(self._end_open(evse, "StopAuthorized", StopReason.LOCAL))
        self.context.ask(AUTHORIZATION).withdraw(evse)

    def _bay_taken(self, evse: Evse) -> Sequence[TransactionMessage]:
        """An EV stands in the bay; that may be where a transaction starts (E01, TxStartPoint ParkingBayOccupancy)."""
        if self.open.at(evse.evse_id) is not None or not self._starts_with(BAY):
            return ()
        wire, draft = self._draft(evse)
        readings = self._begin_reading(evse, draft)
        return [self._message(wire, draft, "Started", "EVDetected", state=NO_CABLE, readings=readings)]

    def _bay_left(self, evse: Evse) -> Sequence[TransactionMessage]:
        """The EV has left the bay, and with it what its coming began, or what nothing else ends (E06)."""
        entry, ends = self.open.at(evse.evse_id), BAY in self._points("TxStopPoint")
        # Without its cable it has waited for the EV to come back.
        if evse.transaction is not None and ends:
            self.end(evse, StopReason.EV_DISCONNECTED)
        elif entry is not None and (ends or not entry[0].authorized):
            return self._end_open(evse, "EVDeparted", StopReason.LOCAL)
        return ()

    def _cable_unplugged(self, evse: Evse) -> Sequence[TransactionMessage]:
        """The EV is not connected any more, and may still stand in its bay."""
        entry = self.open.at(evse.evse_id)
        if entry is None or evse.transaction is not None or not self._until_it_leaves(evse):
            return self._end_open(evse, "EVCommunicationLost", StopReason.EV_DISCONNECTED)
        return [self._message(*entry, "Updated", "EVCommunicationLost", state=NO_CABLE)]

    def _cable_plugged(self, evse: Evse) -> Sequence[TransactionMessage]:
        """An EV was plugged in; that may be where a transaction starts (E02, TxStartPoint EVConnected)."""
        entry = self.open.at(evse.evse_id)
        # Begun by the bay: it hears of the cable, and waits for its card.
        if entry is not None and not entry[0].authorized and entry[0].charging_state == NO_CABLE:
            return [self._message(*entry, "Updated", "CablePluggedIn", state=CABLE_ONLY)]
        if entry is not None or not self._starts_with(CABLE_ONLY):
            return ()
        wire, draft = self._draft(evse)
        readings = self._begin_reading(evse, draft)
        return [self._message(wire, draft, "Started", "CablePluggedIn", state=CABLE_ONLY, readings=readings)]

    def _granted(self, evse: Evse) -> Sequence[TransactionMessage]:
        """A card may charge and there is no cable yet; that may be a start (E03, TxStartPoint Authorized)."""
        grant = evse.grant
        if grant is None:
            return ()
        entry = self.open.place(grant.token, evse.evse_id)
        if entry is not None and not entry[0].authorized:
            wire, draft = entry
            wire.authorized, draft.token = True, grant.token
            wire.remote_start_id, wire.reservation_id = grant.remote_start_id, grant.reservation_id
            return [self._message(wire, draft, "Updated", grant.trigger.value, state=NO_CABLE, token=grant.token)]
        if entry is not None:
            return ()
        if not self._starts_with("Authorized"):
            return ()
        wire, draft = self._draft(evse, grant)
        wire.authorized = True
        readings = self._begin_reading(evse, draft)
        trigger = grant.trigger.value
        return [self._message(wire, draft, "Started", trigger, state=NO_CABLE, readings=readings, token=grant.token)]

    def _withdrawn(self, evse: Evse) -> Sequence[TransactionMessage]:
        """The card has waited in vain for a cable (E03.FR.05), or has been refused."""
        entry = self.open.at(evse.evse_id)
        if entry is None or not entry[0].authorized:
            return ()
        # The grant went because the EVSE broke, or went out of service.
        if not self.context.equipment.usable(evse):
            return self._end_open(evse, "AbnormalCondition", StopReason.OTHER)
        return self._end_unless_it_stays(evse, "EVConnectTimeout", "Timeout")

    def _deauthorized(self, evse: Evse) -> Sequence[TransactionMessage]:
        """What the card was granted has been taken back before there was a cable."""
        entry = self.open.at(evse.evse_id)
        if entry is None or not entry[0].authorized:
            return ()
        return self._end_unless_it_stays(evse, "Deauthorized", StopReason.DE_AUTHORIZED)

    def _end_unless_it_stays(self, evse: Evse, trigger: str, reason: str) -> Sequence[TransactionMessage]:
        entry = self.open.at(evse.evse_id)
        if entry is None or evse.transaction is not None or not self._until_it_leaves(evse):
            return self._end_open(evse, trigger, reason)
        entry[0].authorized = False
        return [self._message(*entry, "Updated", trigger, state=NO_CABLE)]

    def _end_open(self, evse: Evse, trigger: str, reason: str) -> Sequence[TransactionMessage]:
        """End what is open on the wire and not, or no longer, the station's own transaction."""
        entry = self.open.at(evse.evse_id)
        if entry is None or evse.transaction is not None:
            return ()
        wire, known = entry
        if known.ended and known.stop_reason is not None and trigger in ("EVCommunicationLost", "EVDeparted"):
            reason = known.stop_reason  # its card has stopped it, the cable or the EV only ends it (E07)
        last = self.context.ask(METERING).reading(evse, "tx_ended", "Transaction.End")
        # A station's own that is over has had its last reading.
        if last is not None and not known.ended:
            known.readings.append(last)
        state = CABLE_ONLY if evse.plugged_connector is not None else NO_CABLE
        stopped = self._stopped(reason)
        return [self._message(wire, known, "Ended", trigger, state=state, readings=known.readings, stopped=stopped)]

    def _begin_reading(self, evse: Evse, draft: Transaction) -> list[Reading]:
        kept = self.context.ask(METERING).reading(evse, "tx_ended", "Transaction.Begin")
        if kept is not None:
            draft.readings.append(kept)
        started = self.context.ask(METERING).reading(evse, "tx_started", "Transaction.Begin")
        return [] if started is None else [started]

    def _draft(self, evse: Evse, grant: Grant | None = None) -> tuple[WireTransaction, Transaction]:
        """A transaction that is open on the wire before the station's own has begun."""
        connector = evse.plugged_connector or evse.connectors[0]
        # As long as nobody has presented anything it is nobody's.
        token = IdToken("", IdTokenType.NO_AUTHORIZATION) if grant is None else grant.token
        register = evse.meter.register_wh(clock.now())
        wire, draft = self._open_draft(token, evse.evse_id, connector.connector_id, register)
        if grant is not None:
            wire.remote_start_id, wire.reservation_id = grant.remote_start_id, grant.reservation_id
        return wire, draft

    def _open_draft(
        self, token: IdToken, evse_id: int, connector_id: int, register_wh: int
    ) -> tuple[WireTransaction, Transaction]:
        draft = Transaction(
            local_id=self.context.next_id(),
            evse_id=evse_id,
            connector_id=connector_id,
            token=token,
            started_at=self.context.time.now(),
            meter_start_wh=register_wh,
            offline=not self.context.online,
        )
        wire = WireTransaction(draft.local_id, evse_id, connector_id)
        self.open.begin(wire, draft, draft=True)
        return wire, draft
