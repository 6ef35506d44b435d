"""Diagnostics in OCPP 2.x: use cases N01, N09 and N10."""

from __future__ import annotations

from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.authorization.types import IdToken
from ocpplab_runner.charger.blocks.diagnostics.block import LOG_IDLE, Diagnostics, Upload
from ocpplab_runner.charger.core.block import V2, Payload, answers, triggered
from ocpplab_runner.charger.core.datatypes_v2 import token_of
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.authorization import AUTHORIZATION, LOCAL_LIST
from ocpplab_runner.charger.core.services.station import Place
from ocpplab_runner.charger.core.services.transactions import TRANSACTIONS
from ocpplab_runner.ocppj.records import HandlerResult, Reply

#: Characters of a part of what is known of a customer.
_LONGEST = 512
#: What is said where nothing is known (N09.FR.06, N10.FR.04), and of a clearing without a report (N10.FR.06).
_NOTHING, _CLEARED = "no data was found", "the data was cleared"
#: By what a CustomerInformation names somebody.
_NAMES = frozenset({"idToken", "customerIdentifier", "customerCertificate"})


class DiagnosticsV2(Diagnostics):
    """Every log has a number."""

    versions = V2
    sends = frozenset({"LogStatusNotification", "NotifyCustomerInformation"})

    def status_notification(self, status: str, upload: Upload) -> Outgoing | None:
        """LogStatusNotification."""
        return Outgoing("LogStatusNotification", {"status": status, "requestId": upload.request_id})

    @answers("GetLog", feature="FirmwareManagement")
    def get_log(self, payload: Payload) -> HandlerResult:
        """N01."""
        return self.log_wanted(payload)

    @triggered("LogStatusNotification")
    def trigger_status(self, _: Place) -> HandlerResult:
        """Uploading while one is on its way, else Idle, which has no number (N01.FR.13)."""
        return Reply({"status": "Accepted"}, then=self.present_status(LOG_IDLE))

    @answers("CustomerInformation")
    def customer_information(self, payload: Payload) -> HandlerResult:
        """N09 tells what is known of a customer, N10 forgets it: of a card, of its number, or of a certificate."""
        if _NAMES.isdisjoint(payload):  # N09.FR.04
            return {"status": "Invalid"}
        if not payload["report"] and not payload["clear"]:  # N09.FR.07
            return {"status": "Rejected"}
        customer = _customer(payload)
        # Before anything is cleared: the CSMS may want to be told what that was (N10.FR.03).
        data = _CLEARED
        if payload["report"]:
            data = (customer is not None and self._known_of(customer)) or _NOTHING

        def then() -> None:
            if payload["clear"] and customer is not None:
                # The local list stays: it is the CSMS's to change, by its versions (N10.FR.02, .03).
                self.context.ask(AUTHORIZATION).cache.remove(customer)
            self._tell(payload["requestId"], data)

        return Reply({"status": "Accepted"}, then=then)

    def _known_of(self, customer: IdToken) -> str:
        """What the station knows of a card, a line for each place that has it."""
        context, now = self.context, self.context.time.now()
        cached = context.ask(AUTHORIZATION).cache.lookup(customer, now)
        listed = context.ask(LOCAL_LIST).entries.lookup(customer)
        lines = [
            f"authorization cache: {customer.value} {cached.authorization_status}" if cached is not None else "",
            f"local list: {customer.value} {listed.authorization_status}" if listed is not None else "",
            *(
                f"transaction on EVSE {one.evse_id}: {customer.value}"
                for one in context.ask(TRANSACTIONS).running()
                if customer.same_token(one.token)
            ),
        ]
        return "\n".join(line for line in lines if line)

    def _tell(self, request_id: int, data: str) -> None:
        parts = [data[start : start + _LONGEST] for start in range(0, len(data), _LONGEST)]
        for number, part in enumerate(parts):
            message: dict[str, Any] = {
                "requestId": request_id,
                "seqNo": number,
                "generatedAt": clock.timestamp(self.context.time.now()),
                "data": part,
            }
            if number + 1 < len(parts):
                message["tbc"] = True
            self.context.post(Outgoing("NotifyCustomerInformation", message))


def _customer(payload: Payload) -> IdToken | None:
    """Whom a CustomerInformation is about; None for a certificate, since the station keeps none of its customers."""
    if "idToken" in payload:
        return token_of(payload["idToken"])
    if "customerIdentifier" in payload:
        return IdToken(payload["customerIdentifier"])
    return None
