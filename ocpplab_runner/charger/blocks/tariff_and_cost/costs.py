"""What the transactions of a station cost in OCPP 2.1, one at each EVSE, by the tariffs that are assigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.tariff_and_cost.assignment import TariffAssignment
from ocpplab_runner.charger.blocks.tariff_and_cost.counting import Counting
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.json_values import moment_out
from ocpplab_runner.charger.core.model import Transaction
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.tariffs.conditions import Place
from ocpplab_runner.tariffs.cost import Flow


class Costs:
    """Counts from the begin of each transaction to its end.

    Args:
        context: of the station.
        assignment: whose tariff holds.
    """

    def __init__(self, context: Context, assignment: TariffAssignment) -> None:
        self._context = context
        self._assignment = assignment
        self._counting: dict[int, Counting] = {}
        #: By EVSE: the transaction that was counted there last.
        self._counted: dict[int, str] = {}
        self._reserved: dict[int, datetime] = {}

    def of(self, evse_id: int) -> Counting | None:
        """What is counted at an EVSE."""
        return self._counting.get(evse_id)

    def evses(self) -> Iterable[int]:
        """Where something is counted."""
        return self._counting

    def known(self, transaction: Transaction) -> bool:
        """Whether there is, or was, a tariff to count a transaction by."""
        counting = self._counting.get(transaction.evse_id)
        return self._counted.get(transaction.evse_id) == transaction.local_id or (
            counting is not None and counting.tariff is not None
        )

    def reserved(self, reservation_id: int) -> None:
        """A reservation begins, which may have to be paid for."""
        self._reserved[reservation_id] = self._context.time.now()

    def clock_set(self, by: timedelta) -> None:
        """The clock stands elsewhere now: what has lasted has lasted as long as before."""
        for counting in self._counting.values():
            counting.clock_set(by)
        self._reserved = {number: since + by for number, since in self._reserved.items()}

    def begin(self, transaction: Transaction, at: datetime) -> None:
        """Count a transaction that began at that moment."""
        evse = self._context.equipment.evses[transaction.evse_id - 1]
        # What is given back is no part of the cost.
        counting = Counting(self._place(transaction.token), [Flow(at, max(evse.meter.power_w, 0.0))])
        since = None if transaction.reservation_id is None else self._reserved.pop(transaction.reservation_id, None)
        if since is not None:
            # Exact to the microsecond: costs are counted in fractions.
            counting.reserved_s = Fraction((at - since) // timedelta(microseconds=1), 1_000_000)
        self._counting[evse.evse_id] = counting

    def assign(self, transaction: Transaction, counting: Counting) -> None:
        """Until the driver is known the default holds, then the driver's own from the begin on."""
        # A tariff from before is not counted by, either, once counting is switched off.
        if counting.driver_known or not self._assignment.counts:
            return
        token, held = transaction.token, self._assignment.held
        counting.driver_known = bool(token.value)
        if self._assignment.central(token):
            # Nor does the default count that has held until the driver was known.
            counting.tariffs.clear()
            return
        own = held.of(token)
        if own is not None:
            counting.place = self._place(token)
            counting.choose(own)
        elif not counting.tariffs:
            # The default of its begin: what begins to hold later is for transactions that begin later.
            default = held.default(transaction.evse_id, counting.flows[0].at)
            if default is not None:
                counting.choose(default)

    def end(self, transaction: Transaction) -> None:
        """It is over; without an authorization cache the driver's tariff goes with their last transaction."""
        evse_id, token = transaction.evse_id, transaction.token
        if self._counting.pop(evse_id).tariff is not None:
            # The CSMS's answer to the end is still to come, and its total must not be shown instead (Costs.known).
            self._counted[evse_id] = transaction.local_id
        if not self._context.variables.boolean("cache_enabled"):
            running = self._context.ask(TRANSACTIONS).running()
            # The same token may be charging elsewhere, by its tariff.
            if not any(one is not transaction and one.token.same_token(token) for one in running):
                self._assignment.held.take(token)

    def _place(self, token: IdToken) -> Place:
        # What the payment terminal has read of the card is what the conditions of a tariff see (I12).
        info = {one.type: one.value for one in token.additional_info}
        brand, recognition = info.get("PaymentBrand"), info.get("PaymentRecognition")
        return Place("AC", self._context.config.voltage_v, brand, recognition)

    def out(self) -> dict[str, Any]:
        """All of it as JSON data."""
        return {
            "counting": [[evse_id, counting.out()] for evse_id, counting in self._counting.items()],
            "counted": [[evse_id, transaction_id] for evse_id, transaction_id in self._counted.items()],
            "reserved_since": [[number, moment_out(since)] for number, since in self._reserved.items()],
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """The opposite of :meth:`out`."""
        self._reserved = {number: datetime.fromisoformat(since) for number, since in memory["reserved_since"]}
        place = self._place(IdToken(""))
        self._counting = {evse_id: Counting.recall(place, data) for evse_id, data in memory["counting"]}
        self._counted = dict(memory.get("counted", ()))
