"""The two sides of a stage: a charger, simulated or behind a Gateway; and a CSMS, built in or somebody else's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from ocpplab_runner.csms import (
    BuiltInCsms,
    NoAddressKnown,
    NothingToOperateOn,
    OperationNotAvailable,
    StationNotConnected,
)
from ocpplab_runner.ocppj.frames import CallError
from ocpplab_runner.ocppj.records import CallFailed, InvalidMessage
from ocpplab_runner.plugin.stage import BlockedError, InfrastructureError, Outcome, SentCall
from ocpplab_runner.plugin.verb import StepError
from ocpplab_runner.targets.secure import SecureWorld
from ocpplab_runner.vocabulary.durations import seconds_of

Fields = Mapping[str, Any]
#: Commands that are about the CSMS and no call of it.
CSMS_COMMANDS = frozenset({"update_id_tokens", "csms", "csms_tls", "sign_certificates"})


class ChargerSide(Protocol):
    """One charger of a case, whoever makes it."""

    @property
    def name(self) -> str:
        """The scenario's name of it."""
        ...

    @property
    def identity(self) -> str:
        """As the CSMS knows it."""
        ...

    async def boot(self, limit: float) -> None:
        """Return when its boot is accepted and every connector is reported; nothing happens the second time."""
        ...

    async def perform(self, command: str, fields: Fields, *, raw: bool = False) -> Outcome:
        """Do a command; raises BlockedError, InfrastructureError, StepError."""
        ...

    async def present(self, card: str, evse_id: int) -> Outcome:
        """Present a card at an EVSE that is the only one plugged; raises as :meth:`perform`."""
        ...

    def status(self, evse_id: int) -> str | None:
        """The status of an EVSE's first connector in neutral words; None before anything is known of it."""
        ...

    def online(self) -> bool:
        """Whether it is connected and has booted."""
        ...

    def accepted(self, card: str) -> bool:
        """Whether a card has been accepted."""
        ...

    async def until(self, holds: Callable[[], bool], what: str, limit: float, *, card: str | None = None) -> None:
        """Wait until something is true of it.

        Args:
            holds: the condition.
            what: the condition in words.
            limit: seconds.
            card: whose acceptance it takes: where its refusal is seen there is nothing to wait for.

        Raises:
            InfrastructureError: it does not become true.
        """
        ...

    def stirred(self) -> None:
        """The CSMS is about to set something off."""
        ...

    async def answered(self) -> None:
        """Return when every call of the charger is answered, where that can be seen; else as :meth:`settle`."""
        ...

    async def settle(self) -> None:
        """Return when what was set off so far can be expected to have shown."""
        ...

    def watermark(self, evidence: str) -> float:
        """The time up to which everything from that evidence source has arrived."""
        ...


