"""Command results: what became of each command of the G4 routes, from evidence at the charger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from ocpplab_runner import clock
from ocpplab_runner.charger.core.model import CommandResult
from ocpplab_runner.gateway.server.commands import Command, charger_fields
from ocpplab_runner.gateway.server.records import ChargerRecord, Stored
from ocpplab_runner.gateway.server.runtime import ChargerRuntime
from ocpplab_runner.gateway.server.settings import Limits, Pessimism
from ocpplab_runner.ocppj.frames import CallError, CallResult
from ocpplab_runner.ocppj.records import FrameRecord

#: Seconds that a command waits for the CSMS's verdict or answer.
EVIDENCE_PATIENCE = 30.0
_NO_OUTCOME = f"no outcome within {EVIDENCE_PATIENCE:g} s"
#: Token statuses (EVerest) after which nothing more becomes of a presented card.
_GOOD_ENDS = frozenset({"Accepted", "UsedToStart", "UsedToStop"})
_BAD_ENDS = frozenset({"Rejected", "TimedOut", "Withdrawn"})
_CARDS = frozenset({Command.AUTHORIZE_ID_TAG, Command.START_SESSION})
#: What the charger may say of a verdict besides its status and who gave it; null where it does not.
_OF_A_VERDICT = ("evse_id", "parent_id_token", "reason")


class ResultStatus(StrEnum):
    """How far a command has come."""

    RECEIVED = "received"
    DEFERRED = "deferred"
    APPLIED = "applied"
    REJECTED = "rejected"
    EXPIRED = "expired"
    FAILED = "failed"


_OPEN = frozenset({ResultStatus.RECEIVED, ResultStatus.DEFERRED})


class Deployment(Protocol):
    """Whose command it is; see :class:`~ocpplab_runner.gateway.server.deployment.Deployment`, which is one."""

    record: ChargerRecord
    runtime: ChargerRuntime | None

    @property
    def id(self) -> str: ...

    @property
    def running(self) -> bool: ...

    async def perform(self, command: str, fields: Mapping[str, Any]) -> CommandResult: ...


@dataclass(slots=True)
class CommandRecord(Stored):
    """One command and what became of it."""

    id: str
    deployment_id: str
    identity: str
    event_type: str
    payload: dict[str, Any]
    status: str
    enqueued_at: str
    received_at: str
    updated_at: str
    visible_at: str
    detail: str | None = None
    result: dict[str, Any] | None = None


class CommandResults:
    """The commands of one charger, the oldest first.

    Args:
        limits: how many are kept, and how long one waits for a stopped charger.
        pessimism: how late a result can be read.
    """

    def __init__(self, limits: Limits, pessimism: Pessimism) -> None:
        self._limits = limits
        self._late = timedelta(seconds=pessimism.result_delay)
        self._commands: dict[str, CommandRecord] = {}
        self._watches: set[_Watch] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self.changed: Callable[[CommandRecord], None] = lambda record: None
        self.dropped: Callable[[CommandRecord], None] = lambda record: None

    def get(self, command_id: str) -> CommandRecord | None:
        """A command that can be read by now."""
        record = self._commands.get(command_id)
        return record if record is not None and _visible(record) else None

    def newest(self) -> list[CommandRecord]:
        """Every command that can be read by now, the newest first."""
        return [record for record in reversed(self._commands.values()) if _visible(record)]

    def all(self) -> list[CommandRecord]:
        """Every command, the oldest first."""
        return list(self._commands.values())

    def restore(self, records: Iterable[CommandRecord]) -> None:
        """Put back what an earlier process has kept; what was under way has no outcome any more."""
        for record in records:
            self._commands[record.id] = record
            if record.status == ResultStatus.RECEIVED:
                self.conclude(record, ResultStatus.FAILED, "the Gateway was restarted before the outcome was known")
            elif record.status == ResultStatus.DEFERRED:
                self._expire_later(record)

    async def submit(
        self, deployment: Deployment, command_id: str, command: Command, payload: Mapping[str, Any]
    ) -> CommandRecord:
        """Take a command; it is done at once where the charger runs, else when it does."""
        now = clock.timestamp()
        record = CommandRecord(
            command_id,
            deployment.id,
            deployment.record.identity,
            command.value,
            dict(payload),
            ResultStatus.RECEIVED.value,
            now,
            now,
            now,
            clock.timestamp(clock.utcnow() + self._late),
        )
        self._commands[command_id] = record
        while len(self._commands) > self._limits.results:
            oldest = next(iter(self._commands.values()))
            del self._commands[oldest.id]
            self.dropped(oldest)
        if deployment.running:
            await self._run(deployment, record)
        else:
            self.conclude(record, ResultStatus.DEFERRED, "the charger is offline; the command waits for it")
            self._expire_later(record)
        return record

    async def run_deferred(self, deployment: Deployment) -> None:
        """The charger runs again: do what has waited for it, in order."""
        for record in list(self._commands.values()):
            if record.status == ResultStatus.DEFERRED:
                await self._run(deployment, record)

    def conclude(
        self,
        record: CommandRecord,
        status: ResultStatus,
        detail: str | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> None:
        """A command has come further; what has ended stays as it is."""
        if record.status not in _OPEN:
            return
        record.status, record.detail = status.value, detail
        record.result = None if result is None else dict(result)
        record.updated_at = clock.timestamp()
        self.changed(record)

    def learn(self, record: CommandRecord, result: Mapping[str, Any]) -> None:
        """Something is known already of a command that goes on."""
        if record.status in _OPEN:
            record.result, record.updated_at = dict(result), clock.timestamp()
            self.changed(record)

    def close(self) -> None:
        """Nobody waits for evidence any more."""
        for watch in tuple(self._watches):
            watch.stop()
        for timer in self._timers:
            timer.cancel()

    async def _run(self, deployment: Deployment, record: CommandRecord) -> None:
        runtime = deployment.runtime
        assert runtime is not None
        command = Command(record.event_type)
        record.status, record.detail = ResultStatus.RECEIVED.value, None
        fields = charger_fields(command, record.payload)
        # It listens before the command is done: what it waits for may come at once.
        watch: _Watch | None = None
        if command in _CARDS:
            watch = _CardWatch(self, record, deployment, str(fields["id_tag"]))
        elif command is Command.PROXY_MESSAGE:
            watch = _AnswerWatch(self, record, deployment)
        done = await deployment.perform(command.value, fields)
        if done.status == "refused":
            self.conclude(record, ResultStatus.REJECTED, done.reason)
        elif watch is None:
            self.conclude(record, ResultStatus.APPLIED, result=done.detail)
        elif isinstance(watch, _AnswerWatch):
            watch.message_id = done.detail["message_id"]
            self.changed(record)
        else:
            self.changed(record)
        # A refusal ends the command, and not the watch.
        if watch is not None and record.status not in _OPEN:
            watch.stop()

    def _expire_later(self, record: CommandRecord) -> None:
        # An earlier process may have taken the command: the time that it had then counts.
        age = (clock.utcnow() - datetime.fromisoformat(record.enqueued_at)) / timedelta(seconds=1)

        def expire() -> None:
            self._timers.discard(timer)
            if record.status == ResultStatus.DEFERRED:
                self.conclude(record, ResultStatus.EXPIRED, "the charger did not come back in time")

        wait = max(0.0, self._limits.command_expiry - age)
        timer = asyncio.get_running_loop().call_later(wait, expire)
        self._timers.add(timer)

    def watching(self, watch: _Watch, on: bool) -> None:
        """Keep track of who waits."""
        (self._watches.add if on else self._watches.discard)(watch)


class _Watch:
    """Waits at a charger for what ends a command."""

    def __init__(self, results: CommandResults, record: CommandRecord, deployment: Deployment) -> None:
        self._results, self._record = results, record
        self._runtime = deployment.runtime
        assert self._runtime is not None
        self._runtime.facts.add(self.fact)
        self._runtime.frames.add(self.frame)
        self._timer = asyncio.get_running_loop().call_later(EVIDENCE_PATIENCE, self._late)
        results.watching(self, True)

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        """The charger says something from inside."""

    def frame(self, record: FrameRecord) -> None:
        """A frame has crossed."""

    def stop(self) -> None:
        """Wait no longer."""
        self._timer.cancel()
        if self._runtime is not None:
            self._runtime.facts.discard(self.fact)
            self._runtime.frames.discard(self.frame)
        self._results.watching(self, False)

    def _conclude(self, status: ResultStatus, detail: str | None, result: Mapping[str, Any] | None = None) -> None:
        self._results.conclude(self._record, status, detail, result)
        self.stop()

    def _late(self) -> None:
        self._conclude(ResultStatus.FAILED, _NO_OUTCOME)


class _CardWatch(_Watch):
    """Waits for the verdict on a presented card, and for what the charger makes of it."""

    def __init__(self, results: CommandResults, record: CommandRecord, deployment: Deployment, card: str) -> None:
        self._card = card.lower()
        self._verdict: dict[str, Any] = {}
        super().__init__(results, record, deployment)

    def fact(self, name: str, fields: Mapping[str, Any]) -> None:
        if str(fields.get("id_tag", "")).lower() != self._card:
            return
        if name in ("validation_result", "auth_status"):
            self._judged(fields)
        elif name == "token_status" and fields["is"] in _GOOD_ENDS:
            self._conclude(ResultStatus.APPLIED, None, {**self._verdict, "token_status": fields["is"]})
        elif name == "token_status" and fields["is"] in _BAD_ENDS:
            # A station that refuses without asking anyone says why only after that.
            asyncio.get_running_loop().call_soon(self._not_taken, fields["is"])

    def _judged(self, fields: Mapping[str, Any]) -> None:
        """The first word is the verdict; a validator then repeats it."""
        if not self._verdict:
            more = {name: fields.get(name) for name in _OF_A_VERDICT}
            self._verdict = {"id_tag": fields["id_tag"], "status": fields["is"], "via": fields.get("via"), **more}
            self._results.learn(self._record, self._verdict)

    def _not_taken(self, end: str) -> None:
        verdict = self._verdict.get("status", "no verdict")
        detail = f"the card was not taken: {verdict} ({end})"
        self._conclude(ResultStatus.REJECTED, detail, {**self._verdict, "token_status": end})

    def _late(self) -> None:
        self._conclude(ResultStatus.FAILED, _NO_OUTCOME, self._verdict or None)


class _AnswerWatch(_Watch):
    """Waits for the CSMS's answer to a message."""

    message_id: str | None = None

    def frame(self, record: FrameRecord) -> None:
        match record.message:
            case CallResult(message_id, payload) if message_id == self.message_id:
                self._conclude(ResultStatus.APPLIED, None, {"message_id": message_id, "response": payload})
            case CallError() as error if error.message_id == self.message_id:
                text = f"the CSMS answered {error.code}: {error.description}".rstrip(": ")
                self._conclude(ResultStatus.REJECTED, text, {"message_id": error.message_id, "code": error.code})
            case _:
                pass


def _visible(record: CommandRecord) -> bool:
    return record.visible_at <= clock.timestamp()
