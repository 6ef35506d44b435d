"""Payments at the station: C18 to C22 of OCPP 2.1."""

from __future__ import annotations

from ocpplab_runner.csms.core.block import Block, answers
from ocpplab_runner.csms.core.operations import Payload, given
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.versions import OcppVersion


class PaymentV21(Block):
    """Knows companies, and has receipts."""

    versions = frozenset({OcppVersion.V21})

    @answers("VatNumberValidation")
    def validate_vat_number(self, call: Call) -> Payload:
        """C18.FR.08 to 10: a number that is known has a company."""
        number, evse_id = call.payload["vatNumber"], call.payload.get("evseId")
        self.station.check_evse(call, evse_id)
        company = self.station.shared.config.vat_numbers.get(number)
        return given(
            status="Rejected" if company is None else "Accepted", vatNumber=number, evseId=evse_id, company=company
        )

    @answers("NotifySettlement")
    def settled(self, call: Call) -> Payload:
        """C21: the receipt of what was settled, where the CSMS has one."""
        url = self.station.shared.config.receipt_url
        return {} if url is None or call.payload["status"] != "Settled" else {"receiptUrl": url}


PAYMENT = (PaymentV21,)
