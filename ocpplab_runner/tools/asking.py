"""One message, as a charger sends it, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocpplab_runner import clock
from ocpplab_runner.ocppj.frames import Answer, CallResult
from ocpplab_runner.ocppj.records import CallFailed, PeerViolation, SessionClosed
from ocpplab_runner.ocppj.schemas import actions, request_schema
from ocpplab_runner.scenario.suggest import did_you_mean
from ocpplab_runner.tools.dialling import Dialling, Line, Listener, boot_payload, line
from ocpplab_runner.tools.payloads import breach_lines
from ocpplab_runner.vocabulary.directions import sends
from ocpplab_runner.vocabulary.texts import shortened
from ocpplab_runner.vocabulary.versions import OcppVersion


class WrongRequestError(ValueError):
    """No version that is offered has such a message; the text says why, a line for each reason."""


@dataclass(slots=True)
class Outcome:
    """What became of a call.

    Attributes:
        version: that the CSMS has picked.
        action: of the call.
        answer: CALLRESULT or CALLERROR; None where there was none.
        problem: why there was none.
        seconds: from the call to its answer.
        violations: what the CSMS did wrong.
    """

    version: OcppVersion
    action: str
    answer: Answer | None = None
    problem: str = ""
    seconds: float = 0.0
    violations: list[PeerViolation] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the CSMS has answered with a result, as the specification wants it."""
        return isinstance(self.answer, CallResult) and not any(one.weight == "must" for one in self.violations)


def fitting(action: str, payload: Any, versions: Sequence[OcppVersion]) -> tuple[OcppVersion, ...]:
    """The versions in which a charger may send this.

    Raises:
        WrongRequestError: there is none among them.
    """
    found = [version for version in versions if not any(_wrong(version, action, payload))]
    if found:
        return tuple(found)
    if not any(action in actions(version) for version in versions):
        names = set().union(*(actions(version) for version in versions))
        hint = did_you_mean(action, names)
        raise WrongRequestError(
            f"OCPP {', '.join(versions)} {'has' if len(versions) == 1 else 'have'} no action {shortened(action)}"
            + (f"; {hint}" if hint else "")
        )
    lines: dict[str, list[str]] = {}
    for version in versions:
        for wrong in _wrong(version, action, payload):
            lines.setdefault(wrong, []).append(version)
    raise WrongRequestError("\n".join(f"OCPP {', '.join(where)}{wrong}" for wrong, where in lines.items()))


def _wrong(version: OcppVersion, action: str, payload: Any) -> Iterator[str]:
    """What is wrong with a message of ours in that version, and what may have been meant."""
    if action not in actions(version):
        yield f": no action {shortened(action)}"
        return
    if not sends("charger", version, action):
        yield f" {action}: that is for the CSMS to send"
        return
    for breach in breach_lines(request_schema(version, action), version, payload):
        yield f" {action}: {breach}"


async def ask(
    dialling: Dialling,
    versions: Sequence[OcppVersion],
    action: str,
    payload: Any,
    *,
    boot: bool = False,
    listener: Listener = lambda event: None,
) -> list[Outcome]:
    """Connect, send a message and wait for its answer.

    Args:
        dialling: the way there.
        versions: to offer.
        action: of the message; it is sent as it is, whatever a schema says.
        payload: any JSON.
        boot: send a BootNotification first, and nothing more unless it is accepted.
        listener: hears of frames and violations.

    Returns:
        The outcome of each call, the boot's first.

    Raises:
        ConnectRefused: there is no connection.
        ValueError: the URL is none, or a file of certificates cannot be used.
    """
    ws, version = await dialling.connect(versions)
    outcomes: list[Outcome] = []
    async with line(ws, version, dialling, listener) as asking:
        if boot:
            outcomes.append(await _call(asking, "BootNotification", boot_payload(version, "call")))
            answer = outcomes[0].answer
            if not isinstance(answer, CallResult) or answer.payload.get("status") != "Accepted":
                return outcomes
        outcomes.append(await _call(asking, action, payload))
    return outcomes


async def _call(asking: Line, action: str, payload: Any) -> Outcome:
    outcome = Outcome(asking.session.version, action)
    before, began = len(asking.heard.violations), clock.now()
    try:
        outcome.answer = await asking.session.call(action, payload, validate=False)
    except SessionClosed:
        outcome.problem = str(await asking.end())
    except CallFailed as failed:
        outcome.problem = str(failed)
    outcome.seconds = clock.now() - began
    outcome.violations = asking.heard.violations[before:]
    return outcome
