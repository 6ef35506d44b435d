"""Authorization: verdicts of the CSMS on cards."""

from __future__ import annotations

from typing import Any

from ocpplab_runner.engine.interpreter.core.block import V2, V16, Block, shown_by_answer
from ocpplab_runner.engine.interpreter.core.facts import NO_FACTS, Fact, auth_status
from ocpplab_runner.ocppj.plug_and_charge import emaid, exchange


class Authorization(Block):
    """``auth_status`` via Authorize, for the card of the call."""

    versions = V16 | V2

    @shown_by_answer("Authorize", versions=V16)
    def authorized_v16(self, request: Any, answer: Any) -> list[Fact]:
        """Authorize.conf."""
        return [auth_status(answer["idTagInfo"], request["idTag"], "Authorize")]

    @shown_by_answer("DataTransfer", versions=V16)
    def authorized_contract(self, request: Any, answer: Any) -> list[Fact]:
        """Authorize of the application note on Plug & Charge."""
        told = exchange(request, answer)
        if told is None or told.message != "Authorize":
            return NO_FACTS
        return [auth_status(told.answer["idTokenInfo"], emaid(told.data), "Authorize")]

    @shown_by_answer("Authorize", versions=V2)
    def authorized_v2(self, request: Any, answer: Any) -> list[Fact]:
        """AuthorizeResponse."""
        return [auth_status(answer["idTokenInfo"], request["idToken"]["idToken"], "Authorize")]


AUTHORIZATION = (Authorization,)
