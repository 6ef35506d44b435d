"""Authorization: OCPP 1.6 sections 4.1 and 5.4, C of OCPP 2.x; contracts in 1.6 by DataTransfer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ocpplab_runner.csms.core.block import V2, V16, Block, answered, answers, operation, vendor
from ocpplab_runner.csms.core.datatypes_v2 import id_token_info, judged
from ocpplab_runner.csms.core.datatypes_v16 import id_tag_info
from ocpplab_runner.csms.core.operations import Order, Payload, Request, given
from ocpplab_runner.csms.core.plug_and_charge import answer as pnc_answer
from ocpplab_runner.ocppj import plug_and_charge
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import HandlerError
from ocpplab_runner.vocabulary.vendors import structure
from ocpplab_runner.vocabulary.versions import OcppVersion

_CERTIFICATES = frozenset({"certificate", "iso15118CertificateHashData"})


class AuthorizationBlock(Block):
    """The station's cache, and contracts."""

    @operation("clear_cache")
    def clear_cache(self, _: Order) -> Request:
        """ClearCache."""
        return "ClearCache", {}

    def certificate_status(self, request: Mapping[str, Any], number: str) -> Payload:
        """What a scenario says of the certificate that a request brings (C07); nobody here looks at it."""
        if not _CERTIFICATES & request.keys():
            return {}
        return given(certificateStatus=self.station.verdict(number).certificate_status)

    @staticmethod
    def refuse_unread(request: Mapping[str, Any], answer: Mapping[str, Any], programmed: bool) -> None:
        """Refuse to answer for a contract certificate that nobody has looked at (C07).

        This CSMS validates none: only a scenario says what it is worth, with the card or with a programmed answer.

        Raises:
            HandlerError: NotImplemented.
        """
        # A programmed answer is the scenario's word, whatever it leaves out.
        if not programmed and _CERTIFICATES & request.keys() and "certificateStatus" not in answer:
            raise HandlerError("NotImplemented", "this CSMS validates no certificates; say its certificate_status")


class AuthorizationV16(AuthorizationBlock):
    """A card is a text, and so is a contract."""

    versions = V16

    @answers("Authorize")
    def authorize(self, call: Call) -> Payload:
        """Authorize.req."""
        return {"idTagInfo": id_tag_info(self.station.verdict(call.payload["idTag"]))}

    @vendor(plug_and_charge.VENDOR, "Authorize")
    def authorize_contract(self, call: Call, data: Mapping[str, Any]) -> Payload:
        """C07."""
        return pnc_answer("Authorize", data, self._contract)

    def _contract(self, data: Mapping[str, Any]) -> Payload:
        number = plug_and_charge.emaid(data)
        info = id_token_info(self.station.verdict(number))
        return {"idTokenInfo": info, **self.certificate_status(data, number)}

    @answered("DataTransfer")
    def validated(self, call: Call, answer: Mapping[str, Any], programmed: bool) -> None:
        """C07."""
        data = structure(call.payload.get("data"))
        told = plug_and_charge.exchange(call.payload, answer)
        if data is not None and told is not None and told.message == "Authorize":
            self.refuse_unread(data, told.answer, programmed)


class AuthorizationV2(AuthorizationBlock):
    """A token has a type, and may come with a certificate."""

    versions = V2

    @answers("Authorize")
    def authorize(self, call: Call) -> Payload:
        """C01, C07."""
        info = judged(self.station, call.payload["idToken"])
        number = call.payload["idToken"]["idToken"]
        told = {"idTokenInfo": info, **self.certificate_status(call.payload, number)}
        tariff = self.station.shared.config.driver_tariffs.get(number.casefold())
        if tariff is None or self.station.version is not OcppVersion.V21 or info["status"] != "Accepted":
            return told
        return {**told, "tariff": tariff}  # I08

    @answered("Authorize")
    def validated(self, call: Call, answer: Mapping[str, Any], programmed: bool) -> None:
        """C07."""
        self.refuse_unread(call.payload, answer, programmed)


AUTHORIZATION = (AuthorizationV16, AuthorizationV2)
