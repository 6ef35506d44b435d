"""OCPP 1.6's data types. Pure."""

from __future__ import annotations

from ocpplab_runner.clock import timestamp
from ocpplab_runner.csms.core.id_tokens import Verdict
from ocpplab_runner.csms.core.operations import OperationNotAvailable, Order, Payload, given


def id_tag_info(verdict: Verdict) -> Payload:
    """OCPP 1.6 section 7.27 IdTagInfo."""
    expiry = None if verdict.expiry is None else timestamp(verdict.expiry)
    return given(status=verdict.status.value, expiryDate=expiry, parentIdTag=verdict.parent_id_token)


def connector(order: Order, default: int) -> int:
    """The connectorId that is meant: every EVSE has one connector and gives it its number."""
    if order.fields.get("connector_id", 1) != 1:
        raise OperationNotAvailable("an EVSE of OCPP 1.6 has one connector: there is no connector_id above 1")
    wanted: int = order.fields.get("evse_id", 1 if "connector_id" in order.fields else default)
    return wanted
