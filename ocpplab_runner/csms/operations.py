"""The table of version-neutral CSMS operations: which OCPP call each one is, in 1.6 and in 2.x. Pure.

What is left out of the fields: ``remote_start`` and ``reserve_now`` without an EVSE leave the choice to the station
(1.6 ReserveNow: connectorId 0); ``unlock`` means connector 1 of EVSE 1; ``change_availability`` and ``reset`` mean the
whole station; ``remote_stop`` the transaction that started last; ``cancel_reservation`` the reservation made last.
"""

from __future__ import annotations

from dataclasses import replace

from ocpplab_runner.csms import operations_v2, operations_v16
from ocpplab_runner.csms.operation_parts import (
    Fields,
    NothingToOperateOn,
    OperationContext,
    OperationNotAvailable,
    Request,
)
from ocpplab_runner.vocabulary.versions import OcppVersion

__all__ = ["OPERATIONS", "NothingToOperateOn", "OperationContext", "OperationNotAvailable", "build"]

_BUILDERS = {
    OcppVersion.V16: operations_v16.BUILDERS,
    OcppVersion.V201: operations_v2.BUILDERS,
    OcppVersion.V21: operations_v2.BUILDERS,
}
#: The names of all operations.
OPERATIONS = frozenset(operations_v16.BUILDERS)


def build(version: OcppVersion, operation: str, fields: Fields, context: OperationContext) -> Request:
    """The OCPP call behind an operation.

    Args:
        version: which the station speaks.
        operation: its name, as the verbs have it.
        fields: as the verb has them, durations as text or in seconds.
        context: the station's state.

    Returns:
        The action and its payload.

    Raises:
        OperationNotAvailable: that version has no such thing.
        NothingToOperateOn: the operation's default is not there.
        ValueError: the fields make no sense; LookupError: there is no such operation.
    """
    if operation not in OPERATIONS:
        raise LookupError(f"the CSMS has no operation {operation!r}")
    return _BUILDERS[version][operation](fields, replace(context, version=version))
