"""A payment terminal that is part of the station: C18 to C23 of OCPP 2.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

from ocpplab_runner.authorization.types import AuthorizationType, IdToken, ProvidedIdToken
from ocpplab_runner.charger.blocks.payment.held import DETAILS, Held, token_of
from ocpplab_runner.charger.blocks.payment.settlements import Settlements
from ocpplab_runner.charger.core.block import Block, hears
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.events import (
    Authorized,
    CostTold,
    Disconnected,
    PoweredUp,
    PowerFlows,
    Reconnected,
    Registered,
    Resumed,
    TransactionAnswered,
    TransactionTold,
    WentDown,
    Withdrawn,
)
from ocpplab_runner.charger.core.evse import Evse
from ocpplab_runner.charger.core.model import Refused, StopReason, Transaction
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION
from ocpplab_runner.charger.core.services.payments import PAYMENTS, TARIFFS
from ocpplab_runner.charger.core.services.transactions import OPEN_TRANSACTIONS, TRANSACTION_LIMITS, TRANSACTIONS
from ocpplab_runner.charger.core.variables import Variable, constant, of_2x
from ocpplab_runner.tariffs.exact import exact
from ocpplab_runner.vocabulary.versions import OcppVersion

_CTRLR = "PaymentCtrlr"
#: No bank reserves less in addition.
_LEAST = 0.01
#: Which terminal that is.
_TERMINAL = {
    "TerminalID": "TERMINAL-1",
    "PaymentServiceProvider": "OCPPLAB bank",
    "VendorName": "OCPPLAB",
    "Model": "simulated terminal",
    "SerialNumber": "1",
    "FirmwareVersion": "1",
}
#: The fields of ``settle_payment`` → those of NotifySettlement.
_FIELDS = {
    "psp_ref": "pspRef",
    "amount": "settlementAmount",
    "status": "status",
    "transaction_id": "transactionId",
    "vat_number": "vatNumber",
    "receipt_id": "receiptId",
    "receipt_url": "receiptUrl",
}


class PaymentV21(Block):
    """Has an amount reserved, lets charge for it, and settles at the end what it has come to."""

    versions = frozenset({OcppVersion.V21})
    sends = frozenset({"NotifySettlement", "VatNumberValidation"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._settlements = Settlements(context)
        #: Payments whose card is being authorized, and by EVSE those that are.
        self._presented: list[Held] = []
        self._held: dict[int, Held] = {}
        self._receipts = 0
        context.offer(PAYMENTS, self)

    def variables(self) -> Iterable[Variable]:
        """PaymentCtrlr; the terminal has no SIM card, and prints no merchant."""
        yield of_2x(_CTRLR, "Enabled", "boolean", "true", mutability="ReadWrite")
        yield constant(_CTRLR, "Problem", "boolean", "false")
        yield constant(_CTRLR, "Connected", "boolean", "true")
        yield of_2x(
            _CTRLR, "PaymentDetails", "MemberList", ",".join(DETAILS), mutability="ReadWrite", choices=tuple(DETAILS)
        )
        for name in ("AuthorizeDirectPayment", "SettlementByCSMS", "ReceiptByCSMS"):
            yield of_2x(_CTRLR, name, "boolean", "false", mutability="ReadWrite")
        amounts = {
            "AuthorizationAmount": "50",
            "IncrementalAuthorizationAmount": "0",
            "IncrementalAuthorizationThreshold": "0",
        }
        for name, amount in amounts.items():
            yield of_2x(_CTRLR, name, "decimal", amount, mutability="ReadWrite", minimum=0)
        yield of_2x(_CTRLR, "ReceiptServerUrl", "string", "", mutability="ReadWrite")
        for name, value in _TERMINAL.items():
            yield constant(_CTRLR, name, "string", value)

    # -- what is done at the terminal ---------------------------------------------------------------------------------

    def pay(self, evse: Evse, fields: Mapping[str, Any]) -> ProvidedIdToken | None:
        """C18: the bank reserves the amount, or does not; then there is no token to charge with."""
        if not self._is("Enabled"):
            raise Refused("the payment terminal is switched off (PaymentCtrlr.Enabled)")
        told = self.context.variables.items(f"{_CTRLR}.PaymentDetails")
        try:
            token = token_of(fields["psp_ref"], fields.get("details") or {}, told)
        except ValueError as error:
            raise Refused(str(error)) from None
        outcome = fields.get("outcome", "Settled")
        if outcome == "Declined":
            self.context.note(f"the bank reserves nothing for {token.value}")
            return None
        held = Held(
            token.value, token, self._amount("AuthorizationAmount"), self._is("AuthorizeDirectPayment"), outcome
        )
        # A card that is presented again counts as it was presented last.
        self._presented = [one for one in self._presented if not one.token.same_token(token)]
        self._presented.append(held)
        return ProvidedIdToken(
            token, AuthorizationType.BANK_CARD, connectors=(evse.evse_id,), prevalidated=not held.asked
        )

    def cancel(self, psp_ref: str) -> None:
        """C19, C20: the driver gives it up, whatever has begun."""
        found = next((one for one in self._held.items() if one[1].token.same_token(IdToken(psp_ref))), None)
        if found is None:
            raise Refused(f"no payment {psp_ref} is held")
        evse, held = self.context.equipment.evse(found[0]), found[1]
        if evse.transaction is not None:
            self.context.ask(TRANSACTIONS).end(evse, StopReason.LOCAL, held.token)
        elif held.transaction_id is not None:
            self.context.ask(OPEN_TRANSACTIONS).stop_locally(evse)
        else:
            self.context.ask(AUTHORIZATION).withdraw(evse)

    def validate_vat_number(self, number: str, evse_id: int | None) -> None:
        """C18.FR.08; the number is for the payment that is held for that EVSE, where one is."""
        held = None if evse_id is None else self._held.get(evse_id)
        self._settlements.validate(number, evse_id, None if held is None else lambda answer: _validated(held, answer))

    def settle(self, fields: Mapping[str, Any]) -> None:
        """Tell of a settlement, whatever the terminal holds."""
        payload = {name: fields[field] for field, name in _FIELDS.items() if fields.get(field) is not None}
        self._settlements.settle({"status": "Settled", **payload})

    # -- the payment of a transaction ---------------------------------------------------------------------------------

    @hears(Authorized)
    def authorized(self, event: Authorized) -> None:
        """The card of a payment may charge, up to the amount (C18.FR.07)."""
        held = next((one for one in self._presented if one.token.same_token(event.token.id_token)), None)
        if held is None or event.token.authorization_type is not AuthorizationType.BANK_CARD:
            return
        self._presented.remove(held)
        self._held[event.evse.evse_id] = held
        self.context.ask(TRANSACTION_LIMITS).set_before(held.token, {"maxCost": held.amount})

    @hears(Withdrawn)
    def withdrawn(self, event: Withdrawn) -> None:
        """C19: it was given up, or no cable has come; what the CSMS has never heard of it is not told either."""
        held = self._held.get(event.evse.evse_id)
        if held is not None and held.transaction_id is None:
            self._give_up(event.evse.evse_id)

    @hears(TransactionTold)
    def told(self, event: TransactionTold) -> None:
        """The CSMS is told of its transaction, at the end with what that costs where the station counts."""
        held = self._of(event.transaction.evse_id, event.transaction.token)
        if held is None:
            return
        held.transaction_id = self.context.ask(OPEN_TRANSACTIONS).id_at(event.transaction.evse_id)
        if event.kind == "start":  # what it costs is counted from here on
            evse = self.context.equipment.evses[event.transaction.evse_id - 1]
            # Not at once: the block that counts may hear of this begin after this one.
            self._timers.start(evse.evse_id, 0.0, lambda: self._watch(evse))
        details = event.more.get("costDetails")
        if event.kind == "stop" and details is not None:
            held.cost = details["totalCost"]["total"]["inclTax"]

    @hears(TransactionAnswered)
    def answered(self, event: TransactionAnswered) -> None:
        """C21: what the CSMS has been told of is settled; where it counts, by what it says."""
        transaction, total = event.message.transaction, event.payload.get("totalCost")
        held = self._of(transaction.evse_id, transaction.token)
        if held is None:
            return
        if event.message.kind != "stop":
            self._costs(transaction, total)
            return
        self._timers.stop(transaction.evse_id)
        del self._held[transaction.evse_id]
        self._end(held, total if held.cost is None else held.cost)

    def _end(self, held: Held, cost: float | None) -> None:
        if cost is None:
            self.context.note(f"nobody has said what {held.psp_ref} has to pay")
        if cost and self._is("SettlementByCSMS"):  # C21.FR.05
            return
        told = held.settled_at(cost)
        if told["status"] == "Settled" and not self._is("ReceiptByCSMS"):
            self._receipts += 1
            told["receiptId"] = f"R-{self._receipts}"
            server = self.context.variables.text(f"{_CTRLR}.ReceiptServerUrl")
            if server:
                told["receiptUrl"] = server + told["receiptId"]
        self._settlements.settle(told)
        if "receiptUrl" in told:
            self._settlements.show_receipt(told["receiptUrl"])

    def _give_up(self, evse_id: int) -> None:
        held = self._held.pop(evse_id)
        self.context.ask(TRANSACTION_LIMITS).forget_before(held.token)
        if held.asked:  # C19.FR.02
            self._settlements.settle(held.settled_at(None))

    def _of(self, evse_id: int, token: IdToken) -> Held | None:
        held = self._held.get(evse_id)
        return held if held is not None and held.token.same_token(token) else None

    # -- more may be reserved -----------------------------------------------------------------------------------------

    @hears(PowerFlows)
    def flows(self, event: PowerFlows) -> None:
        """The amount is used up sooner or later."""
        self._watch(event.evse)

    @hears(CostTold)
    def cost_told(self, event: CostTold) -> None:
        """CostUpdated says what a transaction costs."""
        self._costs(event.transaction, event.amount)

    def _costs(self, transaction: Transaction, amount: float | None) -> None:
        held = self._of(transaction.evse_id, transaction.token)
        if held is not None and amount is not None:
            held.so_far = amount
            self._watch(self.context.equipment.evses[transaction.evse_id - 1])

    def _watch(self, evse: Evse) -> None:
        """C23: reserve more when the cost comes near what is reserved, and let that limit the transaction."""
        self._timers.stop(evse.evse_id)
        held, more = self._held.get(evse.evse_id), self._amount("IncrementalAuthorizationAmount")
        if held is None or evse.transaction is None or more <= 0:
            return
        mark = held.amount - self._amount("IncrementalAuthorizationThreshold")
        counted = self.context.ask(TARIFFS).seconds_until_cost(evse.evse_id, mark)
        left = counted.seconds if counted is not None else 0.0 if held.so_far >= mark else None
        if left is None:
            return
        if left > 0:
            self._timers.start(evse.evse_id, left, lambda: self._watch(evse))
        else:
            self._reserve_more(evse, held, exact(max(more, _LEAST)), exact(mark))

    def _reserve_more(self, evse: Evse, held: Held, more: Fraction, mark: Fraction) -> None:
        counted = self.context.ask(TARIFFS).cost_so_far(evse.evse_id)
        # In fractions: of floats the quotient may be infinite, or too small by their rounding.
        over = max(Fraction(0), exact(held.so_far if counted is None else counted) - mark)
        # As often at once as it takes to be above the cost: a fee, or what the CSMS tells, comes in leaps.
        held.amount = float(exact(held.amount) + more * (1 + over // more))
        with suppress(Refused):  # where the station cannot limit costs there is nothing to raise
            self.context.ask(TRANSACTION_LIMITS).set_by_driver(evse, {"maxCost": held.amount})
        self._watch(evse)

    def _is(self, name: str) -> bool:
        return self.context.variables.boolean(f"{_CTRLR}.{name}")

    def _amount(self, name: str) -> float:
        return float(self.context.variables.text(f"{_CTRLR}.{name}"))

    # -- connections and memory ---------------------------------------------------------------------------------------

    @hears(Registered)
    def registered(self, _: Registered) -> None:
        """What was settled meanwhile is told."""
        self._settlements.send()

    @hears(Reconnected)
    def reconnected(self, _: Reconnected) -> None:
        """What was settled without a connection is told."""
        self._settlements.send()

    @hears(Disconnected)
    def disconnected(self, _: Disconnected) -> None:
        """What was not answered has to be told again."""
        self._settlements.disconnected()

    @hears(WentDown)
    def went_down(self, _: WentDown) -> None:
        """What has not begun is given up."""
        self.stop()
        self._presented.clear()
        for evse_id in [number for number, one in self._held.items() if one.transaction_id is None]:
            self._give_up(evse_id)

    def stop(self) -> None:
        """Begin nothing more by itself."""
        super().stop()
        self._settlements.stop()

    @hears(PoweredUp)
    def powered_up(self, _: PoweredUp) -> None:
        """What is used up by a transaction that goes on does so too."""
        self._watch_all()

    @hears(Resumed)
    def resumed(self, _: Resumed) -> None:
        """What is used up goes on."""
        self._watch_all()

    def _watch_all(self) -> None:
        for evse in self.context.equipment.evses:
            self._watch(evse)

    def remember(self) -> Mapping[str, Any]:
        """What is reserved, and what the CSMS does not know yet."""
        return {
            "payments": [[evse_id, held.out()] for evse_id, held in self._held.items()],
            "settlements": self._settlements.out(),
            "receipts": self._receipts,
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Put it back."""
        self._held = {evse_id: Held.recall(data) for evse_id, data in memory.get("payments", ())}
        self._settlements.recall(memory.get("settlements", []))
        self._receipts = memory.get("receipts", 0)


def _validated(held: Held, answer: Mapping[str, Any]) -> None:
    """C18.FR.09: the CSMS has said whether the tax number is one."""
    if answer["status"] == "Accepted":
        held.vat_number, held.company = answer["vatNumber"], answer.get("company")