class CsmsSide(Protocol):
    """What a stage asks of the CSMS, for a charger's identity."""

    async def operate(self, identity: str, operation: str, fields: Fields, *, raw: bool = False) -> SentCall:
        """Let it do a version-neutral operation; raises BlockedError, InfrastructureError, StepError."""
        ...

    async def call(self, identity: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let it send any OCPP call; raises BlockedError, InfrastructureError, StepError."""
        ...

    async def demand(self, identity: str, operation: str, fields: Fields) -> None:
        """Let it do an operation while a case is set up; raises InfrastructureError: the charger refuses."""
        ...

    def program(self, identity: str, rule: Fields) -> Awaitable[None] | None:
        """Set how it answers that charger's next calls, at once or when the result says so.

        Raises BlockedError, InfrastructureError, StepError, then or now.
        """
        ...

    async def perform(self, command: str, fields: Fields) -> Outcome:
        """Do one of :data:`CSMS_COMMANDS`; raises BlockedError, InfrastructureError, StepError."""
        ...


class BuiltInSide:
    """Our own CSMS.

    Args:
        csms: which has been started.
        world: identity of a station; cards are those of the world that it was given. Those of all unless said.
        secure: does its TLS, where that can be changed.
    """

    def __init__(self, csms: BuiltInCsms, world: str | None = None, secure: SecureWorld | None = None) -> None:
        self._csms, self._world, self._secure = csms, world, secure

    async def operate(self, identity: str, operation: str, fields: Fields, *, raw: bool = False) -> SentCall:
        """Let it do a version-neutral operation."""
        try:
            sent = self._csms.operate(identity, operation, fields, raw=raw)
        except OperationNotAvailable as error:
            raise BlockedError(str(error)) from error
        except NoAddressKnown as error:
            raise BlockedError(f"{operation}: {error}") from error
        except (StationNotConnected, NothingToOperateOn, InvalidMessage, ValueError) as error:
            raise StepError(f"{operation}: {error}") from error
        return SentCall(sent.message_id, sent.action)

    async def call(self, identity: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Let it send any OCPP call."""
        try:
            sent = self._csms.call(identity, action, payload, raw=raw)
        except (StationNotConnected, InvalidMessage, ValueError) as error:
            raise StepError(f"{action}: {error}") from error
        return SentCall(sent.message_id, sent.action)

    async def demand(self, identity: str, operation: str, fields: Fields) -> None:
        """Let it do an operation while a case is set up."""
        try:
            sent = self._csms.operate(identity, operation, fields)
            answer = await sent.future
        except (CallFailed, StationNotConnected, InvalidMessage, OperationNotAvailable) as error:
            raise InfrastructureError(f"the given state was not reached: {error}", reached=True) from error
        status = None if isinstance(answer, CallError) else answer.payload.get("status")
        if status not in ("Accepted", "Scheduled"):
            shown = f"CALLERROR {answer.code}" if isinstance(answer, CallError) else status
            raise InfrastructureError(
                f"the given state was not reached: {sent.action} was answered {shown}", reached=True
            )

    def program(self, identity: str, rule: Fields) -> None:
        """Set how it answers that charger's next calls."""
        try:
            self._csms.program(identity, rule)
        except ValueError as error:
            raise StepError(f"csms_reply: {error}") from error

    async def perform(self, command: str, fields: Fields) -> Outcome:
        """Change what it knows of cards, how it signs, take it out of service, or put it back."""
        if command == "csms_tls":
            if self._secure is None:
                raise BlockedError("the CSMS's TLS stays as it was when it began to listen")
            self._secure.change(fields)
            return Outcome()
        if command == "sign_certificates":
            self._csms.sign_certificates(fields["how"], identity=self._world)
            return Outcome()
        return self._serve(fields) if command == "csms" else self._update_id_tokens(fields)

    def _serve(self, fields: Fields) -> Outcome:
        serves, forgets = fields.get("state") == "started", fields.get("forgets", False)
        if serves is self._csms.in_service:
            return Outcome("refused", reason=f"the CSMS is {'in' if serves else 'out of'} service already")
        if serves:
            self._csms.resume(forgets=forgets)
        else:
            self._csms.suspend(seconds_of(fields["down_for"]) if "down_for" in fields else None, forgets=forgets)
        return Outcome()

    def _update_id_tokens(self, cards: Fields) -> Outcome:
        for card, data in cards.items():
            try:
                self._csms.set_id_token(card, data, identity=self._world)
            except ValueError as error:
                raise StepError(f"update_id_tokens: {error}") from error
        return Outcome()


class ForeignSide:
    """Somebody else's CSMS: it can be asked for nothing."""

    async def operate(self, identity: str, operation: str, fields: Fields, *, raw: bool = False) -> SentCall:
        """Raises BlockedError."""
        raise BlockedError(f"the CSMS is not ours; only it can {operation}")

    async def call(self, identity: str, action: str, payload: Any, *, raw: bool = False) -> SentCall:
        """Raises BlockedError."""
        raise BlockedError(f"the CSMS is not ours; only it can send {action}")

    async def demand(self, identity: str, operation: str, fields: Fields) -> None:
        """Raises BlockedError."""
        raise BlockedError(f"the CSMS is not ours; only it can {operation}")

    def program(self, identity: str, rule: Fields) -> None:
        """Raises BlockedError."""
        raise BlockedError("the CSMS is not ours; its answers cannot be programmed")

    async def perform(self, command: str, fields: Fields) -> Outcome:
        """Raises BlockedError."""
        raise BlockedError(f"the CSMS is not ours; nobody can ask it for {command}")
