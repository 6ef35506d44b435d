"""Asking a station something over OCPP while a case is prepared or wound up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ocpplab_runner.csms import BuiltInCsms, OperationNotAvailable, StationNotConnected
from ocpplab_runner.ocppj.frames import CallError
from ocpplab_runner.ocppj.records import CallFailed, CallTimeout, InvalidMessage, SentCall
from ocpplab_runner.plugin.stage import InfrastructureError
from ocpplab_runner.vocabulary.durations import format_duration

#: Seconds for one that has left a call unanswered before.
_IMPATIENT = 2.0


class RefusedError(Exception):
    """The station would not, or cannot; the text says what it was asked and what it has answered."""


class Questions:
    """Calls of the CSMS, one after the other.

    Args:
        csms: that the station dials.
        identity: of the station.
        limit: seconds for each answer.
    """

    def __init__(self, csms: BuiltInCsms, identity: str, limit: float) -> None:
        self._csms, self._identity, self._limit = csms, identity, limit
        self._silent = False

    async def ask(self, action: str, payload: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """The payload of the answer.

        Raises:
            RefusedError: a CALLERROR, or no valid message of its version.
            InfrastructureError: no answer, or no connection.
        """
        return await self._answered(action, lambda: self._csms.call(self._identity, action, payload))

    async def operate(self, operation: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload of the answer to a version-neutral operation; raises as :meth:`ask`."""
        return await self._answered(operation, lambda: self._csms.operate(self._identity, operation, fields))

    async def demand(self, action: str, payload: Mapping[str, Any] | None = None) -> str:
        """The status of an answer that accepts, in one of its forms; raises as :meth:`ask`, and for any other."""
        return accepted(action, await self.ask(action, payload))

    async def _answered(self, what: str, send: Any) -> Mapping[str, Any]:
        limit = min(self._limit, _IMPATIENT) if self._silent else self._limit
        try:
            sent: SentCall = send()
            async with asyncio.timeout(limit):
                # That we give up must not cancel what the session still waits for.
                answer = await asyncio.shield(sent.future)
        except (StationNotConnected, CallTimeout, TimeoutError) as error:
            if isinstance(error, StationNotConnected):
                raise InfrastructureError(f"{self._identity} is not connected any more", reached=True) from error
            self._silent = True
            raise InfrastructureError(
                f"{self._identity} has not answered {what} within {format_duration(limit)}", reached=True
            ) from error
        except (InvalidMessage, OperationNotAvailable, LookupError, ValueError) as error:
            raise RefusedError(f"{what}: {error}") from error
        except CallFailed as error:
            raise InfrastructureError(f"{self._identity}: {what}: {error}", reached=True) from error
        self._silent = False
        if isinstance(answer, CallError):
            raise RefusedError(f"{sent.action} was answered with the CALLERROR {answer.code}")
        payload = answer.payload
        if not isinstance(payload, Mapping):
            raise RefusedError(f"{sent.action} was answered with what is no payload")
        return payload


def accepted(action: str, answer: Mapping[str, Any]) -> str:
    """The status of an answer that accepts.

    Raises:
        RefusedError: it does not.
    """
    status = str(answer.get("status"))
    if status not in ("Accepted", "Scheduled", "RebootRequired"):
        raise RefusedError(f"{action} was answered {status}")
    return status
