"""Authorization in OCPP 2.x: use cases C01, C07 and C11."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ocpplab_runner.authorization.local_decision import AuthorizationPolicy
from ocpplab_runner.authorization.types import (
    AuthorizationStatus,
    CertificateStatus,
    IdToken,
    ValidationResult,
)
from ocpplab_runner.charger.blocks.authorization.block import Authorization
from ocpplab_runner.charger.blocks.authorization.contract import Contract
from ocpplab_runner.charger.core.block import V2, Payload, answers
from ocpplab_runner.charger.core.datatypes_v2 import id_token, languages_of, rejected, verdict_of
from ocpplab_runner.charger.core.events import DriverSpeaks, EnergyTransferAllowed
from ocpplab_runner.charger.core.model import Outgoing
from ocpplab_runner.charger.core.services.payments import TARIFFS
from ocpplab_runner.charger.core.variables import Variable, constant, of_2x
from ocpplab_runner.ocppj.records import HandlerResult


class AuthorizationV2(Authorization):
    """A token has a type, and may bring a contract certificate."""

    versions = V2
    sends = frozenset({"Authorize"})

    def variables(self) -> Iterable[Variable]:
        """AuthCtrlr and AuthCacheCtrlr."""
        return (
            *super().variables(),
            constant("AuthCacheCtrlr", "Available", "boolean", "true"),
            of_2x("AuthCacheCtrlr", "DisablePostAuthorize", "boolean", "false", mutability="ReadWrite"),
            of_2x("AuthCtrlr", "Enabled", "boolean", "true", mutability="ReadWrite"),
            of_2x("AuthCtrlr", "DisableRemoteAuthorization", "boolean", "false", mutability="ReadWrite"),
        )

    def policy(self) -> AuthorizationPolicy:
        """With what only 2.x can set."""
        policy = super().policy()
        variables = self.context.variables
        return replace(
            policy,
            authorization_enabled=variables.boolean("AuthCtrlr.Enabled"),
            disable_remote_authorization=variables.boolean("AuthCtrlr.DisableRemoteAuthorization"),
            list_disable_post_authorize=policy.local_list_enabled
            and variables.boolean("LocalAuthListCtrlr.DisablePostAuthorize"),
            cache_disable_post_authorize=variables.boolean("AuthCacheCtrlr.DisablePostAuthorize"),
        )

    def request(self, token: IdToken, contract: Contract | None = None) -> Outgoing:
        """C01; with a contract certificate C07: its OCSP data, or itself for the CSMS to validate."""
        more = {} if contract is None else contract.wire
        return Outgoing("Authorize", {"idToken": id_token(token), **more})

    def verdict(self, token: IdToken, payload: Mapping[str, Any]) -> ValidationResult:
        """C01, C07 where a contract certificate was sent, and I08 where the driver has a tariff of their own."""
        info = payload["idTokenInfo"]
        result = verdict_of(info)
        tariff = payload.get("tariff")
        if result.accepted and tariff is not None and not self.context.ask(TARIFFS).driver_tariff(token, tariff):
            result = replace(result, authorization_status=AuthorizationStatus.INVALID)
        if result.accepted and (languages := languages_of(info)):
            self.context.events.tell(DriverSpeaks(languages))
        if "allowedEnergyTransfer" in payload:
            self.context.events.tell(EnergyTransferAllowed(token, payload["allowedEnergyTransfer"]))
        certificate = payload.get("certificateStatus")
        return result if certificate is None else replace(result, certificate_status=CertificateStatus(certificate))

    @answers("ClearCache", while_pending=True)
    def clear_cache(self, _: Payload) -> HandlerResult:
        """C11."""
        if not self.context.variables.boolean("cache_enabled"):  # C11.FR.04
            return rejected("NotEnabled")
        self.cache.clear()
        return {"status": "Accepted"}
