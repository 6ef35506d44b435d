"""Authorization in OCPP 1.6: Authorize (section 4.1), by DataTransfer for contracts, and ClearCache (section 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.authorization.types import CertificateStatus, IdToken, ProvidedIdToken, ValidationResult
from ocpplab_runner.charger.blocks.authorization.block import Authorization
from ocpplab_runner.charger.blocks.authorization.contract import Contract, as_provided
from ocpplab_runner.charger.core import datatypes_v2, plug_and_charge
from ocpplab_runner.charger.core.block import V16, Payload, answers
from ocpplab_runner.charger.core.datatypes_v16 import validation_result
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.ocppj.plug_and_charge import answered, wrong_request
from ocpplab_runner.ocppj.records import HandlerResult

_AUTHORIZE = "Authorize"


class AuthorizationV16(Authorization):
    """A token is its idTag; that of a contract is asked about as the application note on Plug & Charge has it."""

    versions = V16
    sends = frozenset({"Authorize", "DataTransfer"})

    def request(self, token: IdToken, contract: Contract | None = None) -> Outgoing:
        """Authorize.req."""
        if contract is not None:
            return plug_and_charge.message(_AUTHORIZE, {"idToken": token.value, **contract.wire})
        return Outgoing(_AUTHORIZE, {"idTag": token.value})

    def wrong(self, provided: ProvidedIdToken) -> str | None:
        """Its value must be an idTag: in transactions it is."""
        contract = as_provided(provided)
        as_card = super().wrong(ProvidedIdToken(provided.id_token))
        if contract is None or as_card is not None:
            return as_card
        return wrong_request(_AUTHORIZE, {"idToken": provided.id_token.value, **contract.wire})

    def verdict(self, token: IdToken, payload: Mapping[str, Any]) -> ValidationResult:
        """Authorize.conf, by itself or in DataTransfer.conf."""
        if "idTagInfo" in payload:
            return validation_result(payload["idTagInfo"])
        told = answered(_AUTHORIZE, payload)
        result, status = datatypes_v2.verdict_of(told["idTokenInfo"]), told.get("certificateStatus")
        return result if status is None else replace(result, certificate_status=CertificateStatus(status))

    @answers("ClearCache")
    def clear_cache(self, _: Payload) -> HandlerResult:
        """ClearCache.req."""
        if not self.context.variables.boolean("cache_enabled"):
            return {"status": "Rejected"}
        self.cache.clear()
        return {"status": "Accepted"}
