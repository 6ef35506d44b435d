"""How the station answers the CSMS's calls: as its dialect says, unless a scenario has programmed the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, Any

from ocpplab_runner.charger.model import Registration
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import NO_REPLY, HandlerError, HandlerResult, NoReply, Reply
from ocpplab_runner.ocppj.reply_rules import Error, Garbage, Payload, ReplyRule, RuleBook

if TYPE_CHECKING:
    from ocpplab_runner.charger.station import SimulatedCharger


class Replies:
    """The handler of a station's sessions.

    A programmed payload, error, silence or garbage stands for a station that has not done what was asked: nothing else
    happens then. A patch or a delay alone changes only the answer.
    """

    __slots__ = ("_rules", "_station")

    def __init__(self, station: SimulatedCharger) -> None:
        self._station = station
        self._rules = RuleBook()

    def program(self, fields: Mapping[str, Any]) -> None:
        """Add a rule from the fields of ``charger_reply``.

        Raises:
            ValueError: they do not make a rule.
        """
        self._rules.add(ReplyRule.from_fields(fields))

    def handle(self, call: Call) -> HandlerResult | Awaitable[HandlerResult]:
        """Answer a valid call; raises HandlerError for a CALLERROR."""
        rule = self._rules.take(call.action, call.payload) if len(self._rules) else None
        if rule is None:
            return self._usual(call)
        if rule.delay > 0 or isinstance(rule.answer, Garbage):
            return self._late(call, rule)
        return self._programmed(call, rule)

    async def _late(self, call: Call, rule: ReplyRule) -> HandlerResult:
        await asyncio.sleep(rule.delay)
        if isinstance(rule.answer, Garbage):
            session = self._station.uplink.session
            if session is not None:
                session.send_raw(rule.answer.text)
            return NO_REPLY
        return self._programmed(call, rule)

    def _programmed(self, call: Call, rule: ReplyRule) -> HandlerResult:
        usual: Reply | NoReply = Reply({})
        if rule.answer is None:
            given = self._usual(call)
            usual = given if isinstance(given, Reply | NoReply) else Reply(given)
        if isinstance(usual, NoReply):
            return usual
        action = rule.apply(usual.payload)
        if isinstance(action, Payload):
            return Reply(action.payload, validate=False, then=usual.then)
        if isinstance(action, Error):
            raise HandlerError(action.code, action.description)
        return NO_REPLY

    def _usual(self, call: Call) -> HandlerResult:
        station = self._station
        if not station.powered:
            return NO_REPLY
        status = station.registrar.status
        if status is Registration.REJECTED and station.dialect.silent_while_rejected:
            station.note(f"{call.action} is not answered: the boot of this station was rejected")
            return NO_REPLY
        pending = status is None or status is Registration.PENDING
        if status is not Registration.ACCEPTED and not (pending and station.dialect.allowed_while_pending(call.action)):
            raise HandlerError("SecurityError", "the boot of this station has not been accepted")
        return station.dialect.handle(call)
