"""Transactions in OCPP 2.1: one that was interrupted may go on (E17, and the reset ImmediateAndResume of B12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner.charger.blocks.transactions.open_transactions import on_wire, wire_of
from ocpplab_runner.charger.blocks.transactions.v2 import TransactionsV2
from ocpplab_runner.charger.blocks.transactions.wire_transaction import CABLE_ONLY, update_trigger
from ocpplab_runner.charger.config import RESUMPTION
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import Interrupted
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.json_values import moment_in, moment_out
from ocpplab_runner.charger.core.model import Reading, SessionEvent, Transaction, TransactionMessage, UpdateKind
from ocpplab_runner.charger.core.variables import Variable, of_2x
from ocpplab_runner.vocabulary.statuses import ConnectorStatus
from ocpplab_runner.vocabulary.versions import OcppVersion

_TIMEOUT, _ENERGY = "TxCtrlr.ResumptionTimeout", "TxCtrlr.AllowEnergyTransferResumption"


class TransactionsV21(TransactionsV2):
    """Goes on with what was interrupted no longer than ResumptionTimeout."""

    versions = frozenset({OcppVersion.V21})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        #: When the station stood still last.
        self._still_since: datetime | None = None

    def variables(self) -> Iterable[Variable]:
        """TxCtrlr, with what 2.1 adds."""
        yield from super().variables()
        yield of_2x(
            "TxCtrlr",
            "ResumptionTimeout",
            "integer",
            "0",
            mutability="ReadWrite",
            minimum=0,
            unit="s",
            feature=RESUMPTION,
        )
        yield of_2x(
            "TxCtrlr", "AllowEnergyTransferResumption", "boolean", "true", mutability="ReadWrite", feature=RESUMPTION
        )

    @property
    def resumes(self) -> bool:
        """Whether what is interrupted may go on at all."""
        return self._longest > timedelta()

    @property
    def _longest(self) -> timedelta:
        there = RESUMPTION in self.context.config.features
        return timedelta(seconds=self.context.variables.integer(_TIMEOUT) if there else 0)

    def interrupted(self, event: Interrupted) -> None:
        """It is known since when."""
        self._still_since = self.context.time.now()
        super().interrupted(event)

    def may_go_on(self, evse: Evse, transaction: Transaction) -> bool:
        """In time (E17.FR.10), and with the EV where it was."""
        stopped = transaction.stopped_at
        assert stopped is not None
        return self._in_time(stopped) and _still_plugged(evse, transaction)

    def _in_time(self, since: datetime) -> bool:
        return self.resumes and self.context.time.now() - since <= self._longest

    def happened(self, evse: Evse, event: SessionEvent) -> Sequence[TransactionMessage]:
        """What is open on the wire without a transaction of the station's own goes on, too, while its cable is in."""
        entry = self.open.at(evse.evse_id)
        since, self_runs = self._still_since, evse.transaction is not None
        if event is not SessionEvent.POWERED_UP or entry is None or self_runs or since is None:
            return super().happened(evse, event)
        wire, known = entry
        if not self._in_time(since) or not _still_plugged(evse, known):
            return super().happened(evse, event)
        # It has restarted: a reset that was to come once idle has become pointless.
        self.open.no_longer_wait()
        # Told again, though it may be as before (E17.FR.14).
        wire.charging_state = None
        trigger = update_trigger(UpdateKind.RESUMED, None)
        return [self._message(wire, known, "Updated", trigger, state=CABLE_ONLY)]

    def changed(
        self, transaction: Transaction, kind: UpdateKind, reading: Reading | None
    ) -> Sequence[TransactionMessage]:
        """What goes on says how, known or not (E17.FR.14)."""
        if kind is UpdateKind.RESUMED and on_wire(transaction):
            # Told again, though it may be as before.
            wire_of(transaction).charging_state = None
        return super().changed(transaction, kind, reading)

    def taken_back(self, transaction: Transaction) -> None:
        """Energy flows on only where that is allowed (E17.FR.12)."""
        # An EV that wanted none just then is not held back.
        flowed = transaction.charging_state is ConnectorStatus.CHARGING
        if flowed and not self.context.variables.boolean(_ENERGY):
            transaction.held_back = True

    def remember(self) -> Mapping[str, Any]:
        """Also since when the station has stood still."""
        return {**super().remember(), "still_since": moment_out(self._still_since)}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put that back."""
        super().recall(memory)
        self._still_since = moment_in(memory.get("still_since"))


def _still_plugged(evse: Evse, transaction: Transaction) -> bool:
    connector = evse.plugged_connector
    return connector is not None and connector.connector_id == transaction.connector_id
