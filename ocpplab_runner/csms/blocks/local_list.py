"""The local authorization list: OCPP 1.6 sections 5.10 and 5.15, D of OCPP 2.x."""

from __future__ import annotations

from ocpplab_runner.csms.core.block import V2, V16, Block, operation
from ocpplab_runner.csms.core.datatypes_v2 import id_token, id_token_info
from ocpplab_runner.csms.core.datatypes_v16 import id_tag_info
from ocpplab_runner.csms.core.id_tokens import Card, Verdict
from ocpplab_runner.csms.core.operations import OperationNotAvailable, Order, Request, given
from ocpplab_runner.vocabulary.statuses import WIRE_AUTHORIZATION_STATUSES


class LocalListBlock(Block):
    """Reads the cards of a list."""

    @operation("get_local_list_version")
    def get_local_list_version(self, _: Order) -> Request:
        """GetLocalListVersion."""
        return "GetLocalListVersion", {}

    def entries(self, order: Order) -> list[tuple[str, str | None, Verdict | None]]:
        """The cards, each with its type; no verdict on one that is to be removed."""
        entries: list[tuple[str, str | None, Verdict | None]] = []
        for token, value in (order.fields.get("entries") or {}).items():
            card = None if value is None else Card.from_given(value)
            if card is None and order.fields.get("update_type", "Full") == "Full":
                raise ValueError(f"a Full list cannot remove {token!r}: leave it out, or send a Differential update")
            if card is None:
                entries.append((str(token), None, None))
            else:
                entries.append((str(token), card.type, self._said_of(card, order)))
        return entries

    def _said_of(self, card: Card, order: Order) -> Verdict:
        version = self.station.version
        assert version is not None
        if card.certificate_status is not None:
            raise ValueError("a local list says nothing of certificates: a card of it has no certificate_status")
        if card.status not in WIRE_AUTHORIZATION_STATUSES[version] and not order.raw:
            raise OperationNotAvailable(f"OCPP {version} has no status {card.status}")
        return Verdict(card.status, card.parent_id_token, card.expiry(order.now))


class LocalListV16(LocalListBlock):
    """Of idTags."""

    versions = V16

    @operation("send_local_list")
    def send_local_list(self, order: Order) -> Request:
        """SendLocalList.req."""
        entries = [
            given(idTag=token, idTagInfo=None if said is None else id_tag_info(said))
            for token, _, said in self.entries(order)
        ]
        return "SendLocalList", given(
            listVersion=order.fields["version"],
            updateType=order.fields.get("update_type", "Full"),
            localAuthorizationList=entries or None,
        )


class LocalListV2(LocalListBlock):
    """Of idTokens."""

    versions = V2

    @operation("send_local_list")
    def send_local_list(self, order: Order) -> Request:
        """D01."""
        entries = [
            given(idToken=id_token(token, kind), idTokenInfo=None if said is None else id_token_info(said))
            for token, kind, said in self.entries(order)
        ]
        return "SendLocalList", given(
            versionNumber=order.fields["version"],
            updateType=order.fields.get("update_type", "Full"),
            localAuthorizationList=entries or None,
        )


LOCAL_LIST = (LocalListV16, LocalListV2)
