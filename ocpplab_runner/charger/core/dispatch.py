"""How the station answers the CSMS's calls: as its blocks say, unless a scenario has programmed the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any

from ocpplab_runner.charger.core.block import Block
from ocpplab_runner.charger.core.context import Context
from ocpplab_runner.charger.core.model import Registration
from ocpplab_runner.charger.core.services.station import REGISTRATION
from ocpplab_runner.ocppj.blocks import Mark
from ocpplab_runner.ocppj.frames import Call
from ocpplab_runner.ocppj.records import NO_REPLY, HandlerError, HandlerResult, NoReply, Reply
from ocpplab_runner.ocppj.reply_rules import Error, Garbage, Payload, ReplyRule, RuleBook
from ocpplab_runner.vocabulary.versions import OcppVersion


class Dispatch:
    """The handler of a station's sessions.

    A programmed payload, error, silence or garbage stands for a station that has not done what was asked: nothing else
    happens then. A patch or a delay alone changes only the answer.

    Args:
        context: the station.
        blocks: answer the calls.
    """

    __slots__ = ("_context", "_handlers", "_rules")

    def __init__(self, context: Context, blocks: Iterable[Block]) -> None:
        self._context = context
        self._handlers: dict[str, tuple[Block, Mark]] = {
            action: (block, mark)
            for block in blocks
            for action, mark in block.marks("answers", context.version).items()
        }
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
            session = self._context.connection.session
            if session is not None:
                session.send_raw(rule.answer.text)
            return NO_REPLY
        given = self._programmed(call, rule)
        return given if isinstance(given, Reply | NoReply | dict) else await given

    def _programmed(self, call: Call, rule: ReplyRule) -> HandlerResult | Awaitable[HandlerResult]:
        given = self._usual(call) if rule.answer is None else Reply({})
        if isinstance(given, Reply | NoReply | dict):
            return self._applied(given, rule)
        return self._applied_late(given, rule)

    async def _applied_late(self, given: Awaitable[HandlerResult], rule: ReplyRule) -> HandlerResult:
        return self._applied(await given, rule)

    @staticmethod
    def _applied(given: HandlerResult, rule: ReplyRule) -> HandlerResult:
        usual = given if isinstance(given, Reply | NoReply) else Reply(given)
        if isinstance(usual, NoReply):
            return usual
        action = rule.apply(usual.payload)
        if isinstance(action, Payload):
            # A programmed answer may break its schema: that is what some scenarios want.
            return Reply(action.payload, validate=False, then=usual.then)
        if isinstance(action, Error):
            raise HandlerError(action.code, action.description)
        return NO_REPLY

    def _usual(self, call: Call) -> HandlerResult | Awaitable[HandlerResult]:
        context = self._context
        if not context.powered:
            return NO_REPLY
        block, mark = self._handlers.get(call.action, (None, None))
        status = context.ask(REGISTRATION).status
        if status is not Registration.ACCEPTED:
            if context.version is OcppVersion.V16:
                if status is Registration.REJECTED:  # section 4.2; while Pending everything is answered
                    context.note(f"{call.action} is not answered: the boot of this station was rejected")
                    return NO_REPLY
            elif status is Registration.REJECTED or mark is None or not mark.more.while_pending:  # B02, B03
                raise HandlerError("SecurityError", "the boot of this station has not been accepted")
        if block is None or mark is None:
            # NotImplemented is for what OCPP itself does not know, and the session has given it (2.0.1 part 4, 4.3).
            raise HandlerError("NotSupported", f"this station does not do {call.action}")
        feature = mark.more.feature
        if feature not in context.config.features and feature != "Core":
            profile = "the profile " if context.version is OcppVersion.V16 else ""
            raise HandlerError("NotSupported", f"this station does not have {profile}{feature}")
        answer: HandlerResult = getattr(block, mark.method)(call.payload)
        return answer
