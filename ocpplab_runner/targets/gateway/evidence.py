"""How a charger behind a Gateway is observed: at the socket of our own CSMS, or in the Gateway's log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.engine.recording.observations import UNKNOWN_ACTION, frame_observation, violation_observation
from ocpplab_runner.gateway.client import Charger, GatewayClient, GatewayError, LogBook, LoggedFrame, Skew
from ocpplab_runner.ocppj.records import FrameRecord, PeerViolation
from ocpplab_runner.ocppj.schema_breach import SchemaBreach, refused
from ocpplab_runner.ocppj.validation import validate_request, validate_response
from ocpplab_runner.plugin.events import Observation
from ocpplab_runner.vocabulary.versions import OcppVersion

#: Names of the evidence sources.
CSMS = "csms"
LOG = "gateway-log"
#: Seconds between two readings of a log.
_POLL = 0.5
#: Commands that are remembered, to put what they have set off after them.
_MARKS = 100
_KINDS = {2: "call", 3: "result", 4: "error"}

Hear = Callable[[Observation], None]


class CsmsEvidence:
    """The built-in CSMS's observer: what crosses its socket is the evidence.

    Args:
        hear: OCPP identity → the scenario's name of the charger, and where its observations go.
    """

    def __init__(self, hear: Mapping[str, tuple[str, Hear]]) -> None:
        self._hear = dict(hear)

    def frame(self, identity: str, record: FrameRecord) -> None:
        """A text has crossed."""
        if identity in self._hear:
            name, hear = self._hear[identity]
            observation = frame_observation(name, record)
            hear(Observation("frame", observation.name, name, observation.at, observation.fields, evidence=CSMS))

    def violation(self, identity: str, violation: PeerViolation) -> None:
        """The charger broke the protocol."""
        if identity in self._hear:
            name, hear = self._hear[identity]
            hear(violation_observation(name, "charger", violation))

    def fact(self, identity: str, name: str, fields: Mapping[str, Any]) -> None:
        """A connection has opened or closed."""
        if identity in self._hear:
            charger, hear = self._hear[identity]
            hear(Observation("fact", name, charger, clock.now(), dict(fields), source="inside", evidence=CSMS))

    def note(self, identity: str, text: str) -> None:
        """Something a reader of the trace wants."""
        if identity in self._hear:
            charger, hear = self._hear[identity]
            hear(Observation("note", f"CSMS: {text}", charger, clock.now(), evidence=CSMS))


class LogEvidence:
    """Reads a charger's log again and again and reports its frames, in order and each once.

    Args:
        client: the Gateway.
        charger: whose log.
        name: the scenario's name of it.
        version: that it speaks.
        hear: where observations go.
        delay: seconds by which an entry may be late.
        answers: whether the log holds answers too, not only calls.
    """

    def __init__(
        self,
        client: GatewayClient,
        charger: Charger,
        *,
        name: str,
        version: OcppVersion,
        hear: Hear,
        delay: float,
        answers: bool,
    ) -> None:
        self._client, self._charger, self._name = client, charger, name
        self._hear, self._delay, self._answers, self._version = hear, delay, answers, version
        self._book = LogBook(version)
        self._skew = Skew()
        self._marks: list[float] = []
        self._task: asyncio.Task[None] | None = None
        #: Everything up to here has been reported; seconds on the run's clock.
        self.watermark = clock.now() - delay

    def start(self) -> None:
        """Read from now on. An error that does not go away ends the case: there is no evidence any more."""
        if not self._answers:
            text = "the Gateway's log holds calls only: a valid call is taken for one that the CSMS has accepted"
            self._hear(Observation("note", text, self._name, clock.now(), evidence=LOG))
        self._task = asyncio.get_running_loop().create_task(self._follow())
        self._task.add_done_callback(_crash)

    async def stop(self) -> None:
        """Read no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await self._read()
            await asyncio.sleep(_POLL)

    async def _read(self) -> None:
        began = clock.now()
        # Seconds since 1970 at the zero of the run's clock.
        zero = clock.utcnow().timestamp() - clock.now()
        entries, answer = await self._client.log(self._charger)
        if answer.date is not None:
            self._skew.learn(answer.date.timestamp(), zero + answer.sent, zero + answer.received)
        arrived = clock.now()

        def moment(frame: LoggedFrame) -> float:
            if frame.stamp is None:
                return arrived
            # Clocks differ, but nothing has crossed later than it was read of.
            at = min(frame.stamp - self._skew.seconds - zero, arrived)
            return self._not_before_its_cause(at, frame.grain + self._skew.doubt)

        self._book.take(entries, moment)
        # From before the question: what is late by no more than the delay is in its answer.
        watermark = began - self._delay
        for at, frame in self._book.release(watermark):
            self._hear(logged_frame(frame, at, name=self._name, version=self._version, answerable=self._answers))
        self.watermark = watermark

    def mark(self) -> None:
        """Something is about to be set off."""
        self._marks.append(clock.now())
        del self._marks[:-_MARKS]

    def _not_before_its_cause(self, at: float, doubt: float) -> float:
        """A time that may have been just after a command is taken to have been: the charger was quiet before it."""
        return next((mark for mark in self._marks if mark - doubt <= at < mark), at)


def logged_frame(frame: LoggedFrame, at: float, *, name: str, version: OcppVersion, answerable: bool) -> Observation:
    """A frame of a log as an observation.

    Args:
        frame: what the log tells.
        at: when it crossed, in seconds on the run's clock.
        name: the scenario's name of the charger.
        version: that the charger speaks.
        answerable: whether the log holds answers too.
    """
    fields: dict[str, Any] = {
        "direction": "to_csms" if frame.to_csms else "to_charger",
        "type": _KINDS[frame.kind],
        "message_id": frame.message_id,
    }
    if frame.error is not None:
        fields |= {"error_code": frame.error[0], "error_description": frame.error[1]}
        if frame.payload:
            fields["payload"] = frame.payload
    else:
        fields["payload"] = frame.payload
    breach = _judged(version, frame)
    if breach is not None:
        fields["invalid"] = str(breach)
    action = frame.action or UNKNOWN_ACTION
    tie = frame.stamp if frame.tied else None
    return Observation("frame", action, name, at, fields, evidence=LOG, answerable=answerable, tie=tie)


def _judged(version: OcppVersion, frame: LoggedFrame) -> SchemaBreach | None:
    """How a frame breaks its schema: nobody else has looked at what a log tells."""
    if not frame.action or frame.error is not None:
        return None
    judge = validate_request if frame.kind == 2 else validate_response
    return refused(judge(version, frame.action, frame.payload))


def _crash(task: asyncio.Task[None]) -> None:
    """Tell the loop of an error that nobody awaits: whoever runs the case ends it."""
    if task.cancelled() or (error := task.exception()) is None:
        return
    context = {"message": "the Gateway's log cannot be read", "exception": error, "task": task}
    if isinstance(error, GatewayError):
        context["message"] = f"the Gateway's log cannot be read: {error}"
    task.get_loop().call_exception_handler(context)
