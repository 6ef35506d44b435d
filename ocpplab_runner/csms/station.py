"""One station as the CSMS serves it: its present connection, its state, and its programmed answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from ocpplab_runner.clock import now
from ocpplab_runner.csms.assembly import VIOLATIONS, Blocks
from ocpplab_runner.csms.core.config import Registration
from ocpplab_runner.csms.core.state import CsmsState, StationState
from ocpplab_runner.csms.core.transactions import TransactionRecord
from ocpplab_runner.ocppj.closing import Ended
from ocpplab_runner.ocppj.frames import Answer, Call, CallResult
from ocpplab_runner.ocppj.records import (
    NO_REPLY,
    CallTimeout,
    FrameRecord,
    HandlerError,
    HandlerResult,
    PeerViolation,
    Reply,
    SentCall,
)
from ocpplab_runner.ocppj.reply_rules import Error, Garbage, Payload, ReplyRule, RuleBook, Silence
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.vocabulary.versions import OcppVersion


class CsmsObserver(Protocol):
    """Hears of everything that the CSMS sees, station by station. Must not raise."""

    def frame(self, identity: str, record: FrameRecord) -> None:
        """A text was sent to the station or came from it."""

    def violation(self, identity: str, violation: PeerViolation) -> None:
        """The station broke the protocol; reported after the frame that shows it."""

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        """Something that no frame shows: ``connection`` with ``is`` opened or closed."""

    def note(self, identity: str, text: str) -> None:
        """Something a reader of the trace wants."""


class StationNotConnected(LookupError):
    """The CSMS cannot call a station that has no connection."""


class StationSession:
    """One station; it outlives its connections.

    Args:
        identity: the station's identity.
        shared: what all stations share.
        observer: hears of its frames and violations.

    Attributes:
        session: its present connection, or None.
        rules: how its next calls are answered.
    """

    def __init__(self, identity: str, shared: CsmsState, observer: CsmsObserver) -> None:
        self.session: Session | None = None
        self.rules = RuleBook(shared.config.replies)
        self._observer = observer
        self._state = self._new_state(identity, shared)
        self._blocks: Blocks
        #: Message ids of calls that have no answer yet, of this case and of earlier ones.
        self._open: set[str] = set()
        self._earlier: set[str] = set()
        self._calls: list[SentCall] = []

    def begin_case(self, shared: CsmsState, observer: CsmsObserver) -> None:
        """Forget what an earlier case has given and seen; the connection stays, and the station is registered.

        What was called then and not answered belongs to no case any more: neither its answer nor its lack is told, and
        what still waited for its turn is not sent.
        """
        for sent in self._calls:
            if not sent.sent:
                sent.future.cancel()
        self._calls.clear()
        before, self._observer = self._state, observer
        self._earlier, self._open = self._earlier | self._open, set()
        self.rules = RuleBook(shared.config.replies)
        self._state = self._new_state(self.identity, shared, before.registration)
        if self.session is not None:
            self._state.version = before.version
            self._blocks = Blocks(self._state)

    def forget(self, shared: CsmsState) -> None:
        """Forget what it has done; how its next calls are answered stays as it is. It has no connection."""
        self._state = self._new_state(self.identity, shared)

    def _new_state(self, identity: str, shared: CsmsState, registration: Registration | None = None) -> StationState:
        return StationState(identity, shared, self._violation, send=self._by_itself, registration=registration)

    @property
    def identity(self) -> str:
        """Its identity."""
        return self._state.identity

    @property
    def connected(self) -> bool:
        """Whether it has a connection."""
        return self.session is not None

    @property
    def registration(self) -> Registration | None:
        """Its registration status; None before its first BootNotification has been answered."""
        return self._state.registration

    async def accepted(self) -> None:
        """Return as soon as its boot is accepted."""
        await self._state.accepted.wait()

    @property
    def running_transactions(self) -> tuple[TransactionRecord, ...]:
        """Its running transactions, the latest last."""
        return self._state.running

    # -- the connection -------------------------------------------------------------------------------------------

    def connect(self, session: Session) -> Session | None:
        """Serve it over this session from now on; returns the one that is replaced."""
        replaced, self.session = self.session, session
        if self._state.version is not session.version:
            self._state.version = session.version
            self._blocks = Blocks(self._state)
        self._observer.fact(self.identity, "connection", {"is": "opened"})
        return replaced

    def disconnect(self, session: Session, end: Ended) -> None:
        """A session has ended; nothing changes when another has replaced it."""
        if self.session is session:
            self.session = None
            self._observer.fact(self.identity, "connection", {"is": "closed", **end.fields})

    def frame(self, record: FrameRecord) -> None:
        """Session observer: pass a frame on, unless it answers a call of an earlier case."""
        message = record.message
        if isinstance(message, Call):
            # A peer may give an id again: then it is of this case.
            self._earlier.discard(message.message_id)
            self._open.add(message.message_id)
        elif message.message_id in self._earlier:
            return
        elif message.message_id is not None:
            self._open.discard(message.message_id)
        self._observer.frame(self.identity, record)

    def violation(self, violation: PeerViolation) -> None:
        """Session observer: pass a violation on, unless it is about a call of an earlier case."""
        if violation.message_id is None or violation.message_id not in self._earlier:
            self._observer.violation(self.identity, violation)

    # -- the CSMS calls -------------------------------------------------------------------------------------------

    def operate(self, operation: str, fields: Mapping[str, Any], *, raw: bool) -> SentCall:
        """Do a version-neutral operation; see :meth:`BuiltInCsms.operate`."""
        session = self._require_session()
        action, payload = self._blocks.operation(operation, fields, raw=raw)
        return self._send(session, action, payload, raw)

    def call(self, action: str, payload: Any, *, raw: bool) -> SentCall:
        """Send any call; see :meth:`BuiltInCsms.call`."""
        return self._send(self._require_session(), action, payload, raw)

    def _send(self, session: Session, action: str, payload: Any, raw: bool) -> SentCall:
        sent = session.enqueue(action, payload, validate=not raw)
        self._calls = [*(open_call for open_call in self._calls if not open_call.future.done()), sent]
        # After the queue has taken it: what is no valid message has asked for nothing.
        self._blocks.sent(action, payload)
        sent.future.add_done_callback(lambda future: self._replied(sent, payload, future))
        if not (session.version is OcppVersion.V16 and self.registration == "Rejected"):  # 1.6 4.2: it is silent then
            sent.future.add_done_callback(lambda future: self._check_answer(sent, future))
        return sent

    def _replied(self, sent: SentCall, payload: Any, future: asyncio.Future[Answer]) -> None:
        # What an earlier case has called is not among these any more.
        if not future.cancelled() and future.exception() is None and sent in self._calls:
            answer = future.result()
            if isinstance(answer, CallResult):
                self._blocks.replied(sent.action, payload, answer.payload)

    def _by_itself(self, action: str, payload: Mapping[str, Any]) -> None:
        """Send a call that a block wants sent, if there is a connection."""
        if self.session is not None:
            self._send(self.session, action, dict(payload), raw=False)

    def _check_answer(self, sent: SentCall, future: asyncio.Future[Answer]) -> None:
        if not future.cancelled() and isinstance(error := future.exception(), CallTimeout):
            text = f"{sent.action} was not answered within {error.timeout:g} s"
            self._report("no-answer", text, sent.message_id, sent.action)

    def _require_session(self) -> Session:
        if self.session is None:
            raise StationNotConnected(f"{self.identity} is not connected to the CSMS")
        return self.session

    # -- the station calls ----------------------------------------------------------------------------------------

    def handle(self, call: Call) -> HandlerResult | Awaitable[HandlerResult]:
        """Answer a valid call: as programmed, else as OCPP says."""
        state = self._state
        refused = not state.may_send(call.action)
        if state.booted_before:
            self._ask_for_boot(call)
        if refused:
            self._violation(
                call,
                "message-before-boot",
                f"{call.action} while the registration status is {state.registration or 'not yet given'}",
            )
        rule = self.rules.take(call.action, call.payload)
        delay = state.shared.config.delay_of(call.action)
        if rule is not None:
            # A rule's own delay stands in for that of all answers.
            return self._programmed(call, rule, refused, rule.delay or delay)
        return self._late(call, refused, delay) if delay else self._usual(call, refused)

    async def _late(self, call: Call, refused: bool, delay: float) -> dict[str, Any]:
        await asyncio.sleep(delay)
        return self._usual(call, refused)

    def _ask_for_boot(self, call: Call) -> None:
        """Ask a station that has booted with a CSMS before this one for another boot, once, where its answer matters.

        None is asked of one that boots with this very call.

        It need not do so: 1.6 has no such feature in every station, and 2.0.1 lets one that is registered refuse
        (F06.FR.17).
        """
        state, session = self._state, self.session
        if session is None or call.action == "BootNotification" or "BootNotification" in state.triggered:
            return
        if not state.shared.config.boot_matters:
            return
        self._send(session, "TriggerMessage", {"requestedMessage": "BootNotification"}, raw=False)

    def _usual(self, call: Call, refused: bool) -> dict[str, Any]:
        answer = self._process(call, refused)
        self._blocks.answered(call, answer, programmed=False)
        return answer

    async def _programmed(self, call: Call, rule: ReplyRule, refused: bool, delay: float) -> HandlerResult:
        # The station may have connected anew when the answer is due; garbage goes where it was called.
        session = self.session
        if delay:
            await asyncio.sleep(delay)
        if not rule.processes:
            self._blocks.unprocessed(call)
        action = rule.apply(self._process_for(rule, call, refused))
        match action:
            case Error(code, description):
                raise HandlerError(code, description)
            case Silence():
                return NO_REPLY
            case Garbage(text):
                if session is not None:
                    session.send_raw(text)
                return NO_REPLY
            case Payload(payload):
                self._blocks.answered(call, payload, programmed=rule.answer is not None)
                # A scenario may programme an answer that breaks its schema.
                return Reply(payload, validate=False)

    def _process_for(self, rule: ReplyRule, call: Call, refused: bool) -> dict[str, Any] | None:
        if not rule.processes:
            return None
        try:
            return self._process(call, refused)
        except HandlerError:
            if rule.answer is None:
                raise
            return None  # the whole answer is programmed: what would have been an error does not matter

    def _process(self, call: Call, refused: bool) -> dict[str, Any]:
        # 2.x has such a call answered SecurityError (B02.FR.09, B03.FR.07); 1.6 says nothing of an answer.
        if refused and self._state.version is not OcppVersion.V16:
            raise HandlerError("SecurityError", "the boot has not been accepted")
        dialect = self._blocks.dialect
        if call.action in dialect.answers:
            return self._blocks.answer(call)
        if call.action in dialect.not_done:
            raise HandlerError("NotSupported", f"this CSMS does not do {call.action}")
        self._violation(call, "wrong-direction", f"{call.action} is a message for a station, not from one")
        raise HandlerError("NotSupported", f"{call.action} is not for a CSMS")

    def _violation(self, call: Call, code: str, description: str) -> None:
        self._report(code, description, call.message_id, call.action)

    def _report(self, code: str, description: str, message_id: str, action: str) -> None:
        assert self._state.version is not None
        weight = VIOLATIONS[code].weight(self._state.version)
        self.violation(PeerViolation(now(), code, description, message_id, action, weight))
