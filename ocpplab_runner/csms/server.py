"""The built-in CSMS: a WebSocket server for any number of stations."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from random import Random
from types import MappingProxyType
from typing import Any

from websockets.frames import CloseCode

from ocpplab_runner.clock import utcnow
from ocpplab_runner.csms.core.authorities import Authorities
from ocpplab_runner.csms.core.config import CsmsConfig
from ocpplab_runner.csms.core.id_tokens import Card
from ocpplab_runner.csms.core.state import CsmsState
from ocpplab_runner.csms.core.transactions import TransactionBook
from ocpplab_runner.csms.station import CsmsObserver, StationSession
from ocpplab_runner.ocppj.closing import Ended
from ocpplab_runner.ocppj.ids import uuid_ids
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation, Role, SentCall
from ocpplab_runner.ocppj.reply_rules import ReplyRule, RuleBook
from ocpplab_runner.ocppj.session import Session
from ocpplab_runner.ocppj.websocket import Connection, Server, WebSocket, close, pump, sender, serve
from ocpplab_runner.vocabulary.certificates import Signing
from ocpplab_runner.vocabulary.versions import OcppVersion

_OUT_OF_SERVICE = "the CSMS is out of service"
Authenticate = Callable[[str, tuple[str, str] | None], bool | HTTPStatus]
#: Gets the identity of a station that was not let in, and why.
Refused = Callable[[str, str], None]


class _Nobody:
    """Between two cases nobody listens."""

    def frame(self, identity: str, record: FrameRecord) -> None:
        """Not told."""

    def violation(self, identity: str, violation: PeerViolation) -> None:
        """Not told."""

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        """Not told."""

    def note(self, identity: str, text: str) -> None:
        """Not told."""


class BuiltInCsms:
    """A CSMS that knows what a scenario gives and answers as a scenario programs.

    Made on a running event loop: expiry dates of cards count from then.

    Args:
        config: what it knows.
        observer: hears of every frame, violation and connection.
        random: source of the message ids of its calls.
        first_csms: True when no station can have had another CSMS before. Otherwise a station that sends no
            BootNotification has booted with an earlier one, transactions that this one has not seen begin may be
            older, and neither is held against it.
    """

    def __init__(self, config: CsmsConfig, *, observer: CsmsObserver, random: Random, first_csms: bool = False) -> None:
        self._observer = observer
        self._next_id = uuid_ids(random)
        #: Its test CAs: the same for all cases.
        self.authorities = Authorities(random)
        self._state = CsmsState(config, first_csms=first_csms, authorities=self.authorities)
        #: What some stations were given of their own.
        self._own: dict[str, CsmsState] = {}
        self._stations: dict[str, StationSession] = {}
        self._sockets: dict[Session, WebSocket] = {}
        self._waiting: dict[str, asyncio.Future[StationSession]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._servers: list[Server] = []
        self._back: asyncio.TimerHandle | None = None
        #: Whether stations are let in; see :meth:`suspend`.
        self.in_service = True
        self._forgets = False

    @classmethod
    def for_nobody(cls, random: Random) -> BuiltInCsms:
        """One that knows nothing and tells nobody, until its first :meth:`begin_case`."""
        return cls(CsmsConfig.from_given({}), observer=_Nobody(), random=random)

    def begin_case(self, config: CsmsConfig, observer: CsmsObserver) -> None:
        """Serve another case: connections stay, what an earlier case has given, programmed and seen does not.

        Args:
            config: what the CSMS knows from now on; expiry dates of cards count from now.
            observer: hears of everything from now on.
        """
        self._observer = observer
        # What may still be mended by what comes is judged now: it belongs to the case that ends.
        self._close_patience()
        self._own.clear()
        # What a station remembers of its earlier case is to the new one what another CSMS has seen.
        first = self._state.first_csms and not self._stations
        self._state = CsmsState(config, first_csms=first, authorities=self.authorities)
        for identity, station in list(self._stations.items()):
            if station.connected:
                station.begin_case(self._state, observer)
            else:
                del self._stations[identity]

    def give(self, config: CsmsConfig, identities: Iterable[str]) -> None:
        """Serve another case for some stations only: they share a world of their own from now on.

        Connections stay; what these stations were given, programmed and have done before is forgotten.

        Args:
            config: what the CSMS knows, for them; expiry dates of cards count from now.
            identities: of stations, which need not have connected yet.
        """
        state = CsmsState(config, first_csms=False, authorities=self.authorities)
        for identity in identities:
            self._own[identity] = state
            station = self._stations.get(identity)
            if station is not None and station.connected:
                station.begin_case(state, self._observer)
            else:
                self._stations[identity] = StationSession(identity, state, self._observer)

    async def start(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        versions: Sequence[OcppVersion] = tuple(OcppVersion),
        ssl: tls.SSLContext | None = None,
        authenticate: Authenticate | None = None,
        path: str | None = None,
        refused: Refused | None = None,
        owners: bool = False,
        backlog: int = 8192,
    ) -> None:
        """Listen for stations; called again, at one address more.

        Args:
            host: a numeric address.
            port: 0 picks a free one; see :attr:`port`.
            versions: spoken, the preferred one first.
            ssl: a server context for ``wss://``.
            authenticate: gets identity and basic-auth credentials; see :func:`ocpplab_runner.ocppj.websocket.serve`.
                Where it is not given, the passwords of the configuration count, and those that stations have taken
                since.
            path: what must stand before the identity in the URL's path; anything may unless it is given.
            refused: hears of the identities that were not let in, and why.
            owners: see :func:`ocpplab_runner.ocppj.websocket.serve`.
            backlog: connections that may wait to be accepted; at least the number of stations.

        Raises:
            OSError: it cannot listen there.
        """

        def admit(identity: str, credentials: tuple[str, str] | None) -> bool | HTTPStatus:
            if not self.in_service:
                return HTTPStatus.SERVICE_UNAVAILABLE
            return (authenticate or self._state_of(identity).passwords.judge)(identity, credentials)

        server = await serve(
            host,
            port,
            versions=versions,
            on_connection=self._serve_station,
            ssl=ssl,
            authenticate=admit,
            path=path,
            refused=refused,
            owners=owners,
            backlog=backlog,
        )
        self._servers.append(server)

    def suspend(self, seconds: float | None = None, *, forgets: bool = False) -> None:
        """Go out of service: close every connection, and answer who dials with HTTP 503, as a proxy would.

        The port stays ours, so that the stations find the same CSMS again.

        Args:
            seconds: until it is back by itself; None for :meth:`resume` alone.
            forgets: see :meth:`resume`.
        """
        self.in_service, self._forgets = False, forgets
        self.hang_up(_OUT_OF_SERVICE)
        if seconds is not None:
            self._back = asyncio.get_running_loop().call_later(seconds, self.resume)

    def resume(self, *, forgets: bool = False) -> None:
        """Be in service again; nothing happens when it is.

        Args:
            forgets: whether what it has seen is gone, as after the change to another CSMS: boots, transactions,
                reservations. What it was given and programmed is not.
        """
        if self.in_service:
            return
        self.in_service = True
        if self._back is not None:
            self._back.cancel()
            self._back = None
        if forgets or self._forgets:
            self._close_patience()
            # Stations that have shared a world share the new one.
            left = {state: state.restarted() for state in self._states()}
            self._state = left[self._state]
            self._own = {identity: left[state] for identity, state in self._own.items()}
            for identity, station in self._stations.items():
                station.forget(self._state_of(identity))

    def hang_up(self, reason: str) -> None:
        """Close every connection; who dials is let in again."""
        for session in tuple(self._sockets):
            session.close(reason)
            self._hang_up(session, CloseCode.GOING_AWAY, reason)

    @property
    def port(self) -> int:
        """Where it listens, at the first of its addresses.

        Raises:
            RuntimeError: it does not.
        """
        return self.ports[0]

    @property
    def ports(self) -> Sequence[int]:
        """Where it listens, at each of its addresses.

        Raises:
            RuntimeError: it does not.
        """
        if not self._servers:
            raise RuntimeError("the CSMS has not been started")
        return [int(next(iter(server.sockets)).getsockname()[1]) for server in self._servers]

    @property
    def stations(self) -> Mapping[str, StationSession]:
        """Identity → every station that has connected or has been programmed for."""
        return MappingProxyType(self._stations)

    @property
    def transactions(self) -> TransactionBook:
        """All transactions of all stations."""
        return self._state.transactions

    async def wait_connected(self, identity: str) -> StationSession:
        """Return that station as soon as it has a connection."""
        station = self._stations.get(identity)
        if station is not None and station.connected:
            return station
        if identity not in self._waiting:
            self._waiting[identity] = asyncio.get_running_loop().create_future()
        # Others may wait for the same station: who gives up must not end their waiting.
        return await asyncio.shield(self._waiting[identity])

    async def wait_accepted(self, identity: str) -> StationSession:
        """Return that station as soon as it has a connection and its boot is accepted."""
        station = await self.wait_connected(identity)
        await station.accepted()
        return station

    def operate(
        self, identity: str, operation: str, fields: Mapping[str, Any] | None = None, *, raw: bool = False
    ) -> SentCall:
        """Do a version-neutral operation (see :meth:`ocpplab_runner.csms.assembly.Blocks.operation`).

        Args:
            identity: the station.
            operation: ``remote_start``, ``reset`` …
            fields: the verb's fields.
            raw: True sends a payload that breaks its schema.

        Returns:
            The call, which is on its way or queued; its ``future`` gives the answer.

        Raises:
            StationNotConnected: the station has no connection.
            OperationNotAvailable: the station's version has no such thing.
            NothingToOperateOn: no transaction runs, or nothing is reserved.
            InvalidMessage, ValueError: the fields make no valid message.
        """
        return self._station(identity).operate(operation, fields or {}, raw=raw)

    def call(
        self, identity: str, action: str, payload: Mapping[str, Any] | None = None, *, raw: bool = False
    ) -> SentCall:
        """Send any OCPP call.

        Raises:
            StationNotConnected: the station has no connection.
            InvalidMessage: the payload breaks its schema and ``raw`` is False.
        """
        return self._station(identity).call(action, {} if payload is None else payload, raw=raw)

    def program(self, identity: str, rule: ReplyRule | Mapping[str, Any]) -> None:
        """Set how a station's next calls are answered, whether it is connected or not.

        Raises:
            ValueError: the fields do not make a rule.
        """
        made = rule if isinstance(rule, ReplyRule) else ReplyRule.from_fields(rule)
        self._station(identity).rules.add(made)

    def answer_as_usual(self, identities: Iterable[str], delay: float = 0.0) -> None:
        """Drop every programmed answer to some stations, and answer all their calls alike: a case winds them up.

        Args:
            identities: of the stations.
            delay: seconds before each of their calls is answered.
        """
        for identity in identities:
            state = self._state_of(identity)
            # In the state, so that it also holds for who connects only now.
            state.config = replace(state.config, answer_delay={"": delay}, replies=())
            self._station(identity).rules = RuleBook()

    def sign_certificates(self, how: Signing, *, identity: str | None = None) -> None:
        """How requests for certificates are met from now on.

        Args:
            how: correctly, or with what is wrong about it.
            identity: of a station: in the world that it was given, where it was.
        """
        self._state_of(identity).signing = how

    def set_id_token(self, token: str, card: Any, *, identity: str | None = None) -> None:
        """Add or change a card; its expiry date counts from now.

        Args:
            token: its number.
            card: a status, or a mapping as in ``given.csms.id_tokens``.
            identity: of a station: in the world that it was given, where it was.

        Raises:
            ValueError: it is no card.
        """
        self._state_of(identity).cards.set(token, Card.from_given(card), now=utcnow())

    async def stop(self) -> None:
        """Close every connection and stop listening; no task is left. May be called more than once."""
        for server in self._servers:
            close(server)
        for server in self._servers:
            await server.wait_closed()
        if self._closing:
            await asyncio.wait(self._closing)
        if self._back is not None:
            self._back.cancel()
        self._close_patience()
        for waiting in self._waiting.values():
            waiting.cancel()
        self._waiting.clear()

    def _station(self, identity: str) -> StationSession:
        station = self._stations.get(identity)
        if station is None:
            station = self._stations[identity] = StationSession(identity, self._state_of(identity), self._observer)
        return station

    def _state_of(self, identity: str | None) -> CsmsState:
        return self._state if identity is None else self._own.get(identity, self._state)

    def _states(self) -> list[CsmsState]:
        return list(dict.fromkeys((self._state, *self._own.values())))

    def _close_patience(self) -> None:
        for state in self._states():
            state.patience.close()

    async def _serve_station(self, connection: Connection) -> None:
        ws, station = connection.ws, self._station(connection.identity)
        session = Session(
            version=connection.version,
            role=Role.CSMS,
            send_text=sender(ws),
            handler=station.handle,
            observer=station,
            next_id=self._next_id,
            call_timeout=self._state_of(connection.identity).config.call_timeout,
        )
        self._sockets[session] = ws
        replaced = station.connect(session)
        if replaced is not None:
            self._close_replaced(station, replaced)
        waiting = self._waiting.pop(connection.identity, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(station)
        end = Ended()
        try:
            end = await pump(ws, session)
        finally:
            self._sockets.pop(session, None)
            station.disconnect(session, end)

    def _close_replaced(self, station: StationSession, session: Session) -> None:
        """A station that connects again has lost its old connection, whether that knows it or not."""
        self._observer.note(station.identity, "connected again: the old connection is closed")
        session.close("the station has connected again")
        self._hang_up(session, CloseCode.NORMAL_CLOSURE, "connected again")

    def _hang_up(self, session: Session, code: CloseCode, reason: str) -> None:
        ws = self._sockets.get(session)
        if ws is not None:
            task = asyncio.get_running_loop().create_task(ws.close(code, reason))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
