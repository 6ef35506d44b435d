"""A scenario's scripted validators, as EVerest's Auth module asks them through an ``auth_token_validator_API``."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ocpplab_runner import clock
from ocpplab_runner.authorization.codec import to_json
from ocpplab_runner.authorization.types import AuthorizationStatus, ProvidedIdToken, ValidationResult
from ocpplab_runner.authorization.validators import ScriptedValidator
from ocpplab_runner.everest import messages
from ocpplab_runner.everest.broker import BrokerError, Bus, Hear
from ocpplab_runner.everest.messages import MalformedError
from ocpplab_runner.everest.topics import Module, Topics
from ocpplab_runner.targets.everest.inside import Inside


class Validators:
    """Answers for those of the present case; between two cases nobody may charge.

    Args:
        bus: to the broker.
        topics: of the installation.
        modules: ids of the validators that Auth asks, in its order.
        inside: hears what they have said.
    """

    def __init__(self, bus: Bus, topics: Topics, modules: Sequence[str], inside: Inside) -> None:
        self._bus, self._topics, self._modules, self._inside = bus, topics, modules, inside
        self._scripts: Sequence[ScriptedValidator] = ()
        self._answers: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Be asked from now on."""
        for place, module_id in enumerate(self._modules):
            topic = self._topics.said_by(Module.TOKEN_VALIDATOR, module_id, "validate_token")
            await self._bus.listen(topic, self._asked(place, topic))

    def begin_case(self, scripts: Sequence[ScriptedValidator]) -> None:
        """Answer as the scenario says, the first for the first."""
        self._scripts = scripts

    def leave_case(self) -> None:
        """Nobody is asked any more."""
        self._scripts = ()
        for task in self._answers:
            task.cancel()

    def dated(self, result: ValidationResult, expires_in: float | None) -> ValidationResult:
        """A verdict with the date of its expiry."""
        if expires_in is None:
            return result
        return replace(result, expiry_time=clock.utcnow() + timedelta(seconds=expires_in))

    def _asked(self, place: int, topic: str) -> Hear:
        def hear(said: bytes, kept: bool) -> None:
            try:
                asked = messages.validation_request(said).value
            except MalformedError as error:
                self._inside.broken(topic, error)
                return
            task = asyncio.ensure_future(self._answer(place, asked))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

        return hear

    async def _answer(self, place: int, asked: messages.ValidationRequest) -> None:
        where = self._topics.with_prefix(asked.reply_to)
        if place >= len(self._scripts):
            await self._say(where, ValidationResult(AuthorizationStatus.INVALID))
            return
        script = self._scripts[place]
        verdict = script.judge(asked.token)
        if verdict.delay:
            await asyncio.sleep(verdict.delay)
        result = verdict.at(clock.utcnow())
        self._tell(script.name, asked.token, result)
        await self._say(where, result)

    async def _say(self, where: str, result: ValidationResult) -> None:
        with contextlib.suppress(BrokerError):  # it shows as a gap, and Auth counts it as Invalid
            await self._bus.publish(where, to_json(result))

    def _tell(self, name: str, token: ProvidedIdToken, result: ValidationResult) -> None:
        about: dict[str, object] = {"id_tag": token.id_token.value}
        if len(token.connectors) == 1:
            about["evse_id"] = token.connectors[0]
        if result.certificate_status is not None:
            told = str(getattr(result.certificate_status, "value", result.certificate_status))
            self._inside.fact("certificate_status", {"is": told, **about})
        written = to_json(result)
        details = {
            key: written[key]
            for key in ("evse_ids", "reservation_id", "certificate_status", "expiry_time")
            if key in written
        }
        if result.parent_id_token is not None:
            details["parent_id_token"] = result.parent_id_token.value
        self._inside.fact(
            "validation_result", {"is": str(result.authorization_status.value), "via": name, **details, **about}
        )
