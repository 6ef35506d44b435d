"""Authorization: OCPP 1.6 sections 4.1 and 5.4, C of OCPP 2.x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.csms.core.block import V2, V16, Block, answered, answers, operation
from ocpplab_runner.csms.core.datatypes_v2 import judged
from ocpplab_runner.csms.core.datatypes_v16 import id_tag_info
from ocpplab_runner.csms.core.operations import Order, Payload, Request
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerError
from ocpplab_runner.vocabulary.versions import OcppVersion

_CERTIFICATES = frozenset({"certificate", "iso15118CertificateHashData"})


class AuthorizationBlock(Block):
    """The station's cache."""

    @operation("clear_cache")
    def clear_cache(self, _: Order) -> Request:
        """ClearCache."""
        return "ClearCache", {}


class AuthorizationV16(AuthorizationBlock):
    """A card is a text."""

    versions = V16

    @answers("Authorize")
    def authorize(self, call: Call) -> Payload:
        """Authorize.req."""
        return {"idTagInfo": id_tag_info(self.station.verdict(call.payload["idTag"]))}


class AuthorizationV2(AuthorizationBlock):
    """A token has a type, and may come with a certificate."""

    versions = V2

    @answers("Authorize")
    def authorize(self, call: Call) -> Payload:
        """C01."""
        info = judged(self.station, call.payload["idToken"])
        number = call.payload["idToken"]["idToken"]
        tariff = self.station.shared.config.driver_tariffs.get(number.casefold())
        if tariff is None or self.station.version is not OcppVersion.V21 or info["status"] != "Accepted":
            return {"idTokenInfo": info}
        return {"idTokenInfo": info, "tariff": tariff}  # I08

    @answered("Authorize")
    def validated(self, call: Call, answer: Mapping[str, Any], programmed: bool) -> None:
        """Refuse to answer for a contract certificate that nobody has looked at (C07).

        This CSMS validates none: only a scenario that programmes a ``certificateStatus`` says what it is worth.

        Raises:
            HandlerError: NotImplemented.
        """
        if not programmed and _CERTIFICATES & call.payload.keys() and "certificateStatus" not in answer:
            raise HandlerError("NotImplemented", "this CSMS validates no certificates; programme a certificateStatus")


AUTHORIZATION = (AuthorizationV16, AuthorizationV2)
