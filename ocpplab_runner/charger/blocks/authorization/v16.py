"""Authorization in OCPP 1.6: Authorize (section 4.1) and ClearCache (section 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.authorization.types import IdToken, ProvidedIdToken, ValidationResult
from ocpplab_runner.charger.blocks.authorization.block import Authorization
from ocpplab_runner.charger.core.block import V16, Payload, answers
from ocpplab_runner.charger.core.datatypes_v16 import validation_result
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.ocppj.records import HandlerResult


class AuthorizationV16(Authorization):
    """A token is its idTag; 1.6 carries no certificates."""

    versions = V16
    sends = frozenset({"Authorize"})

    def request(self, token: IdToken, provided: ProvidedIdToken | None = None) -> Outgoing:
        """Authorize.req."""
        return Outgoing("Authorize", {"idTag": token.value})

    def verdict(self, token: IdToken, payload: Mapping[str, Any]) -> ValidationResult:
        """Authorize.conf."""
        return validation_result(payload["idTagInfo"])

    @answers("ClearCache")
    def clear_cache(self, _: Payload) -> HandlerResult:
        """ClearCache.req."""
        if not self.context.variables.boolean("cache_enabled"):
            return {"status": "Rejected"}
        self.cache.clear()
        return {"status": "Accepted"}
