"""What takes hands at a station: the rig does it, else the operator, else nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from ocpplab_runner.plugin.rig import Rig
from ocpplab_runner.plugin.stage import AskOperator, BlockedError, InfrastructureError, Outcome
from ocpplab_runner.targets.station import prompts
from ocpplab_runner.vocabulary.durations import format_duration

#: What would help where nobody is.
HELP = "a `rig` in ocpplab.yaml could do it, or a person with --interactive"
_CANNOT = frozenset({"n", "no"})


def why_not(rig: Rig | None, operator: bool, verb: str, fields: Collection[str]) -> str | None:
    """Why nobody can do a verb with these fields, in one sentence; None when somebody can.

    Args:
        rig: of the target.
        operator: whether a person can be asked.
        verb: of the charger or the world.
        fields: names of the fields that are given.
    """
    of_rig = rig.why_not(verb, fields) if rig is not None and verb in rig.verbs else None
    if rig is not None and verb in rig.verbs and of_rig is None:
        return None
    of_person = prompts.why_not(verb, fields) if operator else None
    if operator and of_person is None:
        return None
    if of_rig is None and verb not in prompts.VERBS:
        return f"no hand can {verb}; a `rig` that reaches into the station could"
    return of_rig or of_person or f"nobody is there to {verb}; {HELP}"


class Hands:
    """At one station.

    Args:
        station: identity.
        rig: of the target.
        ask: puts a question to the operator; None when nobody is there.
        limit: seconds that a person has.
    """

    def __init__(self, station: str, rig: Rig | None, ask: AskOperator | None, limit: float) -> None:
        self._station, self._rig, self._ask, self._limit = station, rig, ask, limit

    def can(self, verb: str, fields: Collection[str] = ()) -> bool:
        """Whether somebody can."""
        return why_not(self._rig, self._ask is not None, verb, fields) is None

    def rigged(self, verb: str) -> bool:
        """Whether the rig can, without anybody being asked."""
        return self._rig is not None and verb in self._rig.verbs

    async def do(self, verb: str, fields: Mapping[str, Any]) -> Outcome:
        """Have it done.

        Raises:
            BlockedError: nobody can.
            InfrastructureError: the rig is in trouble, or it or the operator has taken too long.
        """
        given = {name: value for name, value in fields.items() if value is not None}
        reason = why_not(self._rig, self._ask is not None, verb, given)
        if reason is not None:
            raise BlockedError(reason)
        if self._rig is not None and verb in self._rig.verbs and self._rig.why_not(verb, given) is None:
            return await self._by_rig(self._rig, verb, given)
        assert self._ask is not None
        return await self._by_operator(self._ask, verb, given)

    async def _by_rig(self, rig: Rig, verb: str, fields: Mapping[str, Any]) -> Outcome:
        try:
            async with asyncio.timeout(rig.limit):
                return await rig.perform(self._station, verb, fields)
        except TimeoutError:
            limit = format_duration(rig.limit)
            raise InfrastructureError(f"rig: {verb} was not done within {limit}", reached=True) from None

    async def _by_operator(self, ask: AskOperator, verb: str, fields: Mapping[str, Any]) -> Outcome:
        answer = await ask(prompts.prompt(self._station, verb, fields, self._limit), self._limit)
        if answer is None:
            limit = format_duration(self._limit)
            raise InfrastructureError(f"the operator has not said within {limit} that {verb} is done", reached=True)
        if answer.strip().lower() in _CANNOT:
            raise BlockedError(f"the operator cannot do {verb} at {self._station}")
        return Outcome()
