"""What the CSMS says of contract certificates, whose verdicts cross the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.ocppj.plug_and_charge import emaid, exchange
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.plugin.stage import Doubt

FACT = "certificate_status"
#: What a station has found of a certificate by itself crosses no wire.
UNTOLD = Doubt(FACT, {}, "of the verdicts on a certificate only those of the CSMS are seen here")


class CertificateVerdicts:
    """Reads the frames of one station in one case: AuthorizeResponse's ``certificateStatus`` (2.x use case C07).

    In OCPP 1.6 a DataTransfer brings the same (application note "Using ISO 15118 Plug & Charge with OCPP 1.6").
    """

    def __init__(self) -> None:
        self._asked: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def read(self, observation: Observation) -> Mapping[str, Any] | None:
        """The fields of the fact that a frame shows; None for most."""
        fields, payload = observation.fields, observation.fields.get("payload")
        if observation.kind != "frame" or not isinstance(payload, Mapping) or fields.get("invalid"):
            return None
        number, to_csms = str(fields.get("message_id")), fields.get("direction") == "to_csms"
        if fields.get("type") == "call" and to_csms and observation.name in ("Authorize", "DataTransfer"):
            self._asked[number] = observation.name, payload
        if fields.get("type") != "result" or to_csms or number not in self._asked:
            return None
        action, asked = self._asked.pop(number)
        if action == "DataTransfer":
            told = exchange(asked, payload)
            if told is None or told.message != "Authorize":
                return None
            asked, payload = told.data, told.answer
        status = payload.get("certificateStatus")
        return None if status is None else {"is": status, "id_tag": emaid(asked)}
