"""The CSMS's side of a charger under test: one that answers as the test says, and the built-in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.csms import BuiltInCsms, CsmsConfig
from ocpplab_runner.ocppj import (
    Answer,
    Call,
    FrameRecord,
    PeerViolation,
    Role,
    Session,
    counter_ids,
)
from ocpplab_runner.ocppj.websocket import Connection, pump, sender, serve
from ocpplab_runner.vocabulary.versions import OcppVersion

Answerer = Mapping[str, Any] | Exception | Callable[[Call], Any]


class AnsweringCsms:
    """Knows no rules: every call has the answer that ``answers`` has for its action, else that of a friendly CSMS.

    Attributes:
        answers: by action, a payload, an exception to raise, or what makes one of them from the call.
        cards: by id tag, a status, or an IdTagInfo (1.6) or IdTokenInfo (2.x); Accepted where it is not there.
        session: that of the connection that was opened last.
        transactions: how many have been started in 1.6, which is the id of the last.
    """

    def __init__(self, version: OcppVersion, answers: Mapping[str, Answerer], cards: Mapping[str, Any]) -> None:
        self._version = version
        self.answers: dict[str, Answerer] = {
            "BootNotification": lambda _: {"status": "Accepted", "currentTime": clock.timestamp(), "interval": 0},
            "Heartbeat": lambda _: {"currentTime": clock.timestamp()},
            "DataTransfer": {"status": "Accepted"},
            "Authorize": self._authorize,
            "StartTransaction": self._start_transaction,
            "TransactionEvent": self._transaction_event,
            **answers,
        }
        self.cards = dict(cards)
        self.session: Session | None = None
        self.transactions = 0
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port of the loopback."""
        self._server = await serve("127.0.0.1", 0, versions=[self._version], on_connection=self._accept)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up."""
        self._server.close()
        await self._server.wait_closed()

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Answer:
        """Send a call, valid or not, and return its answer."""
        assert self.session is not None
        return await self.session.call(action, dict(payload), validate=False)

    async def _accept(self, connection: Connection) -> None:
        self.session = Session(
            version=connection.version,
            role=Role.CSMS,
            send_text=sender(connection.ws),
            handler=self._answer,
            observer=_Deaf(),
            next_id=counter_ids("csms-"),
        )
        await pump(connection.ws, self.session)

    def _answer(self, call: Call) -> Any:
        answer = self.answers.get(call.action, {})
        if isinstance(answer, Exception):
            raise answer
        return answer(call) if callable(answer) else dict(answer)

    def _authorize(self, call: Call) -> dict[str, Any]:
        if "idTag" in call.payload:
            return {"idTagInfo": self._info(call.payload["idTag"])}
        return {"idTokenInfo": self._info(call.payload["idToken"]["idToken"])}

    def _start_transaction(self, call: Call) -> dict[str, Any]:
        self.transactions += 1
        return {"transactionId": self.transactions, "idTagInfo": self._info(call.payload["idTag"])}

    def _transaction_event(self, call: Call) -> dict[str, Any]:
        return self._authorize(call) if "idToken" in call.payload else {}

    def _info(self, card: str) -> dict[str, Any]:
        known = self.cards.get(card, "Accepted")
        return {"status": known} if isinstance(known, str) else dict(known)


class MindingCsms(BuiltInCsms):
    """The built-in CSMS with one station; what it minds is told to ``mind``.

    Args:
        given: ``given.csms``.
        identity: the station's.
        mind: told each violation.
        random: for what the CSMS chooses.
    """

    def __init__(self, given: Mapping[str, Any], identity: str, mind: Callable[[str], None], random: Random) -> None:
        super().__init__(CsmsConfig.from_given(given), observer=_Minding(mind), random=random)
        self._identity = identity

    @property
    def session(self) -> Session | None:
        """That of the station."""
        return self.stations[self._identity].session

    async def ask(self, action: str, payload: Mapping[str, Any]) -> Answer:
        """Send a call, valid or not, and return its answer."""
        return await self.call(self._identity, action, payload).future

    async def perform(self, operation: str, fields: Mapping[str, Any]) -> Answer:
        """A version-neutral operation; returns its answer."""
        return await self.operate(self._identity, operation, fields).future


class _Minding:
    def __init__(self, mind: Callable[[str], None]) -> None:
        self._mind = mind

    def frame(self, identity: str, record: FrameRecord) -> None: ...

    def violation(self, identity: str, violation: PeerViolation) -> None:
        self._mind(f"charger: {violation.code} {violation.description}")

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None: ...

    def note(self, identity: str, text: str) -> None: ...


class _Deaf:
    def frame(self, record: FrameRecord) -> None: ...

    def violation(self, violation: PeerViolation) -> None: ...
