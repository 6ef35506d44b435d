"""The connection to EVerest's broker: messages by topic, requests with their answers, and what happens when it goes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from ssl import SSLContext
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import aiomqtt

from ocpplab_runner import clock
from ocpplab_runner.everest.obstacles import in_plain_words, obstacle
from ocpplab_runner.everest.topics import Topics
from ocpplab_runner.ocppj.tls import ClientTls

#: Payload of a message, and whether the broker had kept it from before we came.
Hear = Callable[[bytes, bool], None]
#: The same with the topic before it.
Overhear = Callable[[str, bytes, bool], None]
_PORTS = {"mqtt": 1883, "mqtts": 8883}
#: What it says to the log is told here as errors; that many messages wait is no news at the start of a run.
_SILENT = logging.getLogger(f"{__name__}.client")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
#: Seconds between two attempts to come back.
_PAUSE = 0.5
#: Seconds that the broker has to take a message.
_PUBLISHING = 5.0


class BrokerError(Exception):
    """The broker cannot be reached, has gone, or nobody behind it answers; the text never holds a password."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and who we are to it.

    Attributes:
        host: its name or address.
        port: its port.
        user: None for nobody in particular.
        password: of the user.
        tls: whether the connection is encrypted.
        ca: file of the CAs to trust besides the system's.
        cert: file of our own certificate.
        key: file of its key; None where it is in the same one.
    """

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    @classmethod
    def from_url(cls, url: str, *, ca: str | None = None, cert: str | None = None, key: str | None = None) -> Broker:
        """From ``mqtt://[user:password@]host[:port]`` or ``mqtts://…``.

        Raises:
            ValueError: it is no such URL, or files are given that only TLS uses; the text never holds a password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("`broker` is mqtt://HOST[:PORT] or mqtts://HOST[:PORT]") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("`broker` is mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
        encrypted = parts.scheme == "mqtts"
        for name, file in {"ca": ca, "cert": cert, "key": key}.items():
            if file is not None and not encrypted:
                raise ValueError(f"`{name}` has no meaning without TLS: the broker is mqtts://…")
        if key is not None and cert is None:
            raise ValueError("`key` needs `cert`")
        made = cls(
            parts.hostname,
            port or _PORTS[parts.scheme],
            None if parts.username is None else unquote(parts.username),
            None if parts.password is None else unquote(parts.password),
            encrypted,
            ca,
            cert,
            key,
        )
        if made.trust is not None:
            # A file that cannot be used is told now, not by a broker that is not reached.
            made.trust.context("")
        return made

    def as_user(self, user: str | None, password: str | None) -> Broker:
        """The same with a user and a password that stand elsewhere; those of the URL go before.

        Raises:
            ValueError: a user has no password.
        """
        made = self
        if made.user is None and user is not None:
            made = replace(made, user=user)
        if made.user is not None and made.password is None:
            made = replace(made, password=password)
        if user is not None and made.password is None:
            raise ValueError(f"the user {user} has no password")
        return made

    @property
    def shown(self) -> str:
        """Its URL without what nobody may see."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    @property
    def trust(self) -> ClientTls | None:
        """Whom we trust with TLS, and what we show; None without it."""
        return ClientTls(self.ca, self.cert, self.key) if self.tls else None

    def context(self) -> SSLContext | None:
        """For TLS; None without.

        Raises:
            ValueError: a file cannot be used.
        """
        return None if self.trust is None else self.trust.context("")


class Bus:
    """Our place on one broker, for all installations there.

    Args:
        broker: where it is.

    Attributes:
        gaps: when the broker was away, in seconds on the run's clock; the end of a gap that lasts is None.
        problem: why it was not reached the last time, in words; empty where there was nothing.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._hear: dict[str, list[Hear]] = {}
        self._client: aiomqtt.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self.problem = ""
        self._overhear: dict[str, Overhear] = {}
        self.gaps: list[tuple[float, float | None]] = []

    async def open(self, limit: float) -> None:
        """Connect; afterwards whoever has gone is tried again for as long as this is open.

        Raises:
            BrokerError: it cannot be reached within so many seconds.
        """
        self._task = asyncio.ensure_future(self._stay())
        try:
            async with asyncio.timeout(limit):
                await self._up.wait()
        except TimeoutError:
            await self.close()
            if not self.problem:
                self.problem = await obstacle(self._broker.host, self._broker.port, self._broker.context())
            raise BrokerError(f"the broker {self._broker.shown} cannot be reached: {self.problem}") from None

    async def close(self) -> None:
        """Leave; what has broken a listener is raised, for nothing was heard after that."""
        task, self._task = self._task, None
        if task is None:
            return
        # Before Python 3.12 `asyncio.wait_for`, which the client connects by, loses a cancellation that comes at the
        # moment of its answer: who has not gone is told again.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=_PAUSE)
        with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
            task.result()

    async def listen(self, topic: str, hear: Hear) -> None:
        """Hear what is said on a topic from now on, also after the broker has been away."""
        known = self._hear.setdefault(topic, [])
        known.append(hear)
        if len(known) == 1 and self._client is not None:
            with contextlib.suppress(aiomqtt.MqttError):  # coming back subscribes to all
                await self._client.subscribe(topic)

    async def overhear(self, pattern: str, hear: Overhear) -> None:
        """Hear all that is said on topics from now on; whoever overhears has a bus that does nothing else.

        Args:
            pattern: of topics, with ``+`` and ``#``.
            hear: told of each message.
        """
        self._overhear[pattern] = hear
        if self._client is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await self._client.subscribe(pattern)

    async def deafen(self, topic: str) -> None:
        """Hear nothing more of a topic."""
        self._hear.pop(topic, None)
        if self._client is not None:
            with contextlib.suppress(aiomqtt.MqttError):
                await self._client.unsubscribe(topic)

    async def publish(self, topic: str, payload: Any) -> None:
        """Say something: a text as it is, anything else as JSON.

        Raises:
            BrokerError: the broker is away.
        """
        text = payload if isinstance(payload, str) else json.dumps(payload)
        client = self._client
        if client is None:
            raise BrokerError(f"the broker {self._broker.shown} has gone: {self.problem or 'the connection was lost'}")
        try:
            await client.publish(topic, text, qos=0, timeout=_PUBLISHING)
        except aiomqtt.MqttError as error:
            raise BrokerError(f"the broker {self._broker.shown} does not take a message: {error}") from None

    async def ask(self, topics: Topics, topic: str, payload: Any, limit: float) -> Any:
        """Ask something of an installation, and return the answer.

        Raises:
            BrokerError: the broker is away, nobody answers within so many seconds, or the answer is no JSON.
        """
        reply = topics.reply(uuid4().hex)
        where = topics.with_prefix(reply)
        answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def hear(said: bytes, kept: bool) -> None:
            if not answered.done() and not kept:
                answered.set_result(said)

        await self.listen(where, hear)
        try:
            await self.publish(topic, {"headers": {"replyTo": reply}, "payload": payload})
            async with asyncio.timeout(limit):
                said = await answered
        except TimeoutError:
            raise BrokerError(f"nobody answers on {topic} within {limit:g} s") from None
        finally:
            await self.deafen(where)
        try:
            return json.loads(said)
        except ValueError:
            raise BrokerError(f"the answer to {topic} is no JSON") from None

    async def collect(self, topics: Topics, topic: str, limit: float) -> list[Any]:
        """Ask everybody in an installation, and return what is answered within so many seconds; no JSON is left out.

        Raises:
            BrokerError: the broker is away.
        """
        reply = topics.reply(uuid4().hex)
        where = topics.with_prefix(reply)
        said: list[bytes] = []
        await self.listen(where, lambda payload, _: said.append(payload))
        try:
            await self.publish(topic, {"headers": {"replyTo": reply}, "payload": {}})
            await asyncio.sleep(limit)
        finally:
            await self.deafen(where)
        answers = []
        for one in said:
            with contextlib.suppress(ValueError):
                answers.append(json.loads(one))
        return answers

    async def _stay(self) -> None:
        """Connect, hear, and come back."""
        broker = self._broker
        while True:
            try:
                async with aiomqtt.Client(
                    broker.host,
                    broker.port,
                    username=broker.user,
                    password=broker.password,
                    tls_context=broker.context(),
                    timeout=_PUBLISHING,
                    logger=_SILENT,
                ) as client:
                    for topic in [*self._hear, *self._overhear]:
                        await client.subscribe(topic)
                    self._came(client)
                    async for message in client.messages:
                        self._tell(message)
            # ValueError: a file for TLS cannot be used any more. It may be mended as a broker may come back.
            except (aiomqtt.MqttError, OSError, ValueError) as error:
                self._went(in_plain_words(error, named=broker.user is not None))
            await asyncio.sleep(_PAUSE)

    def _tell(self, message: aiomqtt.Message) -> None:
        payload = message.payload
        said = payload if isinstance(payload, bytes) else b"" if payload is None else str(payload).encode()
        for hear in list(self._hear.get(message.topic.value, ())):
            hear(said, message.retain)
        for pattern, overhear in self._overhear.items():
            if message.topic.matches(pattern):
                overhear(message.topic.value, said, message.retain)

    def _came(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._up.set()
        if self.gaps and self.gaps[-1][1] is None:
            self.gaps[-1] = (self.gaps[-1][0], clock.now())

    def _went(self, problem: str) -> None:
        self.problem = problem
        # All attempts that fail while it is away belong to one gap.
        if self._client is not None:
            self._client = None
            self._up.clear()
            self.gaps.append((clock.now(), None))

    def was_away(self, since: float, until: float) -> bool:
        """Whether the broker was away at some moment of a time, in seconds on the run's clock."""
        return any(begin <= until and (end is None or end >= since) for begin, end in self.gaps)
