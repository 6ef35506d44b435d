"""What makes somebody else's CSMS act: it starts transactions, changes settings, sends lists, answers as programmed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner.vocabulary.versions import OcppVersion

#: What a driver can be asked for besides the verbs of the CSMS: to begin a case with what ``given.csms`` says.
BEGIN_CASE = "begin_case"


class OrderRefusedError(Exception):
    """The CSMS would not do it: what was asked makes no sense to it, or cannot be now. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsmsOrder:
    """Something that the CSMS shall do.

    Attributes:
        station: identity of the charger.
        version: the OCPP version that it speaks in this case.
        operation: a verb of the CSMS (``remote_start``, ``csms_call``, ``csms_reply``, ``update_id_tokens`` …) or
            :data:`BEGIN_CASE`.
        fields: of the verb, as a scenario gives them, with the real cards; of a case that begins: ``stations`` (the
            identities of its chargers), ``csms`` (``given.csms``), ``own_heartbeat`` (those of the identities whose
            charger has an interval of its own, which the boot answer must leave alone).
        action: the OCPP call that the verb becomes in that version; None where it becomes none.
        payload: of that call, as our own CSMS would send it.
        raw: whether the payload may break its schema.
    """

    station: str
    version: OcppVersion
    operation: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    action: str | None = None
    payload: Any = None
    raw: bool = False


class CsmsDriver(ABC):
    """The way to what a CSMS can be told besides OCPP. Made before any event loop runs.

    Attributes:
        limit: seconds in which the charger must have got the call that the CSMS has accepted to send.
    """

    limit: float = 30.0

    @property
    @abstractmethod
    def operations(self) -> Collection[str]:
        """The verbs of the CSMS that it can do, and :data:`BEGIN_CASE` where it can."""

    @abstractmethod
    async def perform(self, order: CsmsOrder) -> str | None:
        """Have it done; return when the CSMS has taken it on.

        Returns:
            The message id of the call that the CSMS makes, where it says so; else the call is found at the charger.

        Raises:
            OrderRefusedError: the CSMS would not.
            BlockedError: it cannot: it lacks that, or the station's OCPP version does.
            InfrastructureError: it is in trouble, or cannot be reached.
        """

    def why_not(
        self, operation: str, fields: Collection[str], version: OcppVersion, *, raw: bool = False
    ) -> str | None:
        """Why it cannot do one of its operations so, in one sentence; None when it can. Asked before anything runs.

        Args:
            operation: one of :attr:`operations`.
            fields: names of the fields that a scenario gives.
            version: the OCPP version.
            raw: whether the payload may break its schema.
        """
        return None

    @property
    def secrets(self) -> Sequence[str]:
        """What it was told that must be shown nowhere, such as passwords."""
        return ()

    async def close(self) -> None:
        """The worker's last case is over."""
        return
