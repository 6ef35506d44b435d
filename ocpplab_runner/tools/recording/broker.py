"""What is said on EVerest's broker, written down: each message, and what it means."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.everest import messages
from ocpplab_runner.everest.broker import Broker, Bus
from ocpplab_runner.everest.facts import Told, facts_of_session, facts_of_token_status
from ocpplab_runner.everest.installation import discover, evse_ids
from ocpplab_runner.everest.messages import MalformedError
from ocpplab_runner.everest.topics import Module, Topics
from ocpplab_runner.ocppj.overheard import Reading
from ocpplab_runner.plugin.events import Event, Observation
from ocpplab_runner.tools.traffic.watching import Watch
from ocpplab_runner.vocabulary.versions import OcppVersion

#: What the one EVerest without a prefix is called.
_NAMELESS = "everest"
_EVIDENCE = "mqtt"
_OCPP = (Module.OCPP, "ocpp_message")
#: Said every second by every module, and worth nothing afterwards.
_NOISE = frozenset({"heartbeat", "communication_check"})


class BrokerRecording:
    """Listens to every EVerest on a broker, and tells of it; made on a running event loop.

    Args:
        broker: where it is.
        prefix: of the one EVerest to listen to; None for all.

    Attributes:
        messages: how many were heard.
        frames: how many of them were OCPP.
        everests: the names of those that have said something.
    """

    def __init__(self, broker: Broker, prefix: str | None = None) -> None:
        self._prefix = prefix
        self.bus = Bus(broker)
        # Another one: whoever overhears does nothing else by its connection.
        self._asking = Bus(broker)
        self._versions: dict[str, OcppVersion] = {}
        self._readings: dict[tuple[str, OcppVersion], Reading] = {}
        self._evses: dict[tuple[str, str], int] = {}
        self._watch = Watch(self._versions.__getitem__, evidence=_EVIDENCE)
        self._began = clock.now(), clock.utcnow()
        self.messages = self.frames = 0
        self.everests: dict[str, None] = {}

    def moment(self, at: float) -> datetime:
        """Date and time of a point of time on the loop's clock."""
        began, moment = self._began
        return moment + timedelta(seconds=at - began)

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Tell ``listener`` every event from now on."""
        self._watch.subscribe(listener)

    async def start(self, limit: float) -> None:
        """Find out which EVSEs there are, then listen.

        Args:
            limit: seconds in which the broker must be reached.

        Raises:
            BrokerError: it cannot be.
        """
        await self._asking.open(limit)
        try:
            topics = Topics(self._prefix or "")
            managers = (await discover(self._asking, topics)).get(Module.EVSE_MANAGER, ())
            found = await evse_ids(self._asking, topics, [one.module_id for one in managers])
        finally:
            await self._asking.close()
        self._evses = {(topics.prefix, module): evse for evse, module in found.items()}
        await self.bus.open(limit)
        await self.bus.overhear("#", self._hear)

    async def stop(self) -> None:
        """Listen no more."""
        await self.bus.close()

    def _hear(self, topic: str, said: bytes, kept: bool) -> None:
        prefix = Topics.prefix_of(topic)
        if prefix is None or self._prefix not in (None, prefix) or topic.rsplit("/", 1)[-1] in _NOISE:
            return
        name = prefix.rstrip("_-/.") or _NAMELESS
        self.everests[name] = None
        self.messages += 1
        meant = Topics(prefix).said(topic)
        if meant is None or meant[::2] != _OCPP:  # those stand there as frames
            told = {"topic": topic, "payload": _value(said), **({"kept": True} if kept else {})}
            self._tell(name, "note", f"mqtt {topic}", told)
        # What the broker has kept was said before this recording, nobody knows when: it shows nothing that happened.
        if kept or meant is None:
            return
        try:
            self._read(name, prefix, meant, said)
        except MalformedError as error:
            fields = {"by": "charger", "weight": "must", "description": f"{topic}: {error}", "path": error.path}
            self._tell(name, "violation", "everest-type", fields)

    def _read(self, name: str, prefix: str, meant: tuple[str, str, str], said: bytes) -> None:
        facts: list[Told] = []
        match meant:
            case _ if meant[::2] == _OCPP:
                self._frame(name, messages.ocpp_message(said).value)
            case (Module.AUTH, _, "token_validation_status"):
                facts.extend(facts_of_token_status(messages.token_status(said).value))
            case (Module.EVSE_MANAGER, module, "session_event"):
                facts.extend(facts_of_session(messages.session_event(said).value, self._evses.get((prefix, module))))
        for fact, fields in facts:
            self._tell(name, "fact", fact, dict(fields))

    def _frame(self, name: str, told: messages.OcppText) -> None:
        version = told.version or self._versions.get(name)
        if version is None:
            return  # nothing says how to read it
        if self._versions.get(name) is not version:
            self._versions[name] = version
            self._watch.fact(name, "connection", {"is": "opened"})
        self.frames += 1
        reading = self._readings.setdefault((name, version), Reading(version))
        record, violations = reading.read(told.text, told.direction, clock.now())
        self._watch.frame(name, record)
        for violation in violations:
            self._watch.violation(name, violation, told.direction.sender)

    def _tell(self, station: str, kind: Any, name: str, fields: dict[str, Any]) -> None:
        self._watch.tell(Observation(kind, name, station, clock.now(), fields, source="inside", evidence=_EVIDENCE))


def _value(said: bytes) -> Any:
    """As JSON, else as text."""
    text = said.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
