"""What our CSMS would send to a station that another CSMS serves: the OCPP call behind an operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ocpplab_runner.csms.assembly import Blocks
from ocpplab_runner.csms.core.config import CsmsConfig
from ocpplab_runner.csms.core.operations import Request
from ocpplab_runner.csms.core.state import CsmsState, StationState
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.vocabulary.versions import OcppVersion


class Shadow:
    """Knows of one station what its CSMS has asked it for. Made on a running event loop.

    Args:
        identity: of the station.
        version: that it speaks.
    """

    def __init__(self, identity: str, version: OcppVersion) -> None:
        self._identity = identity
        self._version = version
        self._state = self._fresh()
        self._blocks = Blocks(self._state)

    def heard(self, action: str, payload: Any) -> None:
        """Its CSMS has sent it a call."""
        self._blocks.sent(action, payload)

    def replied(self, action: str, payload: Any, answer: Any) -> None:
        """It has answered a call of its CSMS with a result."""
        self._blocks.replied(action, payload, answer)

    def request(
        self,
        operation: str,
        fields: Mapping[str, Any],
        *,
        running: Iterable[tuple[int | str, int | None]] = (),
        raw: bool = False,
    ) -> Request:
        """The call that an operation becomes; see :meth:`ocpplab_runner.csms.assembly.Blocks.operation`.

        Args:
            operation: its name.
            fields: of its verb.
            running: the transactions that run on the station, the latest last: id and EVSE.
            raw: lets through what the version does not have.

        Raises: as that does.
        """
        book = self._state.shared.transactions
        # The caller knows what runs: what it has told before may have ended since.
        for record in self._state.running:
            book.end(record, {})
        for transaction_id, evse_id in running:
            book.start(self._identity, evse_id=evse_id, id_token=None, payload={}, transaction_id=transaction_id)
        return self._blocks.operation(operation, fields, raw=raw)

    def _fresh(self) -> StationState:
        shared = CsmsState(CsmsConfig.from_given({}), first_csms=False)
        return StationState(self._identity, shared, _nobody_minds, version=self._version)


def _nobody_minds(_: Call, __: str, ___: str) -> None:
    """Its own CSMS judges the station."""
